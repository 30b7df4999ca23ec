// Package selection decides from a query's selections what has to be fetched. Both engines use it.
package selection

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Named returns the selections of one field in a selection set on an object of the given types, one
// for each of its response names. Fields that @skip and @include leave out are not among them.
func Named(ctx context.Context, in ast.SelectionSet, field string, types ...string) []graphql.CollectedField {
	var found []graphql.CollectedField
	for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), in, types) {
		if f.Name == field {
			found = append(found, f)
		}
	}
	return found
}

// The fields of an object that can be answered without fetching the object itself, if its address
// is known: its lists and the objects below it, which have addresses of their own; and the address.
var (
	ProjectLists  = []string{"jobs", "job", "pipeline", "pipelines", "latestPipeline"}
	PipelineLists = []string{"jobs", "bridges", "stages", "jobCounts", "downstream", "descendants"}
	addressFields = []string{"id", "databaseId", "project", "__typename"}
)

// MustFetch reports whether an object of which only the address is known has to be fetched: a field
// is selected that only the object itself answers, or no list is selected whose answer would show
// that the object exists.
func MustFetch(selected []graphql.CollectedField, lists []string) bool {
	listSelected := false
	for _, field := range selected {
		switch {
		case slices.Contains(lists, field.Name):
			listSelected = true
		case !slices.Contains(addressFields, field.Name):
			return true
		}
	}
	return !listSelected
}
