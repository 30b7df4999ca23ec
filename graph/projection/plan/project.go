package plan

import (
	"github.com/99designs/gqlgen/graphql"
)

// projectOf compiles the project of a job, trigger job or pipeline, of which the number is known,
// or the path.
func (c *compilation) projectOf(at *scope, f graphql.CollectedField) Field {
	owner := *at.owner
	owner.Only = true
	inner := &scope{typeName: "Project", layout: at.layout, step: at.step, rows: at.rows, above: at, owner: &owner,
		stub: true, ofJob: at.ofJob}
	if at.shape != nil && at.typeName != "Pipeline" {
		inner.carried = "project"
	}
	return Field{Op: WriteAround, Object: c.object(inner, f.Selections, c.projectField)}
}

// projectField compiles a field of a project.
func (c *compilation) projectField(at *scope, f graphql.CollectedField) Field {
	switch f.Name {
	case "__typename":
		return c.field(at, f)
	case "id":
		return Field{Op: WriteProjectID, Owner: at.owner, Step: c.projectNumber(at, f), Self: at.step.Kind == SingleProject}
	case "databaseId":
		return Field{Op: WriteProjectNumber, Owner: at.owner, Step: c.projectNumber(at, f),
			Self: at.step.Kind == SingleProject}
	case "jobs":
		return c.page(&Step{Kind: ProjectJobs, Owner: at.owner, Jobs: c.newList("Job")}, JobRows, at, f)
	case "pipelines":
		return c.pipelines(at, f)
	case "latestPipeline":
		return c.wholePipeline(&Step{Kind: LatestPipeline, Owner: at.owner}, f, at)
	case "job":
		return c.jobOf(at, f)
	case "pipeline":
		return c.pipelineAt(f, at, at.owner, "")
	}
	if m := c.mapping.Type("Project").Fields[f.Name]; m != nil {
		return c.mapped(at, m, f)
	}
	return c.uncovered()
}

// jobOf compiles one job of a project. If another job led to the project, and was read from a list,
// the REST page that had it may have this one too.
func (c *compilation) jobOf(at *scope, f graphql.CollectedField) Field {
	s := &Step{Kind: SingleJob, Owner: at.owner}
	if at.ofJob {
		s.SearchPage, s.Layout = true, at.layout
	}
	return c.single(s, at, f)
}

// pipelines compiles a page of a project's pipelines, which lack the fields that only a pipeline's
// own call answers.
func (c *compilation) pipelines(at *scope, f graphql.CollectedField) Field {
	l := c.newList("Pipeline")
	s := c.add(&Step{Kind: ProjectPipelines, Owner: at.owner, Pipelines: l}, f, at)
	node := c.pipelineRow(s, l.Layout)
	node.stub = true
	return Field{Op: WriteConnection, Step: s, Page: c.connection(f, node, c.field)}
}

// projectNumber returns the step that fetches the project whose number is not known, because it is
// addressed by its path; nil if the row itself has the number.
func (c *compilation) projectNumber(at *scope, f graphql.CollectedField) *Step {
	switch at.step.Kind {
	case AddressedProject, AddressedPipeline, SinglePipeline, LatestPipeline, ProjectPipelines:
		return c.completeProject(at, f)
	}
	return nil
}

func (c *compilation) completeProject(at *scope, f graphql.CollectedField) *Step {
	missing := Condition{Number: at.owner}
	if at.typeName == "Project" {
		return c.complete(at, f, missing)
	}
	if at.project == nil {
		owner := *at.owner
		owner.Only = true
		at.project = &scope{typeName: "Project", layout: at.layout, step: at.step, rows: at.rows, owner: &owner}
	}
	return c.complete(at.project, f, missing)
}
