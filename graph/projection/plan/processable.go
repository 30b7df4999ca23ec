package plan

import (
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/model"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/restclient"
)

// jobScope is the scope of rows that are jobs or trigger jobs.
func jobScope(s *Step, layout *jsonscan.Layout, rows Rows) *scope {
	name := "Job"
	if rows == BridgeRows {
		name = "Bridge"
	}
	at := &scope{typeName: name, layout: layout, shape: layout.Root, step: s,
		owner: &Owner{Kind: OfJob, Project: projectSlot(layout)}}
	at.ofJob = name == "Job"
	if s.Kind == StageJobs {
		at.rows = rows
	}
	return at
}

// jobs is jobScope for jobs that belong to the object at hand: if it is a pipeline, they share its
// lists.
func (at *scope) jobs(s *Step, layout *jsonscan.Layout, rows Rows) *scope {
	inner := jobScope(s, layout, rows)
	if at.typeName == "Pipeline" {
		inner.home = at
	}
	return inner
}

// projectSlot selects the number of a job's project, which is in the job's pipeline.
func projectSlot(l *jsonscan.Layout) int {
	pipeline, _ := l.Object(l.Root, "pipeline")
	return l.Slot(pipeline, "project_id")
}

// processableField compiles what jobs and trigger jobs have beyond what one key answers; false for
// the rest.
func (c *compilation) processableField(at *scope, f graphql.CollectedField) (Field, bool) {
	switch f.Name {
	case "id":
		if at.typeName == "Bridge" {
			return Field{Op: WriteBridgeID, Owner: at.owner}, true
		}
		return Field{Op: WriteJobID, Owner: at.owner}, true
	case "pipeline":
		return c.stub(at, f, "pipeline"), true
	case "project":
		return c.projectOf(at, f), true
	}
	switch {
	case f.Name == "active", f.Name == "complete", f.Name == "playable":
		return c.byStatus(at, f.Name), true
	case f.Name == "retryable":
		return c.retryable(at), true
	case at.typeName == "Bridge" && f.Name == "downstreamPipeline":
		return c.stub(at, f, "downstream_pipeline"), true
	case at.typeName == "Bridge":
		return Field{}, false
	case f.Name == "artifacts":
		return c.artifacts(at, f), true
	case f.Name == "cancelable":
		return c.byStatus(at, f.Name), true
	case f.Name == "erasable":
		return c.erasable(at), true
	case f.Name == "retried":
		return Field{Op: WriteRetried, Step: c.attemptsOf(at, f)}, true
	case f.Name == "attempts":
		return c.attempts(at, f), true
	}
	return Field{}, false
}

// retryable compiles whether a retry is possible; some failures of trigger jobs are final.
func (c *compilation) retryable(at *scope) Field {
	compiled := c.byStatus(at, "retryable")
	if at.typeName == "Bridge" {
		compiled.Also = &Test{Reason: at.layout.Slot(at.shape, "failure_reason"), Final: model.FinalReasons}
	}
	return compiled
}

// erasable compiles whether a job has left anything behind.
func (c *compilation) erasable(at *scope) Field {
	compiled := c.byStatus(at, "erasable")
	compiled.Also = &Test{Reason: None,
		Present: []int{at.layout.Slot(at.shape, "artifacts"), at.layout.Slot(at.shape, "artifacts_file")}}
	return compiled
}

// byStatus compiles what follows from a status, by the model's own methods. What archived jobs can
// no longer do is false for them.
func (c *compilation) byStatus(at *scope, name string) Field {
	words := map[string][]byte{}
	for _, s := range model.Statuses {
		words[`"`+s+`"`] = strconv.AppendBool(nil, holds(at.typeName, name, s))
	}
	compiled := Field{Op: WriteBoolean, Slot: at.layout.Slot(at.shape, "status"), Other: None, Words: words,
		Text: strconv.AppendBool(nil, holds(at.typeName, name, model.Unknown))}
	if name == "retryable" || name == "playable" {
		compiled.Other = at.layout.Slot(at.shape, "archived")
	}
	return compiled
}

// holds reports, by the model's rule, whether a predicate holds in a status.
func holds(typeName, predicate, status string) bool {
	var of interface {
		Active() bool
		Complete() bool
	}
	switch typeName {
	case "Job":
		j := &model.Job{Job: &restclient.Job{Status: restclient.Text(status), ArtifactsFile: &restclient.ArtifactsFile{}}}
		switch predicate {
		case "cancelable":
			return j.Cancelable()
		case "retryable":
			return j.Retryable()
		case "playable":
			return j.Playable()
		case "erasable":
			return j.Erasable()
		}
		of = j
	case "Bridge":
		b := &model.Bridge{Bridge: &restclient.Bridge{Status: restclient.Text(status)}}
		switch predicate {
		case "retryable":
			return b.Retryable()
		case "playable":
			return b.Playable()
		}
		of = b
	default:
		of = &model.Pipeline{Pipeline: &restclient.Pipeline{Status: status}}
	}
	if predicate == "active" {
		return of.Active()
	}
	return of.Complete()
}

// stub compiles the pipeline inside a job or trigger job.
func (c *compilation) stub(at *scope, f graphql.CollectedField, key string) Field {
	inner := stubScope(at, key)
	inner.siblings = astFields(c.collect(f.Selections, "Pipeline"))
	object := c.object(inner, f.Selections, c.field)
	return Field{Op: WriteObject, Slot: inner.owner.Present, Object: object, Closed: closed(object)}
}

// stubScope is the scope of the pipeline at a key of a job or trigger job. One that does not name
// its project belongs to the job's; a downstream one may belong to any.
func stubScope(at *scope, key string) *scope {
	shape, present := at.layout.Object(at.shape, key)
	owner := &Owner{Kind: OfStub, Present: present, Pipeline: at.layout.Slot(shape, "id"),
		Project: at.layout.Slot(shape, "project_id")}
	if key == "pipeline" {
		owner.Around = at.owner
	} else {
		at.layout.Slot(shape, "web_url") // the executor derives the project from it if there is no number
	}
	return &scope{typeName: "Pipeline", layout: at.layout, shape: shape, step: at.step, rows: at.rows, above: at,
		owner: owner, stub: true, ofJob: at.ofJob}
}

// needFacts selects what rules about a list's jobs depend on: all of it for filters, some of it for
// grouping and counting.
func (l *List) needFacts(filter bool) {
	root := l.Layout.Root
	slot := func(to *int, key string) { *to = l.Layout.Slot(root, key) }
	slot(&l.Facts.Name, "name")
	slot(&l.Facts.Stage, "stage")
	slot(&l.Facts.Status, "status")
	slot(&l.Facts.AllowFailure, "allow_failure")
	if !filter {
		return
	}
	slot(&l.Facts.Tags, "tag_list")
	slot(&l.Facts.FailureReason, "failure_reason")
	runner, present := l.Layout.Object(root, "runner")
	l.Facts.Runner, l.Facts.RunnerID = present, l.Layout.Slot(runner, "id")
}

// needRef selects the branch or tag that a job is for: its pipeline's, or its own.
func (l *List) needRef() {
	pipeline, _ := l.Layout.Object(l.Layout.Root, "pipeline")
	l.Facts.PipelineRef, l.Facts.Ref = l.Layout.Slot(pipeline, "ref"), l.Layout.Slot(l.Layout.Root, "ref")
}

// artifacts compiles the connection of a job's artifacts, which are part of the job.
func (c *compilation) artifacts(at *scope, f graphql.CollectedField) Field {
	l := jsonscan.NewElementLayout(at.shape.ElementsOf("artifacts"))
	items := &Artifacts{
		Field: f.Field, Layout: l, Slot: at.layout.Slot(at.shape, "artifacts"), URL: at.layout.Slot(at.shape, "web_url"),
		Type: l.Slot(l.Root, "file_type"), Name: l.Slot(l.Root, "filename"),
	}
	if !hasVariables(f.Arguments) {
		arguments, ok := Bind(f.Field, nil)
		items.Arguments = &arguments
		c.failed = c.failed || !ok
	}
	item := &scope{typeName: "Artifact", layout: l, shape: l.Root}
	c.plan.Bytes += l.Bytes() + 2*allocation
	return Field{Op: WriteArtifacts, Items: items,
		Page: c.connection(f, item, func(at *scope, f graphql.CollectedField) Field {
			if f.Name == "downloadUrl" {
				return Field{Op: WriteDownloadURL}
			}
			return c.field(at, f)
		})}
}
