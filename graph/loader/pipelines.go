package loader

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"jobgraph/graph/model"
	"jobgraph/graph/paging"
	"jobgraph/graph/relay"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// Pipelines is the kind of the cursors of a project's pipelines.
const Pipelines = "pipeline"

// PipelinesQuery selects pipelines of a project.
type PipelinesQuery struct {
	Page     relay.Arguments
	Select   restclient.PipelinesOptions // but for the status and the page
	Statuses []string                    // GitLab's words, each once; empty means all
}

// ProjectPipelines loads one page of a project's pipelines: one call for each 100 pipelines, and
// for each status if several are requested.
func (l *Request) ProjectPipelines(
	ctx context.Context,
	in *model.Project,
	q PipelinesQuery,
) (*model.PipelineConnection, error) {
	page, err := q.Page.Page(Pipelines, 0)
	if err != nil {
		return nil, err
	}
	var hints []int
	if page.After, hints, err = pipelineCursor("after", page.After); err != nil {
		return nil, err
	}
	before, beforeHints, err := pipelineCursor("before", page.Before)
	if err != nil {
		return nil, err
	}
	if page.Before = before; page.Backward {
		hints = beforeHints
	}
	statuses := q.Statuses
	if len(statuses) == 0 {
		statuses = []string{""}
	}
	paths := make([]func(paging.Rest) string, len(statuses))
	for i, status := range statuses {
		paths[i] = func(r paging.Rest) string {
			o := q.Select
			o.Status, o.Page, o.PerPage = status, r.Number, r.PerPage
			return restclient.Pipelines(in.REST(), o).Path()
		}
	}
	request := paging.Request[*model.Pipeline]{Page: page, ID: (*model.Pipeline).DatabaseID, Read: l.pipelineReader(in)}
	if len(hints) != len(paths) {
		hints = nil // the cursor is of a page of other statuses
	}
	merged, err := paging.Merge(ctx, request, paths, hints)
	if err != nil {
		return nil, err
	}
	return pipelineConnection(merged), nil
}

// pipelineConnection is a page of pipelines with cursors that have a place in each list that was
// read: the key is the pipeline's number, followed by the places.
func pipelineConnection(m paging.Merged[*model.Pipeline]) *model.PipelineConnection {
	c := &model.PipelineConnection{Edges: make([]model.PipelineEdge, len(m.Rows)), TotalCount: m.Total}
	for i, p := range m.Rows {
		key := strconv.FormatInt(p.DatabaseID(), 10)
		for _, at := range m.Hints[i] {
			key += " " + strconv.FormatInt(int64(at), 36)
		}
		c.Edges[i] = model.PipelineEdge{Cursor: relay.Cursor{List: Pipelines, Key: key}.Encode(), Node: p}
	}
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = m.HasNext, m.HasPrev
	c.Bound()
	return c
}

// pipelineCursor parses a cursor: the pipeline, and the places in the lists.
func pipelineCursor(argument string, c *relay.Cursor) (*relay.Cursor, []int, error) {
	if c == nil {
		return nil, nil, nil
	}
	parts := strings.Split(c.Key, " ")
	var hints []int
	for _, part := range parts[1:] {
		at, err := strconv.ParseInt(part, 36, 32)
		if err != nil || at < 0 {
			return nil, nil, &relay.ArgumentError{Argument: argument, Problem: "not a cursor of this list"}
		}
		hints = append(hints, int(at))
	}
	return &relay.Cursor{List: c.List, Key: parts[0]}, hints, nil
}

// pipelineReader reads REST pages of pipelines, each decoded once a request.
func (l *Request) pipelineReader(in *model.Project) paging.Reader[*model.Pipeline] {
	return func(ctx context.Context, path string) ([]*model.Pipeline, restclient.Page, error) {
		r, err := loadAs(ctx, l, path, func(response *restclient.Response) (rows[*model.Pipeline], error) {
			list, err := restclient.Decode[[]restclient.Pipeline](response)
			pipelines := make([]*model.Pipeline, len(list))
			for i := range list {
				pipelines[i] = model.NewPipeline(&list[i], in)
			}
			return rows[*model.Pipeline]{list: pipelines, page: response.Page}, err
		})
		return r.list, r.page, err
	}
}

// LatestPipeline loads the latest pipeline of the newest commit on a branch or tag, of the default
// branch if ref is "": one call. It is nil if that commit has none. GitLab answers 403 for both a
// missing and a hidden pipeline, so that one more call distinguishes them.
func (l *Request) LatestPipeline(ctx context.Context, in *model.Project, ref string) (*model.Pipeline, error) {
	whole, err := load(ctx, l, restclient.LatestPipeline(in.REST(), ref))
	if status, ok := errors.AsType[*restclient.Error](err); ok && status.Status == http.StatusForbidden {
		_, listErr := load(ctx, l, restclient.Pipelines(in.REST(), restclient.PipelinesOptions{PerPage: 1}))
		if listErr == nil {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &model.Pipeline{Pipeline: &whole, In: model.NewPipeline(&whole, in).In, Whole: true}, nil
}

// Descendants loads the downstream pipelines of a pipeline, their downstream pipelines, and so on,
// each once and the nearest first: one call for each 100 trigger jobs of each. The errors are those
// of pipelines whose trigger jobs could not be loaded.
func (l *Request) Descendants(ctx context.Context, p *model.Pipeline) ([]model.Pipeline, []error) {
	all, level := []model.Pipeline{}, []model.Pipeline{*p}
	var failed []error
	seen := map[int64]bool{p.ID: true}
	for len(level) > 0 {
		below := make([][]*model.Bridge, len(level))
		errs := make([]error, len(level))
		var group fanout.Group
		for i := range level {
			group.Go(func() { below[i], errs[i] = l.AllBridges(ctx, &level[i]) })
		}
		group.Wait()
		level = nil
		for i, bridges := range below {
			if errs[i] != nil {
				failed = append(failed, errs[i])
			}
			for _, next := range model.Downstream(bridges) {
				if !seen[next.ID] {
					seen[next.ID], level = true, append(level, next)
				}
			}
		}
		all = append(all, level...)
	}
	return all, failed
}
