package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/address"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// mustFetch is address.MustFetch for the field that is being resolved.
func mustFetch(ctx context.Context, typeName string, lists []string) bool {
	return address.MustFetch(graphql.CollectFieldsCtx(ctx, []string{typeName, "Node"}), lists)
}

// project is the project at an address, fetched where it must be.
func project(ctx context.Context, p *model.Project) (*model.Project, error) {
	if !mustFetch(ctx, "Project", address.ProjectLists) {
		return p, nil
	}
	_, err := loader.For(ctx).Project(ctx, p)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// pipeline is a pipeline by its number, fetched where it must be.
func pipeline(ctx context.Context, in *model.Project, id int64) (*model.Pipeline, error) {
	if !mustFetch(ctx, "Pipeline", address.PipelineLists) {
		return &model.Pipeline{Pipeline: &restclient.Pipeline{ID: id}, In: in}, nil
	}
	return loader.For(ctx).Pipeline(ctx, in, id)
}

// orWhole is a field that a pipeline's stub may lack: the whole pipeline is fetched for it, once a request.
func orWhole[T any](ctx context.Context, p *model.Pipeline, field func(*restclient.Pipeline) *T) (*T, error) {
	if v := field(p.Pipeline); v != nil || p.Whole {
		return v, nil
	}
	whole, err := loader.For(ctx).Pipeline(ctx, p.In, p.Pipeline.ID)
	if err != nil {
		return nil, err
	}
	return field(whole.Pipeline), nil
}
