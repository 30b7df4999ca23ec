package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/logs"
	"jobgraph/graph/selection"
)

// wantLog registers with a log all that is selected of it on one object, under all aliases, so that
// the log is read once.
func wantLog(ctx context.Context, object *graphql.FieldContext, log *logs.Log) error {
	for object.Field.Field == nil { // an element of a list; the field of the list has the selections
		object = object.Parent
	}
	variables := graphql.GetOperationContext(ctx).Variables
	for _, field := range selection.Named(ctx, object.Field.Selections, "log", "Job", "Processable", "Node") {
		for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), field.Selections, []string{"JobLog"}) {
			if err := log.Want(f.Name, f.ArgumentMap(variables)); err != nil {
				return err
			}
			for _, excerpt := range selection.Named(ctx, f.Selections, "excerpt", "JobLogFailure") {
				if err := log.WantExcerpt(excerpt, variables); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
