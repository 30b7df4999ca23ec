package limits

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

const deferName = "defer"

// Deferred returns the directives @defer of an operation's document, by their fragments; nil if it
// has none, or is not cached any more. The document itself is without them, so that an engine
// answers all of it.
func (d *Documents) Deferred(op *graphql.OperationContext) map[ast.Selection]*ast.Directive {
	doc := d.lookup(op.RawQuery)
	if doc == nil || doc.query != op.Doc {
		return nil
	}
	return doc.deferred
}

// deferrals finds the directives @defer of a document.
type deferrals struct {
	found    map[ast.Selection]*ast.Directive
	labels   map[string]bool
	problems gqlerror.List
}

// undefer removes @defer from a document that is otherwise valid, and returns what it removed; or
// the errors of directives that are against the specification.
func undefer(doc *ast.QueryDocument) (map[ast.Selection]*ast.Directive, gqlerror.List) {
	d := &deferrals{}
	for _, op := range doc.Operations {
		d.remove(op.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		d.remove(fragment.SelectionSet)
	}
	if d.found == nil {
		return nil, nil
	}
	for _, op := range doc.Operations {
		if op.Operation != ast.Query {
			d.check(op, op.SelectionSet, true, map[string]bool{})
		}
	}
	return d.found, d.problems
}

func (d *deferrals) remove(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			d.remove(selection.SelectionSet)
		case *ast.InlineFragment:
			selection.Directives = d.note(selection, selection.Directives)
			d.remove(selection.SelectionSet)
		case *ast.FragmentSpread:
			selection.Directives = d.note(selection, selection.Directives)
		}
	}
}

// note notes the directive of a fragment, and returns its other directives.
func (d *deferrals) note(fragment ast.Selection, directives ast.DirectiveList) ast.DirectiveList {
	directive := directives.ForName(deferName)
	if directive == nil {
		return directives
	}
	if d.found == nil {
		d.found, d.labels = map[ast.Selection]*ast.Directive{}, map[string]bool{}
	}
	d.found[fragment] = directive
	if label := directive.Arguments.ForName("label"); label != nil && label.Value.Kind != ast.NullValue {
		switch text := label.Value.Raw; {
		case label.Value.Kind == ast.Variable:
			d.refuse(directive, `Argument "@defer(label:)" must be a static string.`)
		case d.labels[text]:
			d.refuse(directive, "Defer directive label argument must be unique.")
		default:
			d.labels[text] = true
		}
	}
	return slices.DeleteFunc(directives, func(one *ast.Directive) bool { return one == directive })
}

// check checks what is deferred in a mutation or subscription.
func (d *deferrals) check(op *ast.OperationDefinition, set ast.SelectionSet, root bool, seen map[string]bool) {
	for _, selection := range set {
		directive := d.found[selection]
		switch {
		case directive == nil:
		case root:
			d.refuse(directive, "Defer directive cannot be used on root "+string(op.Operation)+" type.")
		case op.Operation == ast.Subscription && !mayBeOff(directive):
			d.refuse(directive, "Defer directive not supported on subscription operations. "+
				"Disable `@defer` by setting the `if` argument to `false`.")
		}
		switch selection := selection.(type) {
		case *ast.Field:
			d.check(op, selection.SelectionSet, false, seen)
		case *ast.InlineFragment:
			d.check(op, selection.SelectionSet, root, seen)
		case *ast.FragmentSpread:
			if !seen[selection.Name] {
				seen[selection.Name] = true
				d.check(op, selection.Definition.SelectionSet, root, seen)
			}
		}
	}
}

// mayBeOff reports whether a directive is switched off, or may be by a variable.
func mayBeOff(directive *ast.Directive) bool {
	a := directive.Arguments.ForName("if")
	return a != nil && (a.Value.Kind == ast.Variable || a.Value.Raw == "false")
}

func (d *deferrals) refuse(at *ast.Directive, message string) {
	d.problems = append(d.problems, located(errcode.ValidationFailed, at.Position.Line, at.Position.Column, "%s", message))
}
