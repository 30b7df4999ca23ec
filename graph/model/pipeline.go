package model

import (
	"encoding/json"
	"slices"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Pages of pipelines, as the schema names them.
type (
	PipelineConnection = relay.Connection[*Pipeline]
	PipelineEdge       = relay.Edge[*Pipeline]
)

// Pipeline is a pipeline by its address, with the fields loaded so far: all, some (the stub inside
// a job) or only its number.
type Pipeline struct {
	*restclient.Pipeline
	In    *Project
	Whole bool // fetched by its own call: a missing field is null
}

// NewPipeline returns the pipeline of a stub that a job or bridge of a project carries. A stub that
// does not name its project belongs to the same one.
func NewPipeline(p *restclient.Pipeline, in *Project) *Pipeline {
	if p == nil {
		return nil
	}
	if p.ProjectID != nil && *p.ProjectID != in.Number {
		in = &Project{Number: *p.ProjectID}
	}
	return &Pipeline{Pipeline: p, In: in}
}

// IsNode marks a pipeline as a Node.
func (*Pipeline) IsNode() {}

// DatabaseID is GitLab's number of the pipeline.
func (p *Pipeline) DatabaseID() int64 { return p.ID }

// Project is the project it belongs to.
func (p *Pipeline) Project() *Project { return p.In }

// Status is the pipeline's status in the graph's words.
func (p *Pipeline) Status() PipelineStatus { return word[PipelineStatus](Statuses, p.Pipeline.Status) }

// Active reports whether the pipeline is waiting or running.
func (p *Pipeline) Active() bool { return isActive(p.Pipeline.Status) }

// Complete reports whether the pipeline has ended.
func (p *Pipeline) Complete() bool { return isComplete(p.Pipeline.Status) }

// Coverage reads a pipeline's test coverage, which GitLab sends as a number or as a number in a
// string; nil for null.
func Coverage(raw json.RawMessage) (*json.Number, error) {
	var n *json.Number
	if err := json.Unmarshal(raw, &n); err != nil {
		return nil, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: err}
	}
	return n, nil
}

// Downstream returns the pipelines that trigger jobs have started, in the order of the trigger
// jobs, which are given newest first.
func Downstream(bridges []*Bridge) []Pipeline {
	pipelines := []Pipeline{}
	for _, b := range slices.Backward(bridges) {
		if p := b.DownstreamPipeline(); p != nil {
			pipelines = append(pipelines, *p)
		}
	}
	return pipelines
}

// Stage is a stage of a pipeline with the latest attempt of each of its jobs.
type Stage struct {
	Name string
	Jobs []Processable
}

// JobStatusCount is how many jobs are in one status.
type JobStatusCount struct {
	Status JobStatus
	Count  int
}
