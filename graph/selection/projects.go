package selection

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/arguments"
	"jobgraph/restclient"
)

// ProjectsByPath returns the full paths of the projects that the fields project of the query fetch
// in any case. A project below them, of which only the number is known, is searched among these
// before it is fetched itself.
func ProjectsByPath(ctx context.Context) []restclient.ProjectID {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation.Operation != ast.Query {
		return nil
	}
	var paths []restclient.ProjectID
	for _, field := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"}) {
		if field.Name != "project" || !MustFetch(graphql.CollectFields(oc, field.Selections, []string{"Project", "Node"}), ProjectLists) {
			continue
		}
		id, err := graphql.UnmarshalID(field.ArgumentMap(oc.Variables)["id"])
		if err != nil {
			continue
		}
		if in, err := arguments.Project("id", id); err == nil && in.Path != "" {
			paths = append(paths, restclient.ProjectID(in.Path))
		}
	}
	return paths
}
