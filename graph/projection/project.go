package projection

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
)

// projectOf compiles the project of a job, bridge or pipeline, of which the number is known, or the path.
func (c *compiler) projectOf(at *scope, f graphql.CollectedField) emit {
	inner := &scope{typeName: "Project", source: at.source, above: at}
	inner.owner = func(r *row) (owner, bool) {
		o, there := at.owner(r)
		return owner{project: o.project, path: o.path}, there
	}
	object := c.object(inner, f.Selections, c.projectField)
	return func(w *writer, r *row) { w.object(object, r) }
}

// projectField compiles a field of a project.
func (c *compiler) projectField(at *scope, f graphql.CollectedField) emit {
	switch f.Name {
	case "__typename":
		return literal(`"Project"`)
	case "id":
		number := c.projectNumber(at, f)
		return func(w *writer, r *row) { w.quoted(gid.Project(number(w, r))) }
	case "databaseId":
		number := c.projectNumber(at, f)
		return func(w *writer, r *row) { w.integer(number(w, r)) }
	case "fullPath", "webUrl":
		return c.projectLeaf(at, f, func(*row) bool { return true })
	case "ciJobTokenScopeEnabled":
		return c.scopeEnabled(at, f)
	case "jobs":
		return c.list(projectJobs, c.job, at, f)
	}
	if at.above != nil {
		return c.uncovered() // the executor remembers what led to the project: a list has its jobs, a job says more of it to its pipelines
	}
	switch f.Name {
	case "job":
		return c.jobAt(f, at.source, at.owner)
	case "pipeline":
		return c.pipelineAt(f, at.source, at.owner)
	}
	return c.uncovered()
}

// projectLeaf compiles what only the project itself tells: where it is not at hand, it is fetched for the rows that lack what is asked for.
func (c *compiler) projectLeaf(at *scope, f graphql.CollectedField, lacking func(*row) bool) emit {
	l := c.leaves["Project"][f.Name]
	if at.shape != nil {
		return c.leaf(at, l)
	}
	s := c.wholeProject(at, f, lacking)
	write := c.leaf(&scope{shape: s.layout.root, source: s}, l)
	return func(w *writer, r *row) { write(w, r.of.below[s.place][r.at].rows[0]) }
}

// wholeProject is the source of the project around, one for all the fields of a selection that want it.
func (c *compiler) wholeProject(at *scope, f graphql.CollectedField, lacking func(*row) bool) *source {
	at.lacking = append(at.lacking, lacking)
	if at.project == nil {
		at.project = c.add(wholeProject, f, c.project, at.source, func(r *row) (owner, bool) {
			o, there := at.owner(r)
			there = there && slices.ContainsFunc(at.lacking, func(lacking func(*row) bool) bool { return lacking(r) })
			return owner{project: o.project, path: o.path}, there
		})
	}
	return at.project
}

// projectNumber is the number of the project around. Where something was addressed by the project's path, the project itself tells it; where a row
// should tell it and does not, the executor has to find out.
func (c *compiler) projectNumber(at *scope, f graphql.CollectedField) func(*writer, *row) int64 {
	whole := func(w *writer, r *row) int64 { w.aside(); return 0 }
	if at.source.kind == wholeProject {
		whole = func(_ *writer, r *row) int64 { return r.id }
	} else if at.source.kind == addressedProject || at.source.kind == addressedPipeline || at.source.kind == wholePipeline {
		s := c.wholeProject(at, f, func(r *row) bool { o, _ := at.owner(r); return o.project == 0 })
		whole = func(_ *writer, r *row) int64 { return r.of.below[s.place][r.at].rows[0].id }
	}
	return func(w *writer, r *row) int64 {
		if o, _ := at.owner(r); o.project != 0 {
			return o.project
		}
		return whole(w, r)
	}
}

// scopeEnabled is what a job says of its project, or the project itself.
func (c *compiler) scopeEnabled(at *scope, f graphql.CollectedField) emit {
	if at.above == nil || at.above.shape == nil || at.above.typeName == "Pipeline" {
		return c.projectLeaf(at, f, func(*row) bool { return true })
	}
	l := at.source.layout
	carried, _ := l.object(at.above.shape, "project")
	enabled := l.slot(carried, "ci_job_token_scope_enabled")
	lacking := func(r *row) bool { return r.spans[enabled].what == absent || r.spans[enabled].what == null }
	whole := c.projectLeaf(at, f, lacking)
	return func(w *writer, r *row) {
		if lacking(r) {
			whole(w, r)
		} else {
			w.verbatim(r, r.spans[enabled])
		}
	}
}
