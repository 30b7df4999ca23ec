package projection

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/selection"
)

// rootField compiles a field of the query itself.
func (c *compiler) rootField(f graphql.CollectedField) emit {
	switch f.Name {
	case "__typename":
		return literal(`"Query"`)
	case "job":
		return c.jobAt(f, nil, nil)
	case "currentJob":
		s := c.add(currentJob, f, c.job, nil, nil)
		return single(s, c.object(jobScope(s), f.Selections, c.field))
	case "pipeline":
		return c.pipelineAt(f, nil, nil)
	case "project":
		return c.projectAt(f, nil, nil)
	case "node", "nodes", "projects":
		return c.named(f)
	}
	return c.uncovered()
}

// jobAt compiles a job at an address: that in the field's own arguments, or the one that ownerOf reads off the source above, which may leave the number
// to the arguments.
func (c *compiler) jobAt(f graphql.CollectedField, above *source, ownerOf func(*row) (owner, bool)) emit {
	s := c.add(singleJob, f, c.job, above, ownerOf)
	return single(s, c.object(jobScope(s), f.Selections, c.field))
}

// pipelineAt compiles a pipeline at an address, fetched where it must be.
func (c *compiler) pipelineAt(f graphql.CollectedField, above *source, ownerOf func(*row) (owner, bool)) emit {
	if selection.MustFetch(c.collect(f.Selections, "Pipeline"), selection.PipelineLists) {
		s := c.add(wholePipeline, f, c.pipeline, above, ownerOf)
		return single(s, c.object(&scope{typeName: "Pipeline", shape: s.layout.root, source: s, owner: wholePipelineOwner(s)}, f.Selections, c.field))
	}
	s := c.add(addressedPipeline, f, c.address, above, ownerOf)
	return single(s, c.object(&scope{typeName: "Pipeline", source: s, owner: rowOwner}, f.Selections, c.addressedField))
}

// projectAt compiles a project at an address, fetched where it must be.
func (c *compiler) projectAt(f graphql.CollectedField, above *source, ownerOf func(*row) (owner, bool)) emit {
	at := &scope{typeName: "Project", owner: rowOwner}
	if selection.MustFetch(c.collect(f.Selections, "Project"), selection.ProjectLists) {
		at.source = c.add(wholeProject, f, c.project, above, ownerOf)
		at.shape = at.source.layout.root
	} else {
		at.source = c.add(addressedProject, f, c.address, above, ownerOf)
	}
	return single(at.source, c.object(at, f.Selections, c.projectField))
}

// rowOwner is the owner of what is below a thing known by its address: the thing itself.
func rowOwner(r *row) (owner, bool) { return r.owner, true }

// wholePipelineOwner is the pipeline itself, under the project that it names, or that it was asked under.
func wholePipelineOwner(s *source) func(*row) (owner, bool) {
	project := s.layout.slot(s.layout.root, "project_id")
	return func(r *row) (owner, bool) {
		o := owner{project: r.owner.project, path: r.owner.path, pipeline: r.id}
		if n := r.spans[project]; n.what == number {
			o.project, o.path = r.integer(n), ""
		}
		return o, true
	}
}

// looksUp tells whether a job might be found in the list of one of the query's own pipelines, which the executor looks for.
func (c *compiler) looksUp() bool {
	list := func(s *source) bool { return s.kind == pipelineJobs }
	ofPipeline := func(s *source) bool {
		return (s.kind == addressedPipeline || s.kind == wholePipeline) && slices.ContainsFunc(s.below, list)
	}
	return slices.ContainsFunc(c.plan.root, ofPipeline) && anyJob(c.plan.root)
}

// anyJob tells whether jobs are asked for one by one.
func anyJob(sources []*source) bool {
	return slices.ContainsFunc(sources, func(s *source) bool { return s.kind == singleJob || anyJob(s.below) })
}

// addressed reads the address in a root field's arguments.
func (x *run) addressed(s *source) (owner, error) {
	if s.kind == named || s.kind == currentJob {
		return owner{}, nil // the IDs are addresses, one for each row; and the credential is one
	}
	a, err := x.arguments(s)
	if err != nil {
		return owner{}, err
	}
	isProject := s.kind == addressedProject || s.kind == wholeProject
	if isProject {
		a.project = a.id
	}
	o, err := projectAddress("project", a.project)
	if err != nil || isProject {
		return o, err
	}
	return x.within(s, o)
}

// within completes an owner that is a project: the job or pipeline in it is the one that the field's own arguments name.
func (x *run) within(s *source, o owner) (owner, error) {
	a, err := x.arguments(s)
	if err != nil {
		return owner{}, err
	}
	kind, number := gid.KindPipeline, &o.pipeline
	if s.kind == singleJob {
		kind, number = gid.KindJob, &o.job
	}
	n, of, err := arguments.Within("id", a.id, kind)
	if err != nil || of != 0 && of != o.project {
		return owner{}, errAside
	}
	*number = n
	return o, nil
}
