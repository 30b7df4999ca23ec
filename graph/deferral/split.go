package deferral

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Split is an operation without its deferred fragments, and those as operations of their own.
type Split struct {
	first     *graphql.OperationContext
	fragments []*fragment
}

// fragment is a deferred fragment as an operation: the fields that lead to it, and what it selects.
type fragment struct {
	label     string
	path      []string  // the response names of the fields that lead to it
	within    *fragment // the deferred fragment that this one is in; nil if there is none
	selection ast.SelectionSet
	operation *graphql.OperationContext
}

// New splits an operation whose document has these directives @defer, by its variables; nil if none
// of them applies.
func New(op *graphql.OperationContext, deferred map[ast.Selection]*ast.Directive) *Split {
	s := splitter{op: op, deferred: deferred}
	kept, found := s.split(op.Operation.SelectionSet)
	if len(found) == 0 {
		return nil
	}
	for _, f := range found {
		f.operation = s.operation(f.selection)
	}
	return &Split{first: s.operation(kept), fragments: found}
}

// splitter splits one operation. It copies what it changes, since the document is shared.
type splitter struct {
	op       *graphql.OperationContext
	deferred map[ast.Selection]*ast.Directive
}

// split returns what of a selection is not deferred, and the deferred fragments in it, each before
// those within it.
func (s *splitter) split(in ast.SelectionSet) (kept ast.SelectionSet, found []*fragment) {
	for _, selection := range in {
		switch selection := selection.(type) {
		case *ast.Field:
			if !s.included(selection.Directives) {
				continue
			}
			inner, below := s.split(selection.SelectionSet)
			if len(below) == 0 {
				kept = append(kept, selection)
				continue
			}
			kept = append(kept, withSelection(selection, inner))
			for _, f := range below {
				f.selection = ast.SelectionSet{withSelection(selection, f.selection)}
				f.path = append([]string{selection.Alias}, f.path...)
			}
			found = append(found, below...)
		case *ast.InlineFragment:
			k, f := s.fragment(selection, *selection)
			kept, found = append(kept, k...), append(found, f...)
		case *ast.FragmentSpread:
			k, f := s.fragment(selection, ast.InlineFragment{
				TypeCondition: selection.Definition.TypeCondition, Directives: selection.Directives, Position: selection.Position,
				SelectionSet: selection.Definition.SelectionSet, ObjectDefinition: selection.ObjectDefinition,
			})
			kept, found = append(kept, k...), append(found, f...)
		}
	}
	return kept, found
}

func withSelection(f *ast.Field, in ast.SelectionSet) *ast.Field {
	copied := *f
	copied.SelectionSet = in
	return &copied
}

// fragment is split for one fragment, given as an inline fragment of its content.
func (s *splitter) fragment(selection ast.Selection, as ast.InlineFragment) (kept ast.SelectionSet, found []*fragment) {
	if !s.included(as.Directives) {
		return nil, nil
	}
	around := func(in ast.SelectionSet) ast.SelectionSet {
		copied := as
		copied.SelectionSet = in
		return ast.SelectionSet{&copied}
	}
	inner, below := s.split(as.SelectionSet)
	for _, f := range below {
		f.selection = around(f.selection)
	}
	label, deferred := s.isDeferred(selection)
	switch {
	case !deferred && len(below) == 0:
		return ast.SelectionSet{selection}, nil
	case len(inner) == 0:
		return nil, below
	case !deferred:
		return around(inner), below
	}
	own := &fragment{label: label, selection: around(inner)}
	for _, f := range below {
		if f.within == nil {
			f.within = own
		}
	}
	return nil, append([]*fragment{own}, below...)
}

// isDeferred reports whether a fragment is deferred for the operation's variables.
func (s *splitter) isDeferred(selection ast.Selection) (label string, deferred bool) {
	d := s.deferred[selection]
	if d == nil {
		return "", false
	}
	if a := d.Arguments.ForName("label"); a != nil && a.Value.Kind != ast.NullValue {
		label = a.Value.Raw
	}
	return label, s.condition(d, true)
}

// included reports whether @skip and @include leave a selection in.
func (s *splitter) included(directives ast.DirectiveList) bool {
	if d := directives.ForName("skip"); d != nil && s.condition(d, false) {
		return false
	}
	d := directives.ForName("include")
	return d == nil || s.condition(d, true)
}

// condition returns the argument if of a directive. A variable without a value counts as standard.
func (s *splitter) condition(d *ast.Directive, standard bool) bool {
	a := d.Arguments.ForName("if")
	if a == nil {
		return standard
	}
	value, err := a.Value.Value(s.op.Variables)
	if on, ok := value.(bool); ok && err == nil {
		return on
	}
	return standard
}

// operation returns the context of an operation with this selection.
func (s *splitter) operation(selection ast.SelectionSet) *graphql.OperationContext {
	definition := *s.op.Operation
	definition.SelectionSet = selection
	return &graphql.OperationContext{
		RawQuery: s.op.RawQuery, Variables: s.op.Variables, OperationName: s.op.OperationName,
		Doc:        &ast.QueryDocument{Operations: ast.OperationList{&definition}, Fragments: s.op.Doc.Fragments},
		Extensions: s.op.Extensions, Headers: s.op.Headers, Operation: &definition,
		DisableIntrospection: s.op.DisableIntrospection, RecoverFunc: s.op.RecoverFunc,
		ResolverMiddleware: s.op.ResolverMiddleware, RootResolverMiddleware: s.op.RootResolverMiddleware, Stats: s.op.Stats,
	}
}
