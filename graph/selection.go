package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selections are the selections of one field in a selection set on an object of these types, one for each of its response names. Fields that @skip and
// @include leave out are not among them.
func selections(ctx context.Context, in ast.SelectionSet, field string, types ...string) []graphql.CollectedField {
	var found []graphql.CollectedField
	for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), in, types) {
		if f.Name == field {
			found = append(found, f)
		}
	}
	return found
}
