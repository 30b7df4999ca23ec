package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// What can be asked of an object that is known only by its address, without fetching the object itself.
var (
	projectLists  = []string{"jobs", "job", "pipeline"}
	pipelineLists = []string{"jobs", "bridges", "stages", "jobCounts", "downstream"}
	addressFields = []string{"id", "databaseId", "project", "__typename"}
)

// mustFetch tells whether an object that is known only by its address has to be fetched: something is asked for that only it tells, or nothing that
// would tell whether it is there.
func mustFetch(ctx context.Context, typeName string, lists []string) bool {
	asksList := false
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{typeName, "Node"}) {
		switch {
		case slices.Contains(lists, field.Name):
			asksList = true
		case !slices.Contains(addressFields, field.Name):
			return true
		}
	}
	return !asksList
}

// project is the project at an address, fetched where it must be.
func project(ctx context.Context, p *model.Project) (*model.Project, error) {
	if !mustFetch(ctx, "Project", projectLists) {
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
	if !mustFetch(ctx, "Pipeline", pipelineLists) {
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
