package limits

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// undefer removes @defer from a document. A server may ignore @defer, and over plain HTTP it must:
// gqlgen would omit the deferred fields from the single response, and leak a goroutine that waits
// for a reader.
func undefer(doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		undeferSet(op.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		undeferSet(fragment.SelectionSet)
	}
}

func undeferSet(set ast.SelectionSet) {
	isDefer := func(d *ast.Directive) bool { return d.Name == "defer" }
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			undeferSet(selection.SelectionSet)
		case *ast.InlineFragment:
			selection.Directives = slices.DeleteFunc(selection.Directives, isDefer)
			undeferSet(selection.SelectionSet)
		case *ast.FragmentSpread:
			selection.Directives = slices.DeleteFunc(selection.Directives, isDefer)
		}
	}
}
