package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// merging checks that fields of the same response name can be answered as one ("Field Selection
// Merging" of the specification). The library's rule compares every pair of such fields; this one
// compares each with the first of its group, which is equivalent for an otherwise valid document:
// equality is transitive, and all fields of a group can be selected on the same object.
type merging struct {
	schema    *ast.Schema
	fragments map[string]*ast.FragmentDefinition
	left      int // fields that may still be visited
	bounded   bool
	problem   *gqlerror.Error
}

// checkMerging checks every operation of a valid document. It visits at most limit fields; 0 is no
// limit.
func checkMerging(schema *ast.Schema, doc *ast.QueryDocument, limit int) *gqlerror.Error {
	m := &merging{
		schema:    schema,
		left:      limit,
		bounded:   limit > 0,
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
	}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	for _, op := range doc.Operations {
		root := []ast.SelectionSet{op.SelectionSet}
		m.shapes(root)
		m.same(root)
	}
	if m.problem == nil && m.bounded && m.left < 0 {
		return exceeded("fields", "many fields to merge", limit)
	}
	return m.problem
}

// group is the fields of one response name.
type group []*ast.Field

// collect groups the fields of the sets by response name, in the document's order, through
// fragments.
func (m *merging) collect(sets []ast.SelectionSet) []group {
	c := collector{merging: m, index: map[string]int{}}
	for _, set := range sets {
		c.add(set)
	}
	return c.groups
}

type collector struct {
	*merging
	groups []group
	index  map[string]int
	spread map[string]bool // a second spread of a fragment adds no fields
}

func (c *collector) add(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			c.left--
			i, ok := c.index[selection.Alias]
			if !ok {
				i = len(c.groups)
				c.index[selection.Alias] = i
				c.groups = append(c.groups, nil)
			}
			c.groups[i] = append(c.groups[i], selection)
		case *ast.InlineFragment:
			c.add(selection.SelectionSet)
		case *ast.FragmentSpread:
			if fragment := c.fragments[selection.Name]; fragment != nil && !c.spread[selection.Name] {
				if c.spread == nil {
					c.spread = map[string]bool{}
				}
				c.spread[selection.Name] = true
				c.add(fragment.SelectionSet)
			}
		}
	}
}

func (m *merging) done() bool { return m.problem != nil || m.bounded && m.left < 0 }

// shapes checks that all fields of one response name have types of the same shape, on any object.
func (m *merging) shapes(sets []ast.SelectionSet) {
	if m.done() {
		return
	}
	for _, g := range m.collect(sets) {
		for _, f := range g[1:] {
			if !m.sameShape(g[0].Definition.Type, f.Definition.Type) {
				m.conflict(f, `they return conflicting types "%s" and "%s"`, g[0].Definition.Type, f.Definition.Type)
				return
			}
		}
		m.shapes(g.children())
	}
}

// same checks that fields of one response name on the same object are the same field with the same
// arguments.
func (m *merging) same(sets []ast.SelectionSet) {
	if m.done() {
		return
	}
	for _, g := range m.collect(sets) {
		for _, part := range g.meeting() {
			for _, f := range part[1:] {
				if f.Name != part[0].Name {
					m.conflict(f, `"%s" and "%s" are different fields`, part[0].Name, f.Name)
					return
				}
				if !sameArguments(part[0].Arguments, f.Arguments) {
					m.conflict(f, "they have differing arguments")
					return
				}
			}
			m.same(part.children())
		}
	}
}

// meeting splits a group into the fields that can be selected on the same object: fields of an
// interface can be with all others, fields of an object type with those of the same type.
func (g group) meeting() []group {
	if len(g) == 1 {
		return []group{g}
	}
	var abstract group
	objects := map[string]group{}
	var order []string
	for _, f := range g {
		if f.ObjectDefinition.Kind != ast.Object {
			abstract = append(abstract, f)
			continue
		}
		name := f.ObjectDefinition.Name
		if objects[name] == nil {
			order = append(order, name)
		}
		objects[name] = append(objects[name], f)
	}
	if len(order) == 0 {
		return []group{abstract}
	}
	parts := make([]group, 0, len(order))
	for _, name := range order {
		parts = append(parts, append(objects[name], abstract...))
	}
	return parts
}

func (g group) children() []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, f := range g {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	return sets
}

// sameShape compares wrapper types, and type names if one of them is a leaf. The fields of
// composite types are compared one by one.
func (m *merging) sameShape(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.sameShape(a.Elem, b.Elem)
	}
	if m.schema.Types[a.NamedType].IsLeafType() || m.schema.Types[b.NamedType].IsLeafType() {
		return a.NamedType == b.NamedType
	}
	return true
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, arg := range a {
		other := b.ForName(arg.Name)
		if other == nil || !sameValue(arg.Value, other.Value) {
			return false
		}
	}
	return true
}

// sameValue compares two values; the order of an object's fields does not count.
func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, child := range a.Children {
		other := b.Children[i].Value
		if a.Kind == ast.ObjectValue {
			other = b.Children.ForName(child.Name)
		}
		if other == nil || !sameValue(child.Value, other) {
			return false
		}
	}
	return true
}

func (m *merging) conflict(f *ast.Field, reason string, args ...any) {
	m.problem = located(errcode.ValidationFailed, f.Position.Line, f.Position.Column,
		`Fields "%s" conflict because `+reason+`. Use different aliases on the fields to fetch both if this was intentional.`,
		append([]any{f.Alias}, args...)...)
}
