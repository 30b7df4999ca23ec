package run

import (
	"context"

	"jobgraph/graph/arguments"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/restclient"
)

// loadPipelines reads one page of a project's pipelines, by the same functions as the executor.
func (x *execution) loadPipelines(ctx context.Context, s *plan.Step, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	var of restclient.PipelinesOptions
	if a.Pipelines != nil {
		of = *a.Pipelines
	}
	of.Ref = a.Ref
	statuses := make([]model.PipelineStatus, len(a.Statuses))
	for i, s := range a.Statuses {
		statuses[i] = model.PipelineStatus(s)
	}
	q, err := arguments.Pipelines(a.Page, statuses, of)
	if err != nil {
		return err
	}
	request := x.pages(s.Pipelines, into.owner, plan.AnyRows)
	merged, err := loader.PipelinePage(ctx, into.owner.rest(), q, request)
	into.rows, into.window, into.hints = merged.Rows, merged.Window, merged.Hints
	return err
}

// loadLatest reads the latest pipeline of a branch or tag; no row if there is none.
func (x *execution) loadLatest(ctx context.Context, s *plan.Step, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	in := into.owner.rest()
	response, err := x.fetch(ctx, restclient.LatestPipeline(in, a.Ref).Path())
	if loader.IsForbidden(err) {
		return x.seesPipelines(ctx, s, in)
	}
	if err != nil {
		return err
	}
	r := &row{owner: &into.owner}
	into.rows = []*row{r}
	return jsonscan.ScanObject(response.Body, s.Layout, &r.Row)
}

// seesPipelines returns an error unless the caller may see a project's pipelines.
func (x *execution) seesPipelines(ctx context.Context, s *plan.Step, in restclient.ProjectID) error {
	response, err := x.fetch(ctx, loader.AnyPipeline(in).Path())
	if err != nil {
		return err
	}
	return jsonscan.ScanList(response.Body, s.Layout, func(int) *jsonscan.Row { return &jsonscan.Row{} })
}
