package plan

import (
	"slices"
	"unsafe"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/mapping"
	"jobgraph/graph/projection/jsonscan"
)

// Compiler compiles operations over one schema; it never changes.
type Compiler struct {
	mapping *mapping.Mapping
	types   *jsonscan.Types
}

// NewCompiler returns a compiler for a schema.
func NewCompiler(schema *ast.Schema) *Compiler {
	c := &Compiler{mapping: mapping.New(schema), types: jsonscan.NewTypes()}
	for _, name := range []string{"Job", "Bridge", "Pipeline", "Project"} {
		c.restType(name) // now, for the types never change once plans are compiled
	}
	return c
}

func (c *Compiler) restType(name string) *jsonscan.Type { return c.types.Of(c.mapping.Type(name).REST) }

// compilation is the making of one plan.
type compilation struct {
	*Compiler
	operation *graphql.OperationContext
	plan      *Plan
	failed    bool  // something is not covered
	partial   bool  // something is not covered for IDs of some kinds
	searched  *List // the lists in which single jobs are searched first; nil if there are none
}

// Compile returns the operation's plan; nil if the operation has anything that a plan does not
// cover.
func (c *Compiler) Compile(operation *graphql.OperationContext) *Plan {
	k := &compilation{Compiler: c, operation: operation, plan: &Plan{}}
	fields := k.collect(operation.Operation.SelectionSet, "Query")
	k.searchLists(fields)
	for n, f := range fields {
		k.plan.Answer = append(k.plan.Answer, k.keyed(n, f, k.rootField(f)))
	}
	if k.failed {
		return nil
	}
	k.plan.Bytes += stepsBytes(k.plan.Root)
	if !k.partial { // otherwise the executor may read more of a list than the plan selects
		markAlone(k.plan.Root)
	}
	return k.plan
}

// markAlone marks the lists that are the only ones of their kind: their REST pages are read for
// them alone.
func markAlone(steps []*Step) {
	kinds := map[string]map[*List]bool{}
	note := func(kind string, l *List) {
		if kinds[kind] == nil {
			kinds[kind] = map[*List]bool{}
		}
		kinds[kind][l] = true
	}
	var walk func([]*Step)
	walk = func(steps []*Step) {
		for _, s := range steps {
			for _, l := range s.Lists() {
				kind := l.Of
				if s.Kind == ProjectJobs {
					kind += " of a project"
				}
				note(kind, l)
			}
			walk(s.Below)
		}
	}
	walk(steps)
	for _, lists := range kinds {
		for l := range lists {
			l.Alone = len(lists) == 1
		}
	}
}

// stepsBytes estimates the memory of steps and of what they read.
func stepsBytes(steps []*Step) int {
	total := 0
	for _, s := range steps {
		total += int(unsafe.Sizeof(*s)) + allocation
		if s.Layout != nil {
			total += s.Layout.Bytes()
		}
		for _, l := range s.Lists() {
			total += l.Layout.Bytes() + int(unsafe.Sizeof(*l))
		}
		total += stepsBytes(s.Below)
	}
	return total
}

const (
	fieldBytes = int(unsafe.Sizeof(Field{})) * 3 / 2 // slices that grow have room to spare
	allocation = 200                                 // what belongs to a step or a field besides: keys, owners, arguments
)

// uncovered leaves the operation to the executor.
func (c *compilation) uncovered() Field {
	c.failed = true
	return Field{}
}

// collect merges a selection as the executor does.
func (c *compilation) collect(selection ast.SelectionSet, typeName string) []graphql.CollectedField {
	fields := graphql.CollectFields(c.operation, selection, c.mapping.Implements(typeName))
	c.plan.Bytes += len(fields) * (fieldBytes + 24)
	for _, f := range fields {
		c.failed = c.failed || len(f.Deferrables) > 0
		c.plan.Bytes += len(f.Alias)
	}
	return fields
}

// keyed completes the nth field of a selection with its response key.
func (c *compilation) keyed(n int, f graphql.CollectedField, compiled Field) Field {
	compiled.Key, compiled.Name = responseKey(n, f), f.Name
	return compiled
}

// responseKey returns what is written before the value of the nth field of a selection.
func responseKey(n int, f graphql.CollectedField) []byte {
	comma := ""
	if n > 0 {
		comma = ","
	}
	return []byte(comma + `"` + f.Alias + `":`)
}

// object compiles a selection on a type.
func (c *compilation) object(at *scope, selection ast.SelectionSet,
	field func(*scope, graphql.CollectedField) Field) Object {
	fields := c.collect(selection, at.typeName)
	object := make(Object, 0, len(fields))
	for n, f := range fields {
		object = append(object, c.keyed(n, f, field(at, f)))
	}
	return object
}

// scope is where a selection stands: on a type, at an object of a step's rows.
type scope struct {
	typeName string
	layout   *jsonscan.Layout // of the rows; nil if they have none
	shape    *jsonscan.Shape  // of the object in the row; nil if nothing of it is in the row
	step     *Step
	rows     Rows
	above    *scope // the job, trigger job or pipeline around
	owner    *Owner // of what is below
	stub     bool   // the object may lack what its own call would answer
	ofJob    bool   // the rows are jobs, and the object is the job or something around it
	carried  string // the key of the object above that has some of this one's fields

	completion *Step            // the object's own call
	project    *scope           // of a pipeline, its project where only its number is asked for
	lists      map[string]*List // of a pipeline, by what they select
	home       *scope           // of a job in a list of a pipeline: that pipeline
	siblings   []*ast.Field     // of a pipeline, the fields selected
}

// add makes a step below a scope; at the query's root where above is nil.
func (c *compilation) add(s *Step, f graphql.CollectedField, above *scope) *Step {
	s.Field = f.Field
	c.plan.Steps++
	if !hasVariables(f.Arguments) {
		arguments, ok := Bind(f.Field, nil)
		s.Arguments = &arguments
		c.failed = c.failed || !ok
	}
	siblings := &c.plan.Root
	if above != nil {
		siblings = &above.step.Below
		s.Rows = above.rows
	}
	s.Place = len(*siblings)
	*siblings = append(*siblings, s)
	return s
}

func hasVariables(arguments ast.ArgumentList) bool {
	return slices.ContainsFunc(arguments, func(a *ast.Argument) bool { return mentionsVariable(a.Value) })
}

func mentionsVariable(v *ast.Value) bool {
	return v.Kind == ast.Variable || slices.ContainsFunc(v.Children,
		func(c *ast.ChildValue) bool { return mentionsVariable(c.Value) })
}

// field compiles a field of an object in a row.
func (c *compilation) field(at *scope, f graphql.CollectedField) Field {
	if f.Name == "__typename" {
		return Field{Op: WriteLiteral, Text: []byte(`"` + at.typeName + `"`)}
	}
	switch at.typeName {
	case "Job", "Bridge":
		if compiled, ok := c.processableField(at, f); ok {
			return compiled
		}
	case "Pipeline":
		if compiled, ok := c.pipelineField(at, f); ok {
			return compiled
		}
	case "Commit":
		if f.Name == "trailers" {
			return c.trailers(at, f)
		}
	}
	if m := c.mapping.Type(at.typeName).Fields[f.Name]; m != nil {
		return c.mapped(at, m, f)
	}
	return c.uncovered()
}

// mapped compiles a field that one REST key answers.
func (c *compilation) mapped(at *scope, m *mapping.Field, f graphql.CollectedField) Field {
	if at.stub && m.Lackable {
		return c.completed(at, m, f)
	}
	return c.value(at, m, f)
}

// value compiles a field that the row's object has.
func (c *compilation) value(at *scope, m *mapping.Field, f graphql.CollectedField) Field {
	compiled := Field{Nullable: m.Nullable, NeverEmpty: m.NeverEmpty, Words: m.Words, ID: m.ID}
	if m.Kind == mapping.Object {
		inner := &scope{typeName: m.Type.Name, layout: at.layout, step: at.step, rows: at.rows}
		inner.shape, compiled.Slot = at.layout.Object(at.shape, m.Key)
		compiled.Op, compiled.Object = WriteObject, c.object(inner, f.Selections, c.field)
		compiled.Closed = closed(compiled.Object)
		return compiled
	}
	compiled.Slot = at.layout.Slot(at.shape, m.Key)
	compiled.Op = map[mapping.Kind]Op{
		mapping.Text: WriteText, mapping.Verbatim: WriteVerbatim, mapping.Decimal: WriteDecimal,
		mapping.Word: WriteWord, mapping.Texts: WriteTexts, mapping.GlobalID: WriteGlobalID,
	}[m.Kind]
	return compiled
}

// closed reports whether what is written of an object depends on its own bytes alone.
func closed(o Object) bool {
	return !slices.ContainsFunc(o, func(f Field) bool {
		switch f.Op {
		case WriteLiteral, WriteText, WriteVerbatim, WriteDecimal, WriteWord, WriteTexts, WriteGlobalID,
			WriteTrailers:
			return false
		}
		return f.Op != WriteObject || !f.Closed
	})
}

// completed compiles a field that the row's object may lack: then the object's own call answers it,
// one for all such fields.
func (c *compilation) completed(at *scope, m *mapping.Field, f graphql.CollectedField) Field {
	missing := Condition{Always: true}
	var inRow Object
	if shape := at.carries(m); shape != nil {
		row := *at
		row.shape = shape
		inRow = Object{c.value(&row, m, f)}
		missing = Condition{Slot: inRow[0].Slot}
	}
	s := c.complete(at, f, missing)
	whole := &scope{typeName: at.typeName, layout: s.Layout, shape: s.Layout.Root, step: s}
	return Field{Op: WriteCompleted, Missing: &missing, Step: s, Object: inRow, Second: Object{c.value(whole, m, f)}}
}

// carries returns the shape of the object in the row that may have a field, or nil if none can. The
// project inside a job has fewer keys than the project itself.
func (at *scope) carries(m *mapping.Field) *jsonscan.Shape {
	if at.shape != nil || at.carried == "" || !at.above.shape.InnerHas(at.carried, m.Key) {
		return at.shape
	}
	shape, _ := at.layout.Object(at.above.shape, at.carried)
	return shape
}

// complete returns the step of an object's own call, which is made for the rows for which one of
// its conditions holds.
func (c *compilation) complete(at *scope, f graphql.CollectedField, missing Condition) *Step {
	if at.completion == nil {
		kind := SinglePipeline
		if at.typeName == "Project" {
			kind = SingleProject
		}
		at.completion = c.add(&Step{Kind: kind, Owner: at.owner, Layout: jsonscan.NewLayout(c.restType(at.typeName))}, f, at)
		at.completion.Arguments = &Arguments{}
	}
	at.completion.Lacks = append(at.completion.Lacks, missing)
	return at.completion
}
