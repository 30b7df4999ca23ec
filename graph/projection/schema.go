package projection

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/loader"
)

// Schema executes operations by their plan where they have one, by the generated executor otherwise.
type Schema struct {
	graphql.ExecutableSchema
	catalog *catalog
	cache   Cache
	counts  struct{ projected, aside, executed atomic.Int64 }
}

// Cache keeps what is made from an operation's document together with the document: bytes are counted with the document's, and both
// are evicted together.
type Cache interface {
	Derived(op *graphql.OperationContext, key string, make func() (value any, bytes int)) any
}

// Counts says how many operations took which path.
type Counts struct {
	Projected int64 // answered by their plan
	Aside     int64 // begun by their plan and finished by the executor
	Executed  int64 // without a plan
}

// New wraps the generated schema. The cache keeps the plans; without one, every operation is executed.
func New(s graphql.ExecutableSchema, cache Cache) *Schema {
	return &Schema{ExecutableSchema: s, catalog: newCatalog(), cache: cache}
}

// Counts says how many operations took which path so far.
func (s *Schema) Counts() Counts {
	return Counts{s.counts.projected.Load(), s.counts.aside.Load(), s.counts.executed.Load()}
}

// Exec executes the operation.
func (s *Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation.Operation != ast.Query || s.cache == nil {
		s.counts.executed.Add(1)
		return s.ExecutableSchema.Exec(ctx)
	}
	p := s.plan(oc)
	if p == nil {
		s.counts.executed.Add(1)
		return s.ExecutableSchema.Exec(ctx)
	}
	done := false
	var rest graphql.ResponseHandler
	return func(ctx context.Context) *graphql.Response {
		if rest != nil {
			return rest(ctx)
		}
		if done {
			return nil
		}
		done = true
		if data, ok := p.execute(ctx, loader.For(ctx), oc.Variables); ok {
			s.counts.projected.Add(1)
			return &graphql.Response{Data: data}
		}
		s.counts.aside.Add(1)
		rest = s.ExecutableSchema.Exec(ctx)
		return rest(ctx)
	}
}

// maxSwitches bounds the plans of one operation.
const maxSwitches = 4

// plan is the operation's plan for these variables, compiled at its first use; nil where it has none. An operation has one plan for
// each way its @skip and @include can turn out.
func (s *Schema) plan(oc *graphql.OperationContext) *plan {
	names := s.cache.Derived(oc, "switches "+oc.Operation.Name, func() (any, int) {
		names := switches(oc)
		return names, 16 * len(names)
	}).([]string)
	if len(names) > maxSwitches {
		return nil
	}
	key := "plan " + oc.Operation.Name + settings(names, oc.Variables)
	return s.cache.Derived(oc, key, func() (any, int) { return s.catalog.compile(oc) }).(*plan)
}

// settings says how the switches stand.
func settings(switches []string, variables map[string]any) string {
	if len(switches) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte(' ')
	for _, name := range switches {
		on, _ := variables[name].(bool)
		b.Write(boolean(on))
	}
	return b.String()
}

// switches finds the variables that @skip and @include depend on, anywhere in the document.
func switches(oc *graphql.OperationContext) []string {
	found := map[string]bool{}
	var names []string
	var walk func(ast.SelectionSet)
	note := func(directives ast.DirectiveList) {
		for _, d := range directives {
			for _, a := range d.Arguments {
				if a.Value.Kind == ast.Variable && !found[a.Value.Raw] {
					found[a.Value.Raw] = true
					names = append(names, a.Value.Raw)
				}
			}
		}
	}
	walk = func(selection ast.SelectionSet) {
		for _, s := range selection {
			switch s := s.(type) {
			case *ast.Field:
				note(s.Directives)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				note(s.Directives)
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				note(s.Directives)
			}
		}
	}
	walk(oc.Operation.SelectionSet)
	for _, f := range oc.Doc.Fragments {
		walk(f.SelectionSet)
	}
	return names
}
