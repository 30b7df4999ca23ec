package projection

import (
	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
)

// named compiles the fields node, nodes and projects. What an ID names is known from the ID itself, so the selection is compiled once for each kind of thing, and
// each ID of a request takes the one for its kind. Where the plan does not cover the selection on some kind, IDs of that kind leave the operation to the
// executor; so do those of trigger jobs, for which the REST API has no call.
func (c *compiler) named(f graphql.CollectedField) emit {
	s := c.add(named, f, c.address, nil, nil)
	s.named = map[gid.Kind]emit{}
	if f.Name != "projects" {
		c.namedKind(s, f, gid.KindJob, c.jobAt)
		c.namedKind(s, f, gid.KindPipeline, c.pipelineAt)
	}
	c.namedKind(s, f, gid.KindProject, c.projectAt)
	if len(s.named) == 0 {
		return c.uncovered()
	}
	one := func(w *writer, r *row) { s.named[r.owner.kind()](w, r) }
	return func(w *writer, r *row) {
		rows := r.of.below[s.place][r.at].rows
		if f.Name == "node" {
			one(w, rows[0])
		} else {
			w.each(len(rows), func(i int) { one(w, rows[i]) })
		}
	}
}

// namedKind compiles the selection for the IDs of one kind; where it is not covered, nothing of it remains.
func (c *compiler) namedKind(s *source, f graphql.CollectedField, kind gid.Kind, compile func(graphql.CollectedField, *source, func(*row) (owner, bool)) emit) {
	failed, below := c.failed, len(s.below)
	c.failed = false
	write := compile(f, s, func(r *row) (owner, bool) { return r.owner, r.owner.kind() == kind })
	if c.failed {
		s.below = s.below[:below]
	} else {
		s.named[kind] = write
	}
	c.failed = failed
}

// kind is what an owner is that an ID has named.
func (o owner) kind() gid.Kind {
	switch {
	case o.job != 0:
		return gid.KindJob
	case o.pipeline != 0:
		return gid.KindPipeline
	}
	return gid.KindProject
}

// loadNamed makes a row of each ID in the arguments of node, nodes or projects.
func (x *run) loadNamed(s *source, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	if s.field.Name == "node" {
		a.ids = []string{a.id}
	}
	if a.ids == nil || len(a.ids) > arguments.MaxIDs {
		return errAside
	}
	read := globalID
	if s.field.Name == "projects" {
		read = projectAddress
	}
	for _, value := range a.ids {
		o, err := read("ids", value)
		if err != nil {
			return err
		}
		if s.named[o.kind()] == nil {
			return errAside
		}
		into.rows = append(into.rows, &row{owner: o})
	}
	return nil
}

// globalID reads the global ID of a job, pipeline or project.
func globalID(argument, value string) (owner, error) {
	id, err := arguments.ID(argument, value, gid.KindJob, gid.KindPipeline, gid.KindProject)
	o := owner{project: id.Project, pipeline: id.Pipeline}
	if id.Kind == gid.KindJob {
		o.job = id.Number
	}
	return o, err
}

// projectAddress reads a project's number, full path or global ID.
func projectAddress(argument, value string) (owner, error) {
	in, err := arguments.Project(argument, value)
	if err != nil {
		return owner{}, err
	}
	return owner{project: in.Number, path: in.Path}, nil
}
