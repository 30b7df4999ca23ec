package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// size is the size of a selection set with its fragments spread.
type size struct {
	depth, rootFields, fields, aliases, deferred int
}

// surfeit is where sizes stop growing: a few fragments that spread each other twice hold more
// fields than an int can count.
const surfeit = 1 << 40

func (s *size) add(o size) {
	s.depth = max(s.depth, o.depth)
	s.rootFields = min(s.rootFields+o.rootFields, surfeit)
	s.fields = min(s.fields+o.fields, surfeit)
	s.aliases = min(s.aliases+o.aliases, surfeit)
	s.deferred = min(s.deferred+o.deferred, surfeit)
}

// structure measures a parsed document before validation, in one pass: each fragment is measured
// once.
type structure struct {
	fragments map[string]*ast.FragmentDefinition
	sizes     map[string]size
	open      map[string]bool // fragments being measured
	problem   *gqlerror.Error // the first problem, which ends the measuring

	directives, spreads int
}

// checkStructure refuses documents whose validation or execution would be costly. Its cost is
// linear in the document.
func checkStructure(doc *ast.QueryDocument, l Limits) *gqlerror.Error {
	if past(len(doc.Fragments), l.Fragments) {
		return exceeded("fragments", "many fragments", l.Fragments)
	}
	s := &structure{
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		sizes:     make(map[string]size, len(doc.Fragments)),
		open:      map[string]bool{},
	}
	for _, f := range doc.Fragments {
		if s.fragments[f.Name] == nil {
			s.fragments[f.Name] = f
		}
	}
	total := 0
	for _, f := range doc.Fragments {
		total = min(total+s.fragment(f).fields, surfeit)
	}
	for _, op := range doc.Operations {
		if past(len(op.VariableDefinitions), l.Variables) {
			return exceeded("variables", "many variables", l.Variables)
		}
		size := s.selections(op.SelectionSet)
		if err := size.check(l); err != nil && s.problem == nil {
			return err
		}
		if op.Operation == ast.Mutation && past(size.rootFields, l.Mutations) && s.problem == nil {
			return exceeded("mutations", "many mutations", l.Mutations)
		}
		total = min(total+size.fields, surfeit)
		s.directives += len(op.Directives)
	}
	switch {
	case s.problem != nil:
		return s.problem
	case past(total, l.Fields):
		return exceeded("fields", "many fields", l.Fields)
	case past(s.directives, l.Directives):
		return exceeded("directives", "many directives", l.Directives)
	case past(s.spreads, l.Spreads):
		return exceeded("spreads", "many fragment spreads", l.Spreads)
	}
	return nil
}

func (s size) check(l Limits) *gqlerror.Error {
	switch {
	case past(s.depth, l.Depth):
		return exceeded("depth", "deep a nesting of fields", l.Depth)
	case past(s.rootFields, l.RootFields):
		return exceeded("root-fields", "many top-level fields", l.RootFields)
	case past(s.aliases, l.Aliases):
		return exceeded("aliases", "many aliases", l.Aliases)
	case past(s.deferred, l.Deferred):
		return exceeded("deferred", "many deferred fragments", l.Deferred)
	}
	return nil
}

func (s *structure) selections(set ast.SelectionSet) size {
	var total size
	for _, selection := range set {
		if s.problem != nil {
			break
		}
		switch selection := selection.(type) {
		case *ast.Field:
			total.add(s.field(selection))
		case *ast.InlineFragment:
			s.spreads++
			s.directives += len(selection.Directives)
			total.add(s.selections(selection.SelectionSet))
			total.add(deferral(selection.Directives))
		case *ast.FragmentSpread:
			s.spreads++
			s.directives += len(selection.Directives)
			total.add(s.spread(selection))
			total.add(deferral(selection.Directives))
		}
	}
	return total
}

func (s *structure) field(f *ast.Field) size {
	s.directives += len(f.Directives)
	inner := s.selections(f.SelectionSet)
	total := inner
	total.depth, total.rootFields, total.fields = inner.depth+1, 1, min(inner.fields+1, surfeit)
	if f.Alias != f.Name {
		total.aliases++
	}
	return total
}

// deferral is the size that @defer adds to its fragment.
func deferral(directives ast.DirectiveList) size {
	if directives.ForName(deferName) == nil {
		return size{}
	}
	return size{deferred: 1}
}

// spread returns the size of a spread fragment; zero if there is no such fragment, which validation
// will report.
func (s *structure) spread(spread *ast.FragmentSpread) size {
	fragment := s.fragments[spread.Name]
	if fragment == nil {
		return size{}
	}
	if s.open[spread.Name] {
		s.problem = located(errcode.ValidationFailed, spread.Position.Line, spread.Position.Column, "Cannot spread fragment %q within itself.", clip(spread.Name))
		return size{}
	}
	return s.fragment(fragment)
}

func (s *structure) fragment(f *ast.FragmentDefinition) size {
	if known, ok := s.sizes[f.Name]; ok {
		return known
	}
	s.open[f.Name] = true
	s.directives += len(f.Directives)
	size := s.selections(f.SelectionSet)
	delete(s.open, f.Name)
	s.sizes[f.Name] = size
	return size
}
