package run

import (
	"slices"
	"strconv"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/model"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/restclient"
)

// owner is what something is fetched for: a project by number or path, and something in it.
type owner struct {
	project  int64
	path     string
	pipeline int64 // -1 if its number is not known
	job      int64
	bridge   int64
	listed   *restPage // of jobs of a list: the REST page that has them
}

// rest returns the project's address in REST paths.
func (o owner) rest() restclient.ProjectID {
	if o.project != 0 {
		return restclient.ProjectID(strconv.FormatInt(o.project, 10))
	}
	return restclient.ProjectID(o.path)
}

// kind returns what an ID is of.
func (o owner) kind() gid.Kind {
	switch {
	case o.job != 0:
		return gid.KindJob
	case o.bridge != 0:
		return gid.KindBridge
	case o.pipeline != 0:
		return gid.KindPipeline
	}
	return gid.KindProject
}

// ownerOf returns the owner of what is below a row; false if the row has none.
func ownerOf(o *plan.Owner, r *row) (owner, bool) {
	found, there := ownerIn(o, r)
	if o.Only {
		return owner{project: found.project, path: found.path}, there
	}
	return found, there
}

func ownerIn(o *plan.Owner, r *row) (owner, bool) {
	switch o.Kind {
	case plan.OfJob:
		return owner{project: projectOf(o, r, model.Project{Number: r.owner.project}).Number}, true
	case plan.OfPipeline:
		in := projectOf(o, r, model.Project{Number: r.owner.project, Path: r.owner.path})
		return owner{project: in.Number, path: in.Path, pipeline: r.ID}, true
	case plan.OfStub:
		return ownerOfStub(o, r)
	}
	return *r.owner, true
}

// ownerOfStub returns the pipeline inside a job or trigger job.
func ownerOfStub(o *plan.Owner, r *row) (owner, bool) {
	if r.Spans[o.Present].Kind != jsonscan.Object {
		return owner{}, false
	}
	found := owner{pipeline: -1}
	if n, ok := integer(r, o.Pipeline); ok {
		found.pipeline = n
	}
	var around model.Project
	if o.Around != nil {
		outer, _ := ownerOf(o.Around, r)
		around.Number = outer.project
	}
	found.project = projectOf(o, r, around).Number
	return found, true
}

// projectOf returns the project that a row says it is in, or the one around.
func projectOf(o *plan.Owner, r *row, around model.Project) model.Project {
	if n, ok := integer(r, o.Project); ok {
		return model.ProjectOf(&n, around)
	}
	return model.ProjectOf(nil, around)
}

func integer(r *row, slot int) (int64, bool) {
	s := r.Spans[slot]
	return r.Integer(s), s.Kind == jsonscan.Number
}

// ownerFor returns the owner of a step at a row: from the row, or at the query's root from the
// field's arguments; false if the step does not apply.
func (x *execution) ownerFor(s *plan.Step, r *row) (owner, bool, error) {
	if s.Owner == nil {
		o, err := x.addressed(s)
		return o, true, err
	}
	if s.Rows != plan.AnyRows && s.Rows != r.kind || s.Of != "" && s.Of != r.owner.kind() {
		return owner{}, false, nil
	}
	o, there := ownerOf(s.Owner, r)
	if !there || len(s.Lacks) > 0 && !slices.ContainsFunc(s.Lacks, func(c plan.Condition) bool { return lacks(&c, r) }) {
		return o, false, nil
	}
	if s.SearchPage {
		o.listed = r.owner.listed
	}
	if o.project == 0 && o.path == "" || o.pipeline < 0 || o.pipeline == 0 && ofPipeline(s.Kind) {
		return o, false, errFallback
	}
	if s.Kind == plan.SingleJob && o.job == 0 ||
		(s.Kind == plan.AddressedPipeline || s.Kind == plan.SinglePipeline) && o.pipeline == 0 {
		o, err := x.within(s, o)
		return o, true, err
	}
	return o, true, nil
}

// ofPipeline reports whether a step reads a pipeline's lists.
func ofPipeline(k plan.Kind) bool {
	switch k {
	case plan.PipelineJobs, plan.Bridges, plan.Stages, plan.JobCounts, plan.Attempts,
		plan.Downstream, plan.Descendants:
		return true
	}
	return false
}

// lacks reports whether a condition holds for a row.
func lacks(c *plan.Condition, r *row) bool {
	switch {
	case c.Always:
		return true
	case c.Number != nil:
		o, _ := ownerOf(c.Number, r)
		return o.project == 0
	}
	return r.Spans[c.Slot].Missing()
}

// addressed reads the address in the arguments of a root field.
func (x *execution) addressed(s *plan.Step) (owner, error) {
	if s.Kind == plan.ByID || s.Kind == plan.CurrentJob {
		return owner{}, nil // the IDs are addresses, one for each row; and the credential is one
	}
	a, err := x.arguments(s)
	if err != nil {
		return owner{}, err
	}
	isProject := s.Kind == plan.AddressedProject || s.Kind == plan.SingleProject
	if isProject {
		a.Project = a.ID
	}
	o, err := projectAddress("project", a.Project)
	if err != nil || isProject {
		return o, err
	}
	return x.within(s, o)
}

// within completes an owner that is a project: the field's own arguments name the job or pipeline
// in it.
func (x *execution) within(s *plan.Step, o owner) (owner, error) {
	a, err := x.arguments(s)
	if err != nil {
		return owner{}, err
	}
	kind, number := gid.KindPipeline, &o.pipeline
	if s.Kind == plan.SingleJob {
		kind, number = gid.KindJob, &o.job
	}
	n, of, err := arguments.Within("id", a.ID, kind)
	if err != nil || of != nil && (of.Number != o.project || of.Path != "") {
		return owner{}, errFallback
	}
	*number = n
	return o, nil
}

// arguments returns the arguments of a step's field.
func (x *execution) arguments(s *plan.Step) (plan.Arguments, error) {
	if s.Arguments != nil {
		return *s.Arguments, nil
	}
	a, ok := plan.Bind(s.Field, x.vars)
	if !ok {
		return a, errFallback
	}
	return a, nil
}

// globalID reads the global ID of a job, trigger job, pipeline or project.
func globalID(argument, value string) (owner, error) {
	id, err := arguments.ID(argument, value, gid.KindJob, gid.KindPipeline, gid.KindBridge, gid.KindProject)
	if id.Path != "" {
		return owner{}, errFallback
	}
	o := owner{project: id.Project, pipeline: id.Pipeline}
	switch id.Kind {
	case gid.KindJob:
		o.job = id.Number
	case gid.KindBridge:
		o.bridge = id.Number
	case gid.KindPipeline:
		o.pipeline = id.Number
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
