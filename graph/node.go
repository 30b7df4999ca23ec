package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// errNoBridge is a trigger job that its pipeline's list does not have.
var errNoBridge = &restclient.Error{Status: 404, Message: "404 Not found"}

// node finds the object with a global ID.
func node(ctx context.Context, argument, value string) (model.Node, error) {
	id, err := address.ID(argument, value, gid.KindProject, gid.KindJob, gid.KindPipeline, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	in := &model.Project{Number: id.Project}
	switch id.Kind {
	case gid.KindProject:
		return found(project(ctx, in))
	case gid.KindJob:
		return found(loader.For(ctx).Job(ctx, in, id.Number))
	case gid.KindPipeline:
		return found(pipeline(ctx, in, id.Number))
	default:
		return found(bridge(ctx, in, id))
	}
}

// found is a typed pointer as a Node, without making a nil pointer a Node.
func found[T model.Node](n T, err error) (model.Node, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}

// bridge finds a trigger job in its pipeline's list: the REST API has no call for one.
func bridge(ctx context.Context, in *model.Project, id gid.ID) (*model.Bridge, error) {
	all, err := loader.For(ctx).AllBridges(ctx, &model.Pipeline{Pipeline: &restclient.Pipeline{ID: id.Pipeline}, In: in})
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.DatabaseID() == id.Number {
			return b, nil
		}
	}
	return nil, errNoBridge
}

// addressed is the project that an argument names.
func addressed(ctx context.Context, argument, value string) (*model.Project, error) {
	p, err := address.Project(argument, value)
	if err != nil {
		return nil, err
	}
	return project(ctx, p)
}

// each finds many objects side by side, in the order asked. One that fails is nil, with an error at its place in the list.
func each[T any](ctx context.Context, ids []string, find func(context.Context, string) (T, error)) ([]T, error) {
	if len(ids) > address.MaxIDs {
		return nil, badInput("ids", fmt.Sprintf("must be %d at most", address.MaxIDs))
	}
	all := make([]T, len(ids))
	errs := make([]error, len(ids))
	var group fanout.Group
	for i, id := range ids {
		group.Go(func() { all[i], errs[i] = find(ctx, id) })
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(append(graphql.GetPath(ctx), ast.PathIndex(i)), err))
		}
	}
	return all, nil
}
