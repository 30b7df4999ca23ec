package projection

import (
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// catalog is what plans are compiled from; it never changes.
type catalog struct {
	leaves      map[string]map[string]leaf
	nested      map[string]map[string]nestedObject
	job, bridge *restType
	pipeline    *restType
	project     *restType
	artifact    *restType
	address     *restType // of a thing known by its address: nothing
}

func newCatalog() *catalog {
	types := newRestTypes()
	return &catalog{
		leaves: leaves(), nested: nested(),
		job: typeFor[restclient.Job](types), bridge: typeFor[restclient.Bridge](types),
		pipeline: typeFor[restclient.Pipeline](types), project: typeFor[restclient.Project](types), artifact: typeFor[restclient.Artifact](types),
		address: typeFor[struct {
			ID int64 `json:"id"`
		}](types),
	}
}

// compiler makes the plan of one operation.
type compiler struct {
	*catalog
	operation *graphql.OperationContext
	plan      *plan
	failed    bool // something is not covered
	bytes     int  // of the plan, estimated
}

// compile returns the operation's plan and an estimate of its bytes; nil where the operation has anything that the plan does not cover.
func (c *catalog) compile(operation *graphql.OperationContext) (*plan, int) {
	k := &compiler{catalog: c, operation: operation, plan: &plan{}}
	for _, f := range k.collect(operation.Operation.SelectionSet, "Query") {
		k.plan.answer = append(k.plan.answer, fieldPlan{key: responseKey(f), emit: k.rootField(f)})
	}
	if k.failed || k.looksUp() {
		return nil, 0
	}
	return k.plan, k.bytes
}

// The memory of a plan's parts, about. A test compares the estimate with what plans take.
const (
	fieldBytes  = 200 // of a field: its key, its function and what that refers to
	sourceBytes = 600 // of a source, its arguments and its layout
	keyBytes    = 11  // of each key that a REST object may have, in a layout
)

// layout makes the layout of a source's rows.
func (c *compiler) layout(rest *restType) *layout {
	c.bytes += keyBytes * len(rest.keys)
	return newLayout(rest)
}

// uncovered gives the whole operation to the executor.
func (c *compiler) uncovered() emit {
	c.failed = true
	return nil
}

// collect merges a selection as the executor does.
func (c *compiler) collect(selection ast.SelectionSet, typeName string) []graphql.CollectedField {
	fields := graphql.CollectFields(c.operation, selection, implements(typeName))
	c.bytes += fieldBytes * len(fields)
	for _, f := range fields {
		c.failed = c.failed || len(f.Deferrables) > 0
	}
	return fields
}

func responseKey(f graphql.CollectedField) []byte { return []byte(`"` + f.Alias + `":`) }

// object compiles a selection on a type.
func (c *compiler) object(at *scope, selection ast.SelectionSet, field func(*scope, graphql.CollectedField) emit) objectPlan {
	var plan objectPlan
	for _, f := range c.collect(selection, at.typeName) {
		plan = append(plan, fieldPlan{key: responseKey(f), emit: field(at, f)})
	}
	return plan
}

// scope is where a selection stands: on a type, at an object of a source's rows.
type scope struct {
	typeName string
	shape    *shape
	source   *source
	above    *scope // the job, bridge or project around a pipeline or project

	present int                      // the slot that tells whether the object is there
	owner   func(*row) (owner, bool) // for what is fetched below: the project or pipeline at hand; false where it is not there

	project *source           // where it is fetched for some of the rows: the project around
	lacking []func(*row) bool // those that tell which rows it is fetched for
}

// add makes a source that is fetched below this scope.
func (c *compiler) add(kind sourceKind, f graphql.CollectedField, rest *restType, above *source, ownerOf func(*row) (owner, bool)) *source {
	s := &source{kind: kind, field: f.Field, layout: c.layout(rest), ownerOf: ownerOf}
	c.bytes += sourceBytes
	c.plan.sources++
	if !hasVariables(f.Arguments) {
		args, ok := bind(f.Field, nil)
		if s.fixed = &args; !ok {
			c.failed = true
		}
	}
	siblings := &c.plan.root
	if above != nil {
		siblings = &above.below
	}
	s.place = len(*siblings)
	*siblings = append(*siblings, s)
	return s
}

func hasVariables(arguments ast.ArgumentList) bool {
	return slices.ContainsFunc(arguments, func(a *ast.Argument) bool { return mentionsVariable(a.Value) })
}

func mentionsVariable(v *ast.Value) bool {
	return v.Kind == ast.Variable || slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return mentionsVariable(c.Value) })
}

// jobScope is the scope of a source's rows, where these are jobs or bridges.
func jobScope(s *source) *scope {
	name := "Job"
	if s.kind == pipelineBridges {
		name = "Bridge"
	}
	return &scope{typeName: name, shape: s.layout.root, source: s, owner: processableOwner(s)}
}

// processableOwner is the project of a job or bridge: the one that its pipeline names, or the one that it was asked under.
func processableOwner(s *source) func(*row) (owner, bool) {
	pipeline, _ := s.layout.object(s.layout.root, "pipeline")
	project := s.layout.slot(pipeline, "project_id")
	s.projectSlot = project
	return func(r *row) (owner, bool) {
		if n := r.spans[project]; n.what == number {
			return owner{project: r.integer(n)}, true
		}
		return owner{project: r.owner.project}, true
	}
}

// field compiles a field of an object in a row.
func (c *compiler) field(at *scope, f graphql.CollectedField) emit {
	if l, ok := c.leaves[at.typeName][f.Name]; ok {
		return c.leaf(at, l)
	}
	if n, ok := c.nested[at.typeName][f.Name]; ok {
		return c.nestedObject(at, n, f)
	}
	if f.Name == "__typename" {
		return literal(`"` + at.typeName + `"`)
	}
	switch at.typeName {
	case "Job", "Bridge":
		return c.processableField(at, f)
	case "Pipeline":
		return c.pipelineField(at, f)
	case "Runner", "RunnerManager", "User":
		return c.idField(at, f)
	case "Commit":
		if f.Name == "parentShas" {
			return c.texts(at, "parent_ids")
		}
	}
	return c.uncovered()
}

func (c *compiler) leaf(at *scope, l leaf) emit {
	slot := at.source.layout.slot(at.shape, l.key)
	return func(w *writer, r *row) {
		switch s := r.spans[slot]; s.what {
		case absent, null:
			w.nullOrAside(l.nullable)
		default:
			l.write(w, r, s)
		}
	}
}

func (c *compiler) nestedObject(at *scope, n nestedObject, f graphql.CollectedField) emit {
	shape, present := at.source.layout.object(at.shape, n.key)
	c.bytes += keyBytes * len(shape.rest.keys)
	object := c.object(&scope{typeName: n.typeName, shape: shape, source: at.source}, f.Selections, c.field)
	return func(w *writer, r *row) {
		if r.spans[present].what != objectValue {
			w.null()
			return
		}
		w.object(object, r)
	}
}

// processableField compiles what jobs and bridges have beyond leaves and nested objects.
func (c *compiler) processableField(at *scope, f graphql.CollectedField) emit {
	switch f.Name {
	case "id":
		return processableID(at)
	case "pipeline":
		return c.stub(at, f, "pipeline")
	case "project":
		return c.projectOf(at, f)
	}
	if at.typeName == "Bridge" {
		if f.Name == "downstreamPipeline" {
			return c.stub(at, f, "downstream_pipeline")
		}
		return c.uncovered()
	}
	switch f.Name {
	case "tags":
		return c.texts(at, "tag_list")
	case "artifacts":
		return c.artifacts(at, f)
	case "active", "complete", "cancelable", "retryable":
		return c.predicate(at, f.Name)
	}
	return c.uncovered()
}

// stub compiles the pipeline inside a job or bridge.
func (c *compiler) stub(at *scope, f graphql.CollectedField, key string) emit {
	l := at.source.layout
	shape, present := l.object(at.shape, key)
	c.bytes += keyBytes * len(shape.rest.keys)
	id, project := l.slot(shape, "id"), l.slot(shape, "project_id")
	inner := &scope{typeName: "Pipeline", shape: shape, source: at.source, above: at, present: present}
	inner.owner = func(r *row) (owner, bool) {
		if r.spans[present].what != objectValue {
			return owner{}, false
		}
		o := owner{pipeline: -1}
		if n := r.spans[id]; n.what == number {
			o.pipeline = r.integer(n)
		}
		if n := r.spans[project]; n.what == number {
			o.project = r.integer(n)
		} else if key == "pipeline" {
			around, _ := at.owner(r)
			o.project = around.project
		}
		return o, true
	}
	object := c.object(inner, f.Selections, c.field)
	return func(w *writer, r *row) {
		if r.spans[present].what != objectValue {
			w.null()
			return
		}
		w.object(object, r)
	}
}

// pipelineField compiles what a pipeline has beyond leaves.
func (c *compiler) pipelineField(at *scope, f graphql.CollectedField) emit {
	switch f.Name {
	case "id":
		return c.pipelineID(at, f)
	case "project":
		return c.projectOf(at, f)
	case "jobs":
		return c.list(pipelineJobs, c.job, at, f)
	case "bridges":
		return c.list(pipelineBridges, c.bridge, at, f)
	}
	return c.uncovered()
}

// addressedField compiles a field of a pipeline that is known by its address.
func (c *compiler) addressedField(at *scope, f graphql.CollectedField) emit {
	switch f.Name {
	case "__typename":
		return literal(`"Pipeline"`)
	case "databaseId":
		return func(w *writer, r *row) { o, _ := at.owner(r); w.integer(o.pipeline) }
	case "id", "project", "jobs", "bridges":
		return c.pipelineField(at, f)
	}
	return c.uncovered()
}

// list compiles a connection that is fetched.
func (c *compiler) list(kind sourceKind, rest *restType, at *scope, f graphql.CollectedField) emit {
	s := c.add(kind, f, rest, at.source, at.owner)
	rows := jobScope(s)
	if f.Arguments.ForName("ref") != nil {
		s.refOf = refOf(s.layout)
	}
	connection := c.connection(f, rows.typeName, func(selection ast.SelectionSet) objectPlan { return c.object(rows, selection, c.field) })
	return func(w *writer, r *row) {
		if got := r.of.below[s.place][r.at]; got != nil {
			w.once(got, func() { w.connection(connection, windowOf(s, got)) })
		} else {
			w.null()
		}
	}
}

// refOf reads the branch or tag that a job is for: its pipeline's, or its own.
func refOf(l *layout) func(*row) string {
	pipeline, _ := l.object(l.root, "pipeline")
	slots := []int{l.slot(pipeline, "ref"), l.slot(l.root, "ref")}
	return func(r *row) string {
		for _, slot := range slots {
			if s := r.spans[slot]; s.what == text || s.what == careful {
				ref, _ := r.decoded(s)
				return ref
			}
		}
		return ""
	}
}

// predicate compiles what follows from a job's status.
func (c *compiler) predicate(at *scope, name string) emit {
	status := at.source.layout.slot(at.shape, "status")
	archived := at.source.layout.slot(at.shape, "archived")
	holds := map[string][]byte{}
	for _, s := range model.Statuses {
		j := &model.Job{Job: &restclient.Job{Status: s}}
		value := map[string]bool{"active": j.Active(), "complete": j.Complete(), "cancelable": j.Cancelable(), "retryable": j.Retryable()}[name]
		holds[`"`+s+`"`] = boolean(value)
	}
	return func(w *writer, r *row) {
		value, known := holds[string(r.bytes(r.spans[status]))]
		switch {
		case !known:
			w.aside()
		case name == "retryable" && r.spans[archived].what != no:
			if r.spans[archived].what != yes {
				w.aside()
			}
			w.out = append(w.out, "false"...)
		default:
			w.out = append(w.out, value...)
		}
	}
}

func boolean(b bool) []byte { return strconv.AppendBool(nil, b) }
