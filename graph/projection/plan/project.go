package plan

import (
	"github.com/99designs/gqlgen/graphql"
)

// projectOf compiles the project of a job, trigger job or pipeline, of which the number is known,
// or the path.
func (c *compilation) projectOf(at *scope, f graphql.CollectedField) Field {
	owner := *at.owner
	owner.Only = true
	inner := &scope{typeName: "Project", layout: at.layout, step: at.step, rows: at.rows, above: at, owner: &owner, stub: true}
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
	}
	if m := c.mapping.Type("Project").Fields[f.Name]; m != nil {
		return c.mapped(at, m, f)
	}
	if at.above != nil {
		// The executor takes a job from the list that led here, and the project's fields from those
		// that a job has.
		return c.uncovered()
	}
	switch f.Name {
	case "job":
		return c.jobAt(f, at, at.owner, "")
	case "pipeline":
		return c.pipelineAt(f, at, at.owner, "")
	}
	return c.uncovered()
}

// projectNumber returns the step that fetches the project whose number is not known, because it is
// addressed by its path; nil if the row itself has the number.
func (c *compilation) projectNumber(at *scope, f graphql.CollectedField) *Step {
	switch at.step.Kind {
	case AddressedProject, AddressedPipeline, SinglePipeline:
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
