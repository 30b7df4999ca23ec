package plan

import (
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/projection/jsonscan"
)

// pipelineField compiles what a pipeline has beyond what one key answers; false for the rest.
func (c *compilation) pipelineField(at *scope, f graphql.CollectedField) (Field, bool) {
	switch f.Name {
	case "id":
		return Field{Op: WritePipelineID, Owner: at.owner, Step: c.projectNumber(at, f)}, true
	case "project":
		return c.projectOf(at, f), true
	case "active", "complete":
		if at.shape == nil {
			return Field{}, false
		}
		return c.byStatus(at, f.Name), true
	case "jobs":
		return c.pipelineList(PipelineJobs, at, f), true
	case "bridges":
		return c.pipelineList(Bridges, at, f), true
	case "stages":
		return c.stages(at, f), true
	case "jobCounts":
		return c.jobCounts(at, f), true
	case "downstream":
		return c.downstream(Downstream, at, f), true
	case "descendants":
		return c.downstream(Descendants, at, f), true
	}
	return Field{}, false
}

// addressedPipelineField compiles a field of a pipeline of which only the address is known.
func (c *compilation) addressedPipelineField(at *scope, f graphql.CollectedField) Field {
	switch f.Name {
	case "__typename":
		return c.field(at, f)
	case "databaseId":
		return Field{Op: WritePipelineNumber, Owner: at.owner}
	}
	if compiled, ok := c.pipelineField(at, f); ok {
		return compiled
	}
	return c.uncovered()
}

// pipelineScope completes the scope of a pipeline with the fields that are selected of it.
func (c *compilation) pipelineScope(at *scope, selected []graphql.CollectedField) *scope {
	at.siblings = astFields(selected)
	return at
}

func astFields(selected []graphql.CollectedField) []*ast.Field {
	fields := make([]*ast.Field, len(selected))
	for i, f := range selected {
		fields[i] = f.Field
	}
	return fields
}

// The lists of a pipeline, as their arguments select them.
const (
	latestJobs  = "Job"
	retriedJobs = "Job includeRetried:true"
	allBridges  = "Bridge"
)

// selects returns which list of a pipeline a field reads, by the arguments that select its rows.
func selects(list string, arguments ast.ArgumentList) string {
	for _, name := range []string{"statuses", "includeRetried"} {
		if a := arguments.ForName(name); a != nil && a.Value.Raw != "false" {
			list += " " + name + ":" + a.Value.String()
		}
	}
	return list
}

// list returns a list of the pipeline at hand. Steps that select the same rows share it.
func (c *compilation) list(at *scope, selects string) *List {
	if l := at.lists[selects]; l != nil {
		l.Shared = true
		return l
	}
	if at.lists == nil {
		at.lists = map[string]*List{}
	}
	typeName, _, _ := strings.Cut(selects, " ")
	at.lists[selects] = c.newList(typeName)
	return at.lists[selects]
}

// newList returns a list that no other step reads.
func (c *compilation) newList(typeName string) *List {
	return c.listWith(typeName, jsonscan.NewLayout(c.restType(typeName)))
}

// listWith is newList with a given layout.
func (c *compilation) listWith(typeName string, layout *jsonscan.Layout) *List {
	l := &List{Number: c.plan.Lists, Of: typeName, Layout: layout, Facts: noFacts(), ProjectSlot: None}
	if typeName != "Pipeline" {
		l.ProjectSlot = projectSlot(layout)
	}
	c.plan.Lists++
	return l
}

// pipelineList compiles a page of a pipeline's jobs or trigger jobs.
func (c *compilation) pipelineList(kind Kind, at *scope, f graphql.CollectedField) Field {
	s := &Step{Kind: kind, Owner: at.owner, Siblings: at.siblings}
	rows := JobRows
	if kind == Bridges {
		rows = BridgeRows
		s.Bridges = c.list(at, selects(allBridges, f.Arguments))
	} else {
		s.Jobs = c.list(at, selects(latestJobs, f.Arguments))
	}
	return c.page(s, rows, at, f)
}

// page compiles a connection whose rows a step reads.
func (c *compilation) page(s *Step, rows Rows, at *scope, f graphql.CollectedField) Field {
	c.add(s, f, at)
	l := s.Jobs
	if rows == BridgeRows {
		l = s.Bridges
	}
	if f.Arguments.ForName("filter") != nil {
		l.needFacts(true)
	}
	if f.Arguments.ForName("ref") != nil {
		l.needRef()
	}
	return Field{Op: WriteConnection, Step: s, Page: c.connection(f, at.jobs(s, l.Layout, rows), c.field)}
}

// stages compiles the stages of a pipeline: its jobs with earlier attempts and its trigger jobs,
// grouped.
func (c *compilation) stages(at *scope, f graphql.CollectedField) Field {
	s := c.add(&Step{Kind: Stages, Owner: at.owner, Siblings: at.siblings, Jobs: c.list(at, retriedJobs),
		Bridges: c.list(at, allBridges)}, f, at)
	s.Jobs.needFacts(false)
	s.Bridges.needFacts(false)
	inner := &scope{typeName: "Stage", step: s, owner: &Owner{Kind: Asked}, above: at}
	return Field{Op: WriteRows, Step: s, Object: c.object(inner, f.Selections, c.stageField)}
}

func (c *compilation) stageField(at *scope, f graphql.CollectedField) Field {
	switch f.Name {
	case "__typename":
		return Field{Op: WriteLiteral, Text: []byte(`"Stage"`)}
	case "name":
		return Field{Op: WriteStageName}
	case "status":
		return Field{Op: WriteStageStatus}
	case "jobs":
		s := c.add(&Step{Kind: StageJobs, Owner: at.owner, Jobs: at.step.Jobs, Bridges: at.step.Bridges}, f, at)
		return Field{
			Op: WriteStageJobs, Step: s,
			Object: c.object(at.above.jobs(s, s.Jobs.Layout, JobRows), f.Selections, c.field),
			Second: c.object(at.above.jobs(s, s.Bridges.Layout, BridgeRows), f.Selections, c.field),
		}
	}
	return c.uncovered()
}

// jobCounts compiles how many jobs are in each status. Where the stages are selected too, the list
// that they read is counted.
func (c *compilation) jobCounts(at *scope, f graphql.CollectedField) Field {
	key := latestJobs
	for _, sibling := range at.siblings {
		if sibling.Name == "stages" {
			key = retriedJobs
		}
	}
	s := c.add(&Step{Kind: JobCounts, Owner: at.owner, Siblings: at.siblings, Jobs: c.list(at, key)}, f, at)
	s.Jobs.needFacts(false)
	inner := &scope{typeName: "JobStatusCount", step: s, owner: &Owner{Kind: Asked}, above: at}
	return Field{Op: WriteRows, Step: s, Object: c.object(inner, f.Selections,
		func(_ *scope, f graphql.CollectedField) Field {
			switch f.Name {
			case "__typename":
				return Field{Op: WriteLiteral, Text: []byte(`"JobStatusCount"`)}
			case "status":
				return Field{Op: WriteCountStatus}
			case "count":
				return Field{Op: WriteCount}
			}
			return c.uncovered()
		})}
}

// downstream compiles the pipelines that a pipeline's trigger jobs started. For descendants, these
// are followed by those that their trigger jobs started, and so on.
func (c *compilation) downstream(kind Kind, at *scope, f graphql.CollectedField) Field {
	s := c.add(&Step{Kind: kind, Owner: at.owner, Siblings: at.siblings, Bridges: c.list(at, allBridges)}, f, at)
	bridge := &scope{typeName: "Bridge", layout: s.Bridges.Layout, shape: s.Bridges.Layout.Root, step: s,
		owner: &Owner{Kind: OfJob, Project: s.Bridges.ProjectSlot}}
	inner := stubScope(bridge, "downstream_pipeline")
	s.Started, inner.above = inner.owner, nil
	inner = c.pipelineScope(inner, c.collect(f.Selections, "Pipeline"))
	return Field{Op: WriteRows, Step: s, Object: c.object(inner, f.Selections, c.field)}
}
