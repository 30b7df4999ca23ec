package projection_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/relay"
)

// asker draws random queries over the schema.
type asker struct {
	r         *rand.Rand
	schema    *ast.Schema
	variables map[string]any
	declared  []string
	fragments []string
	budget    int   // fields still to be drawn
	project   int64 // of the field's address being drawn
	usual     bool  // keep to what the plan covers, and to arguments that are right
}

// ask draws a document: its text and its variables.
func ask(r *rand.Rand, schema *ast.Schema) (query string, variables map[string]any) {
	a := &asker{r: r, schema: schema, variables: map[string]any{}, budget: 40, usual: r.IntN(8) > 0}
	body := a.selection(schema.Query, 0)
	head := "query Q"
	if len(a.declared) > 0 {
		head += "(" + strings.Join(a.declared, ", ") + ")"
	}
	return head + body + "\n" + strings.Join(a.fragments, "\n"), a.variables
}

// unusual are the fields that the plan leaves to the executor.
var unusual = map[string]bool{"Query.allowedAgents": true}

// one draws one of several, the first of them where only the usual is wanted.
func one[T any](a *asker, usual int, all ...T) T {
	if a.usual {
		return all[a.r.IntN(usual)]
	}
	return all[a.r.IntN(len(all))]
}

const deepest = 9

func (a *asker) selection(t *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString(" {")
	n := 1 + a.r.IntN(5)
	for range n {
		a.budget--
		b.WriteString(" " + a.selected(t, depth))
	}
	b.WriteString(" }")
	return b.String()
}

func (a *asker) selected(t *ast.Definition, depth int) string {
	x := a.r.IntN(20)
	if t.IsAbstractType() && x > 4 {
		x = 1 + x%2 // an interface selected alone has few fields
	}
	switch {
	case x == 0:
		return "__typename"
	case x == 1 && depth > 0:
		on := a.condition(t)
		head := "..."
		if on != t || a.r.IntN(2) == 0 {
			head += " on " + on.Name
		}
		return head + a.directive() + a.selection(on, depth)
	case x == 2 && depth > 0 && len(a.fragments) < 4:
		name, on := fmt.Sprintf("F%d", len(a.fragments)), a.condition(t)
		at := len(a.fragments)
		a.fragments = append(a.fragments, "")
		a.fragments[at] = "fragment " + name + " on " + on.Name + a.selection(on, depth)
		return "..." + name + a.directive()
	}
	return a.field(t, depth)
}

// condition is the type of a fragment that applies to t: t itself, one of its interfaces, or a type
// that implements it.
func (a *asker) condition(t *ast.Definition) *ast.Definition {
	if t.IsAbstractType() && a.r.IntN(4) > 0 {
		possible := a.schema.GetPossibleTypes(t)
		return possible[a.r.IntN(len(possible))]
	}
	if len(t.Interfaces) > 0 && a.r.IntN(2) == 0 {
		return a.schema.Types[t.Interfaces[a.r.IntN(len(t.Interfaces))]]
	}
	return t
}

func (a *asker) field(t *ast.Definition, depth int) string {
	for {
		f := t.Fields[a.r.IntN(len(t.Fields))]
		inner := a.schema.Types[f.Type.Name()]
		composite := inner.IsCompositeType()
		switch {
		case strings.HasPrefix(f.Name, "__"), composite && (depth >= deepest || a.budget < 0), f.Name == "log":
			if depth >= deepest || a.budget < 0 {
				if leaf := firstLeaf(a.schema, t); leaf != "" {
					return leaf
				}
				return "__typename"
			}
			continue
		case a.usual && unusual[t.Name+"."+f.Name]:
			continue
		}
		text := f.Name
		if a.r.IntN(4) == 0 {
			text = fmt.Sprintf("a%d: %s", a.r.IntN(1000), f.Name)
		}
		text += a.arguments(f) + a.directive()
		if composite {
			text += a.selection(inner, depth+1)
		}
		return text
	}
}

func firstLeaf(schema *ast.Schema, t *ast.Definition) string {
	for _, f := range t.Fields {
		if !strings.HasPrefix(f.Name, "__") && schema.Types[f.Type.Name()].IsLeafType() {
			return f.Name
		}
	}
	return ""
}

func (a *asker) directive() string {
	if a.r.IntN(12) > 0 {
		return ""
	}
	name := []string{"skip", "include"}[a.r.IntN(2)]
	value := fmt.Sprint(a.r.IntN(2) == 0)
	if a.r.IntN(2) == 0 && len(a.declared) < 6 {
		value = a.variable("Boolean!", a.r.IntN(2) == 0)
	}
	return " @" + name + "(if: " + value + ")"
}

func (a *asker) variable(typeName string, value any) string {
	name := fmt.Sprintf("v%d", len(a.declared))
	a.declared = append(a.declared, "$"+name+": "+typeName)
	a.variables[name] = value
	return "$" + name
}

func (a *asker) arguments(f *ast.FieldDefinition) string {
	var all []string
	a.project = int64(1 + a.r.IntN(projects))
	backward := a.r.IntN(4) == 0 // first goes with after and last with before, where only the usual is wanted
	for _, d := range f.Arguments {
		required := d.Type.NonNull
		if !required && (a.r.IntN(3) > 0 || a.usual && backward != strings.Contains("last before", d.Name) &&
			strings.Contains("first after last before", d.Name)) {
			continue
		}
		literal, value := a.value(f, d)
		if literal == "" {
			continue
		}
		if a.r.IntN(4) == 0 && len(a.declared) < 8 {
			literal = a.variable(d.Type.String(), value)
		}
		all = append(all, d.Name+": "+literal)
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// value draws an argument's value, as a literal and as a variable's.
func (a *asker) value(f *ast.FieldDefinition, d *ast.ArgumentDefinition) (literal string, value any) {
	switch d.Name {
	case "first", "last":
		n := one(a, 8, 0, 1, 2, 5, 20, 100, 120, 500, 501, -1)
		return fmt.Sprint(n), n
	case "after", "before":
		return quoted(a.cursor(f))
	case "project":
		return quoted(a.projectAddress())
	case "id":
		return quoted(a.id(f))
	case "ids":
		return a.ids(f)
	case "statuses":
		words := one(a, 4, []string{"FAILED"}, []string{"SUCCESS", "RUNNING"}, []string{}, []string{"MANUAL", "FAILED", "FAILED", "CREATED"},
			[]string{"UNKNOWN"})
		values := make([]any, len(words))
		for i, w := range words {
			values[i] = w
		}
		return "[" + strings.Join(words, ",") + "]", values
	case "includeRetried":
		return "true", true
	case "fileTypes":
		return `["trace", "junit"]`, []any{"trace", "junit"}
	case "ref":
		return quoted(one(a, 4, "build", "déploiement", "main", "", "\u2028 line separator"))
	case "sha":
		return quoted(one(a, 2, "0ff3ae198f8601a285adcf5c0fff204ee6fba5fd", "c0ffee"))
	case "source":
		return quoted(one(a, 3, "push", "schedule", ""))
	case "username":
		return quoted(one(a, 3, "root", "nobody", ""))
	case "updatedAfter", "updatedBefore":
		return quoted(one(a, 2, "2024-05-01T10:12:02Z", "2024-05-01T10:12:02.5+02:00", "yesterday"))
	case "filter":
		return a.filter()
	}
	panic("no value for the argument " + d.Name)
}

func quoted(s string) (string, any) { return `"` + s + `"`, s }

func (a *asker) projectAddress() string {
	n := a.project + int64(one(a, 1, 0, 1))
	return one(a, 3, fmt.Sprint(n), fmt.Sprintf("group/p%d", n), fmt.Sprintf("gid://gitlab/Project/%d", n), "nonsense")
}

func (a *asker) id(f *ast.FieldDefinition) string {
	project := a.project
	job := project*firstJobOfProject + int64(1+a.r.IntN(jobsOfProject+one(a, 1, 0, 1)))
	pipeline := project*pipelinesPerProject + int64(1+a.r.IntN(pipelinesOfProject+one(a, 1, 0, 1)))
	switch f.Name {
	case "project", "projects":
		return a.projectAddress()
	case "job":
		return one(a, 1, fmt.Sprint(job), gid.Job(project, job), "0", "x")
	case "pipeline":
		return one(a, 1, fmt.Sprint(pipeline), gid.Pipeline(project, pipeline), "-1")
	}
	return one(a, 4, gid.Job(project, job), gid.Job(project, job), gid.Pipeline(project, pipeline), gid.Project(project),
		gid.Bridge(project, pipeline, firstBridgeNumber+pipeline*10+1), gid.User(1), "gid://gitlab/Project/01/Job/7", "")
}

// ids draws a list of global IDs, some of them twice, as a literal and as a variable's value.
func (a *asker) ids(f *ast.FieldDefinition) (string, any) {
	n := one(a, 6, 0, 1, 2, 3, 5, 8, arguments.MaxIDs, arguments.MaxIDs+1)
	literals, values := make([]string, n), make([]any, n)
	for i := range n {
		a.project = int64(1 + a.r.IntN(projects))
		if literals[i], values[i] = quoted(a.id(f)); i > 0 && a.r.IntN(4) == 0 {
			same := a.r.IntN(i)
			literals[i], values[i] = literals[same], values[same]
		}
	}
	return "[" + strings.Join(literals, ", ") + "]", values
}

func (a *asker) cursor(f *ast.FieldDefinition) string {
	n := int64(1 + a.r.IntN(projects*firstJobOfProject+jobsOfProject))
	pipeline := int64(pipelinesPerProject + 1 + a.r.IntN(3))
	switch f.Name {
	case "artifacts":
		return relay.Cursor{List: "artifact", Key: "trace/build", Offset: 1}.Encode()
	case "bridges":
		return relay.NumberCursor("bridge", pipeline, firstBridgeNumber+pipeline*10+2, 1)
	case "pipelines":
		return a.pipelineCursor()
	}
	return []string{relay.NumberCursor("job", 0, n, 0), relay.NumberCursor("pipelinejob", pipeline, n, a.r.IntN(20)), "foreign"}[a.r.IntN(3)]
}

// pipelineCursor draws a cursor of a project's pipelines, which has a place in the list of each
// status, or in another number of lists.
func (a *asker) pipelineCursor() string {
	hints := make([]int, one(a, 4, 1, 1, 2, 3, 0))
	for i := range hints {
		hints[i] = a.r.IntN(pipelinesOfProject + 1)
	}
	if !a.usual && a.r.IntN(4) == 0 {
		return relay.Cursor{List: loader.Pipelines, Key: "101 x"}.Encode()
	}
	return loader.PipelineCursor(int64(pipelinesPerProject+1+a.r.IntN(pipelinesOfProject)), hints)
}

// filter draws a filter of jobs, as a literal and as a variable's value.
func (a *asker) filter() (string, any) {
	parts := []struct {
		name, literal string
		value         any
	}{
		{"stages", `["build", "déploiement"]`, []any{"build", "déploiement"}},
		{"stages", `"build"`, "build"},
		{"name", `"rspec unit 3/8"`, "rspec unit 3/8"},
		{"namePattern", `"*e*"`, "*e*"},
		{"tags", `["docker runner"]`, []any{"docker runner"}},
		{"failureReasons", `["script_failure"]`, []any{"script_failure"}},
		{"allowFailure", "true", true},
		{"runnerId", `"1"`, "1"},
		{"stages", "[]", []any{}},
		{"runnerId", `"gid://gitlab/User/1"`, "gid://gitlab/User/1"},
	}
	usual := len(parts) - 1
	if !a.usual {
		usual++
	}
	var literals []string
	values := map[string]any{}
	for range a.r.IntN(3) {
		p := parts[a.r.IntN(usual)]
		if _, twice := values[p.name]; !twice {
			literals, values[p.name] = append(literals, p.name+": "+p.literal), p.value
		}
	}
	return "{" + strings.Join(literals, ", ") + "}", values
}
