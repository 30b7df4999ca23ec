// Package projection is the fast engine: it answers common queries by copying the bytes that GitLab
// sent, without executing them field by field.
//
//	jsonscan   finds values in JSON; independent of GraphQL
//	plan       compiles an operation into steps and objects; does no I/O
//	run        does the steps and writes the answer
//
// Each imports those above it only. Which REST key is which field comes from graph/mapping, how
// lists are paged from graph/loader and graph/paging, what a job's status means from graph/model:
// the executor uses the same.
//
// The generated executor is the reference. The fast engine may leave any operation to it, and never
// answers one differently, byte for byte, nor with other REST calls; the differential test in this
// package compares the two.
package projection

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/loader"
	"jobgraph/graph/projection/plan"
	"jobgraph/graph/projection/run"
)

// Schema executes operations by their plan if they have one, by the generated executor otherwise.
type Schema struct {
	graphql.ExecutableSchema
	compiler *plan.Compiler
	cache    Cache
	explain  bool
	hold     int // see run.Hold
	counts   struct{ projected, fellBack, notQueries, switchedOff, uncovered atomic.Int64 }
}

// Cache keeps what is made from an operation's document together with the document: bytes are
// counted with the document's, and both are evicted together.
type Cache interface {
	Derived(op *graphql.OperationContext, key string, make func() (value any, bytes int)) any
}

// Counts is the number of operations that each engine has answered.
type Counts struct {
	Projected int64 // by their plan
	FellBack  int64 // begun by their plan and finished by the executor
	Executed  int64 // without a plan
}

// Reasons is the number of operations without a plan, by the reason.
type Reasons struct {
	NotQuery    int64 // it is a mutation or a subscription
	SwitchedOff int64 // there are no plans
	Uncovered   int64 // it has something that no plan covers
}

// New wraps the generated schema. The cache keeps the plans; without one, every operation is
// executed.
func New(s graphql.ExecutableSchema, cache Cache) *Schema {
	return &Schema{ExecutableSchema: s, compiler: plan.NewCompiler(s.Schema()), cache: cache, hold: run.Hold}
}

// Explain adds the plan as text, extensions.plan, to the response of requests with the extension
// {"plan": true}. It must be called before the first request.
func (s *Schema) Explain() { s.explain = true }

// Counts returns how many operations each engine has answered so far.
func (s *Schema) Counts() Counts {
	r := s.Reasons()
	return Counts{s.counts.projected.Load(), s.counts.fellBack.Load(), r.NotQuery + r.SwitchedOff + r.Uncovered}
}

// Reasons returns the number of operations without a plan so far, by the reason.
func (s *Schema) Reasons() Reasons {
	return Reasons{s.counts.notQueries.Load(), s.counts.switchedOff.Load(), s.counts.uncovered.Load()}
}

// Exec executes the operation.
func (s *Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	switch {
	case oc.Operation.Operation != ast.Query:
		s.counts.notQueries.Add(1)
		return s.ExecutableSchema.Exec(ctx)
	case s.cache == nil:
		s.counts.switchedOff.Add(1)
		return s.ExecutableSchema.Exec(ctx)
	}
	p := s.plan(oc)
	if p == nil {
		s.counts.uncovered.Add(1)
		return s.explained(oc, nil, s.ExecutableSchema.Exec(ctx))
	}
	var executed graphql.ResponseHandler
	done := false
	return s.explained(oc, p, func(ctx context.Context) *graphql.Response {
		if executed != nil {
			return executed(ctx)
		}
		if done {
			return nil
		}
		done = true
		if data, ok := run.Execute(ctx, p, loader.For(ctx), oc.Variables, s.hold); ok {
			s.counts.projected.Add(1)
			return &graphql.Response{Data: data}
		}
		s.counts.fellBack.Add(1)
		executed = s.ExecutableSchema.Exec(ctx)
		return executed(ctx)
	})
}

// Prepare compiles an operation before its first request, with each variable of its @skip and
// @include false or absent.
func (s *Schema) Prepare(oc *graphql.OperationContext) {
	if oc.Operation.Operation == ast.Query && s.cache != nil {
		s.plan(oc)
	}
}

// explained adds the plan to the response of a request that asks for it.
func (s *Schema) explained(oc *graphql.OperationContext, p *plan.Plan,
	next graphql.ResponseHandler) graphql.ResponseHandler {
	if asked, _ := oc.Extensions["plan"].(bool); !asked || !s.explain {
		return next
	}
	text := "executor: the operation has something that no plan covers\n"
	if p != nil {
		text = p.String()
	}
	return func(ctx context.Context) *graphql.Response {
		response := next(ctx)
		if response != nil {
			graphql.RegisterExtension(ctx, "plan", text)
		}
		return response
	}
}

// maxSwitches bounds the plans of one operation, which has one for each combination of the
// variables in its @skip and @include.
const maxSwitches = 4

// plan returns the operation's plan for these variables; nil if it has none. It is compiled at its
// first use.
func (s *Schema) plan(oc *graphql.OperationContext) *plan.Plan {
	names := s.cache.Derived(oc, "switches "+oc.Operation.Name, func() (any, int) {
		names := switches(oc)
		return names, 16 * len(names)
	}).([]string)
	if len(names) > maxSwitches {
		return nil
	}
	key := "plan " + oc.Operation.Name + settings(names, oc.Variables)
	return s.cache.Derived(oc, key, func() (any, int) {
		p := s.compiler.Compile(oc)
		if p == nil {
			return p, 0
		}
		return p, p.Bytes
	}).(*plan.Plan)
}

// settings returns the values of the switches as a part of a key.
func settings(switches []string, variables map[string]any) string {
	if len(switches) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte(' ')
	for _, name := range switches {
		on, _ := variables[name].(bool)
		b.WriteString(strconv.FormatBool(on))
	}
	return b.String()
}

// switches returns the variables that @skip and @include depend on, anywhere in the document.
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
