package model

import (
	"slices"

	"jobgraph/graph/gid"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Node is an object with a global ID that node and nodes find.
type Node interface{ IsNode() }

// Processable is a job or a trigger job.
type Processable interface {
	Node
	IsProcessable()
	DatabaseID() int64
}

// Pages of jobs, as the schema names them.
type (
	JobConnection = relay.Connection[*Job]
	JobEdge       = relay.Edge[*Job]
)

// Job is a job and the project it belongs to, whose number is known.
type Job struct {
	*restclient.Job
	In *Project
}

// IsNode marks a job as a Node.
func (*Job) IsNode() {}

// IsProcessable marks a job as a Processable.
func (*Job) IsProcessable() {}

// ID is the global ID.
func (j *Job) ID() string { return gid.Job(j.In.Number, j.Job.ID) }

// DatabaseID is GitLab's number of the job.
func (j *Job) DatabaseID() int64 { return j.Job.ID }

// Status is the job's status in the graph's words; nil if GitLab sent none.
func (j *Job) Status() *JobStatus { return jobStatus(j.Job.Status) }

// Commit is the commit it runs for.
func (j *Job) Commit() *Commit { return newCommit(j.Job.Commit) }

// User is who started it.
func (j *Job) User() *User { return NewUser(j.Job.User) }

// Runner is the runner that took it.
func (j *Job) Runner() *Runner { return newRunner(j.Job.Runner) }

// RunnerManager is the machine that took it.
func (j *Job) RunnerManager() *RunnerManager { return newRunnerManager(j.Job.RunnerManager) }

// Pipeline is the pipeline it belongs to, as far as the job carries it.
func (j *Job) Pipeline() *Pipeline { return NewPipeline(j.Job.Pipeline, j.In) }

// Project is the project it belongs to.
func (j *Job) Project() *Project { return withScope(j.In, j.Job.Project) }

// Tags are the tags that a runner must have.
func (j *Job) Tags() []string { return present(j.TagList) }

// Artifacts returns one page of the job's artifacts.
func (j *Job) Artifacts(
	first *int, after *string, last *int, before *string, fileTypes []string,
) (*ArtifactConnection, error) {
	page, err := relay.Arguments{First: first, Last: last, After: after, Before: before}.Page(ArtifactList, 0)
	if err != nil {
		return nil, err
	}
	var all []*Artifact
	for i := range j.Job.Artifacts {
		a := &j.Job.Artifacts[i]
		if len(fileTypes) == 0 || slices.Contains(fileTypes, a.FileType) {
			all = append(all, &Artifact{Artifact: a, jobURL: string(j.WebURL)})
		}
	}
	return relay.Slice(all, page, ArtifactList, func(a *Artifact) string { return a.FileType + "/" + a.Filename }), nil
}

// Active reports whether the job is waiting or running.
func (j *Job) Active() bool { return isActive(j.Job.Status) }

// Complete reports whether the job has ended.
func (j *Job) Complete() bool { return isComplete(j.Job.Status) }

// Cancelable reports whether the status allows a cancel.
func (j *Job) Cancelable() bool { return j.Active() || j.Job.Status == "created" }

// Retryable reports whether the status allows a retry.
func (j *Job) Retryable() bool { return !j.Archived && isRetryable(j.Job.Status) }

// Playable reports whether the status allows a play.
func (j *Job) Playable() bool {
	return !j.Archived && (j.Job.Status == "manual" || j.Job.Status == "scheduled")
}

// Erasable reports whether there is something to erase.
func (j *Job) Erasable() bool {
	return j.Complete() && (len(j.Job.Artifacts) > 0 || j.ArtifactsFile != nil)
}

// LogSize returns the length of the job's log in bytes if GitLab sends it, as for some jobs that
// have ended; 0 otherwise.
func (j *Job) LogSize() int64 {
	for _, a := range j.Job.Artifacts {
		if a.FileType == "trace" && a.Size != nil && j.Complete() {
			return *a.Size
		}
	}
	return 0
}

// withScope returns the project of a job, with the job's information about it.
func withScope(in *Project, carried *restclient.JobProject) *Project {
	if carried == nil || carried.CIJobTokenScopeEnabled == nil {
		return in
	}
	p := *in
	p.ScopeEnabled = carried.CIJobTokenScopeEnabled
	return &p
}

// present returns a list for the graph: empty if REST left it out.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
