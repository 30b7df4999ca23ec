package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/graph/model"
)

// jobLog is a job's log, read once for all that the query asks of it at this place, under whatever aliases.
func jobLog(ctx context.Context, job *model.Job) (*logs.Log, error) {
	object := graphql.GetFieldContext(ctx).Parent
	return loader.For(ctx).Log(ctx, object, job, func(log *logs.Log) error { return wantLog(ctx, object, log) })
}

// wantLog tells the log what all selections of it on one job ask for.
func wantLog(ctx context.Context, object *graphql.FieldContext, log *logs.Log) error {
	for object.Field.Field == nil { // an element of a list: the list's field has the selections
		object = object.Parent
	}
	variables := graphql.GetOperationContext(ctx).Variables
	for _, field := range selections(ctx, object.Field.Selections, "log", "Job", "Processable", "Node") {
		for _, asked := range graphql.CollectFields(graphql.GetOperationContext(ctx), field.Selections, []string{"JobLog"}) {
			if err := log.Want(asked.Name, asked.ArgumentMap(variables)); err != nil {
				return err
			}
		}
	}
	return nil
}
