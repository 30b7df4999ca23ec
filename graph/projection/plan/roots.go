package plan

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/selection"
)

// rootField compiles a field of the query itself.
func (c *compilation) rootField(f graphql.CollectedField) Field {
	switch f.Name {
	case "__typename":
		return Field{Op: WriteLiteral, Text: []byte(`"Query"`)}
	case "job":
		return c.jobAt(f, nil, nil, "")
	case "currentJob":
		return c.single(&Step{Kind: CurrentJob}, nil, f)
	case "pipeline":
		return c.pipelineAt(f, nil, nil, "")
	case "project":
		return c.projectAt(f, nil, nil, "")
	case "node", "nodes", "projects":
		return c.byID(f)
	}
	return c.uncovered()
}

// single compiles one job that has a call of its own.
func (c *compilation) single(s *Step, above *scope, f graphql.CollectedField) Field {
	if s.Kind == SingleJob && c.searched != nil {
		s.Jobs = c.searched
		if s.Layout != nil {
			s.Jobs = c.listWith("Job", s.Layout)
		}
		s.Layout = s.Jobs.Layout
	}
	if s.Layout == nil {
		s.Layout = jsonscan.NewLayout(c.restType("Job"))
	}
	s.ProjectSlot = projectSlot(s.Layout)
	c.add(s, f, above)
	return Field{Op: WriteSingle, Step: s, Object: c.object(jobScope(s, s.Layout, JobRows), f.Selections, c.field)}
}

// searchLists makes the list in which single jobs are searched, if a field of the query may read a
// list of a pipeline's jobs.
func (c *compilation) searchLists(fields []graphql.CollectedField) {
	if slices.ContainsFunc(fields, func(f graphql.CollectedField) bool { return f.Name == "pipeline" }) {
		c.searched = c.newList("Job")
	}
}

// jobAt compiles a job at an address: the one in the field's own arguments, or in an ID of the
// given kind.
func (c *compilation) jobAt(f graphql.CollectedField, above *scope, owner *Owner, of gid.Kind) Field {
	return c.single(&Step{Kind: SingleJob, Owner: owner, Of: of}, above, f)
}

// pipelineAt compiles a pipeline at an address, fetched where it must be.
func (c *compilation) pipelineAt(f graphql.CollectedField, above *scope, owner *Owner, of gid.Kind) Field {
	selected := c.collect(f.Selections, "Pipeline")
	if !selection.MustFetch(selected, selection.PipelineLists) {
		s := c.add(&Step{Kind: AddressedPipeline, Owner: owner, Of: of}, f, above)
		at := c.pipelineScope(&scope{typeName: "Pipeline", step: s, owner: &Owner{Kind: Asked}}, selected)
		return Field{Op: WriteSingle, Step: s, Object: c.object(at, f.Selections, c.addressedPipelineField)}
	}
	return c.wholePipeline(&Step{Kind: SinglePipeline, Owner: owner, Of: of}, f, above)
}

// wholePipeline compiles a pipeline with all its fields, which a call of its own has answered.
func (c *compilation) wholePipeline(s *Step, f graphql.CollectedField, above *scope) Field {
	s.Layout = jsonscan.NewLayout(c.restType("Pipeline"))
	at := c.pipelineRow(c.add(s, f, above), s.Layout)
	at = c.pipelineScope(at, c.collect(f.Selections, "Pipeline"))
	return Field{Op: WriteSingle, Step: s, Object: c.object(at, f.Selections, c.field)}
}

// pipelineRow is the scope of rows that are pipelines.
func (c *compilation) pipelineRow(s *Step, l *jsonscan.Layout) *scope {
	return &scope{typeName: "Pipeline", layout: l, shape: l.Root, step: s,
		owner: &Owner{Kind: OfPipeline, Project: l.Slot(l.Root, "project_id")}}
}

// projectAt compiles a project at an address, fetched where it must be.
func (c *compilation) projectAt(f graphql.CollectedField, above *scope, owner *Owner, of gid.Kind) Field {
	at := &scope{typeName: "Project", owner: &Owner{Kind: Asked}}
	s := &Step{Kind: AddressedProject, Owner: owner, Of: of}
	if selection.MustFetch(c.collect(f.Selections, "Project"), selection.ProjectLists) {
		s.Kind, s.Layout = SingleProject, jsonscan.NewLayout(c.restType("Project"))
		at.layout, at.shape = s.Layout, s.Layout.Root
	}
	at.step = c.add(s, f, above)
	return Field{Op: WriteSingle, Step: s, Object: c.object(at, f.Selections, c.projectField)}
}

// bridgeAt compiles a trigger job, for which the REST API has no call: it is found in its
// pipeline's list.
func (c *compilation) bridgeAt(f graphql.CollectedField, above *scope, owner *Owner, of gid.Kind) Field {
	s := c.add(&Step{Kind: SingleBridge, Owner: owner, Of: of, Bridges: c.newList("Bridge")}, f, above)
	return Field{Op: WriteSingle, Step: s,
		Object: c.object(jobScope(s, s.Bridges.Layout, BridgeRows), f.Selections, c.field)}
}

// byID compiles the fields node, nodes and projects. An ID contains its kind, so the selection is
// compiled once for each kind. If the plan does not cover the selection on some kind, an operation
// with an ID of that kind is left to the executor.
func (c *compilation) byID(f graphql.CollectedField) Field {
	s := c.add(&Step{Kind: ByID, ByKind: map[gid.Kind]Field{}}, f, nil)
	at := &scope{step: s}
	if f.Name != "projects" {
		c.forKind(s, f, at, gid.KindJob, c.jobAt)
		c.forKind(s, f, at, gid.KindPipeline, c.pipelineAt)
		c.forKind(s, f, at, gid.KindBridge, c.bridgeAt)
	}
	c.forKind(s, f, at, gid.KindProject, c.projectAt)
	if len(s.ByKind) == 0 {
		return c.uncovered()
	}
	return Field{Op: WriteByID, Step: s}
}

// forKind compiles the selection for the IDs of one kind; if it is not covered, nothing of it
// remains.
func (c *compilation) forKind(s *Step, f graphql.CollectedField, at *scope, kind gid.Kind,
	compile func(graphql.CollectedField, *scope, *Owner, gid.Kind) Field) {
	failed, below := c.failed, len(s.Below)
	c.failed = false
	compiled := compile(f, at, &Owner{Kind: Asked}, kind)
	if c.failed {
		s.Below, c.partial = s.Below[:below], true
	} else {
		s.ByKind[kind] = compiled
	}
	c.failed = failed
}
