package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/selection"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// findNode finds the object that an argument names by its global ID.
func findNode(ctx context.Context, argument, value string) (model.Node, error) {
	id, err := arguments.ID(argument, value, gid.KindProject, gid.KindJob, gid.KindPipeline, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	in := &model.Project{Number: id.Project, Path: id.Path}
	switch id.Kind {
	case gid.KindProject:
		return asNode(existingProject(ctx, in))
	case gid.KindJob:
		return asNode(loader.For(ctx).Job(ctx, in, id.Number))
	case gid.KindPipeline:
		return asNode(existingPipeline(ctx, in, id.Number))
	default:
		return asNode(loader.For(ctx).Bridge(ctx, in, id.Pipeline, id.Number))
	}
}

// asNode returns a Node, which is a nil interface if there is an error.
func asNode[T model.Node](n T, err error) (model.Node, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}

// findProject finds the project that an argument names.
func findProject(ctx context.Context, argument, value string) (*model.Project, error) {
	p, err := arguments.Project(argument, value)
	if err != nil {
		return nil, err
	}
	return existingProject(ctx, p)
}

// existingProject returns a project at an address. It is fetched where that is needed.
func existingProject(ctx context.Context, p *model.Project) (*model.Project, error) {
	if !mustFetch(ctx, "Project", selection.ProjectLists) {
		return p, nil
	}
	_, err := loader.For(ctx).Project(ctx, p)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// existingPipeline returns a pipeline at an address. It is fetched where that is needed.
func existingPipeline(ctx context.Context, in *model.Project, id int64) (*model.Pipeline, error) {
	if !mustFetch(ctx, "Pipeline", selection.PipelineLists) {
		return &model.Pipeline{Pipeline: &restclient.Pipeline{ID: id}, In: in}, nil
	}
	return loader.For(ctx).Pipeline(ctx, in, id)
}

// mustFetch is selection.MustFetch for the field that is being resolved.
func mustFetch(ctx context.Context, typeName string, lists []string) bool {
	return selection.MustFetch(graphql.CollectFieldsCtx(ctx, []string{typeName, "Node"}), lists)
}

// pipelineField returns a field that the stub of a pipeline may lack. If it does, the pipeline
// itself is loaded.
func pipelineField[T any](ctx context.Context, p *model.Pipeline, field func(*restclient.Pipeline) *T) (*T, error) {
	if v := field(p.Pipeline); v != nil || p.Whole {
		return v, nil
	}
	whole, err := loader.For(ctx).Pipeline(ctx, p.In, p.Pipeline.ID)
	if err != nil {
		return nil, err
	}
	return field(whole.Pipeline), nil
}

// attemptsOf returns the jobs of a job's pipeline with their earlier attempts, newest first; nil if
// the job has no pipeline.
func attemptsOf(ctx context.Context, job *model.Job) ([]*model.Job, error) {
	p := job.Pipeline()
	if p == nil {
		return nil, nil
	}
	return loader.For(ctx).AllPipelineJobs(ctx, p, true)
}

// text returns an optional argument, or "" if it is not given.
func text[T ~string](argument *T) string {
	if argument == nil {
		return ""
	}
	return string(*argument)
}

// findAll finds many objects in parallel, in the order of their IDs. One that cannot be found is
// nil, with an error at its place in the list.
func findAll[T any](
	ctx context.Context, ids []string, find func(ctx context.Context, argument, id string) (T, error),
) ([]T, error) {
	if len(ids) > arguments.MaxIDs {
		return nil, arguments.Wrong("ids", fmt.Sprintf("must be %d at most", arguments.MaxIDs))
	}
	all := make([]T, len(ids))
	errs := make([]error, len(ids))
	var group fanout.Group
	for i, id := range ids {
		group.Go(func() { all[i], errs[i] = find(ctx, "ids", id) })
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(append(graphql.GetPath(ctx), ast.PathIndex(i)), err))
		}
	}
	return all, nil
}
