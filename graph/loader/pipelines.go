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
	request := paging.Request[*model.Pipeline]{ID: (*model.Pipeline).DatabaseID, Read: l.pipelineReader(in)}
	merged, err := PipelinePage(ctx, in.REST(), q, request)
	if err != nil {
		return nil, err
	}
	return pipelineConnection(merged), nil
}

// PipelinePage reads one page of a project's pipelines. The fields of r that follow from the query
// are filled in.
func PipelinePage[R any](
	ctx context.Context, in restclient.ProjectID, q PipelinesQuery, r paging.Request[R],
) (paging.Merged[R], error) {
	page, err := q.Page.Page(Pipelines, 0)
	if err != nil {
		return paging.Merged[R]{}, err
	}
	var hints []int
	if page.After, hints, err = pipelineCursor("after", page.After); err != nil {
		return paging.Merged[R]{}, err
	}
	before, beforeHints, err := pipelineCursor("before", page.Before)
	if err != nil {
		return paging.Merged[R]{}, err
	}
	if page.Before = before; page.Backward {
		hints = beforeHints
	}
	paths := q.paths(in)
	if len(hints) != len(paths) {
		hints = nil // the cursor is of a page of other statuses
	}
	r.Page = page
	return paging.Merge(ctx, r, paths, hints)
}

// paths are the REST pages of the lists that a page is merged from: one for each status.
func (q *PipelinesQuery) paths(in restclient.ProjectID) []func(paging.Rest) string {
	statuses := q.Statuses
	if len(statuses) == 0 {
		statuses = []string{""}
	}
	paths := make([]func(paging.Rest) string, len(statuses))
	for i, status := range statuses {
		paths[i] = func(r paging.Rest) string {
			o := q.Select
			o.Status, o.Page, o.PerPage = status, r.Number, r.PerPage
			return restclient.Pipelines(in, o).Path()
		}
	}
	return paths
}

// pipelineConnection is a page of pipelines with their cursors.
func pipelineConnection(m paging.Merged[*model.Pipeline]) *model.PipelineConnection {
	c := &model.PipelineConnection{Edges: make([]model.PipelineEdge, len(m.Rows)), TotalCount: m.Total}
	for i, p := range m.Rows {
		c.Edges[i] = model.PipelineEdge{Cursor: PipelineCursor(p.DatabaseID(), m.Hints[i]), Node: p}
	}
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = m.HasNext, m.HasPrev
	c.Bound()
	return c
}

// PipelineCursor returns the cursor of a project's pipeline, with a place in each list that was
// read: its key is the pipeline's number, followed by the places.
func PipelineCursor(pipeline int64, hints []int) string {
	key := strconv.FormatInt(pipeline, 10)
	for _, at := range hints {
		key += " " + strconv.FormatInt(int64(at), 36)
	}
	return relay.Cursor{List: Pipelines, Key: key}.Encode()
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
	if IsForbidden(err) {
		if _, listErr := load(ctx, l, AnyPipeline(in.REST())); listErr == nil {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &model.Pipeline{Pipeline: &whole, In: model.NewPipeline(&whole, in).In, Whole: true}, nil
}

// IsForbidden reports whether GitLab refused a call.
func IsForbidden(err error) bool {
	status, ok := errors.AsType[*restclient.Error](err)
	return ok && status.Status == http.StatusForbidden
}

// AnyPipeline is the call that shows whether the caller may see a project's pipelines.
func AnyPipeline(in restclient.ProjectID) restclient.Get[[]restclient.Pipeline] {
	return restclient.Pipelines(in, restclient.PipelinesOptions{PerPage: 1})
}

// Descendants loads the downstream pipelines of a pipeline, their downstream pipelines, and so on,
// each once and the nearest first: one call for each 100 trigger jobs of each. The errors are those
// of pipelines whose trigger jobs could not be loaded.
func (l *Request) Descendants(ctx context.Context, p *model.Pipeline) ([]model.Pipeline, []error) {
	number := func(p model.Pipeline) int64 { return p.ID }
	return Descendants(*p, number, func(p model.Pipeline) ([]model.Pipeline, error) {
		bridges, err := l.AllBridges(ctx, &p)
		return model.Downstream(bridges), err
	})
}

// Descendants returns what is below a root, what is below that, and so on, each number once and the
// nearest first. The nodes of one level are asked in parallel; the errors are theirs.
func Descendants[N any](root N, number func(N) int64, below func(N) ([]N, error)) ([]N, []error) {
	all, level := []N{}, []N{root}
	var failed []error
	seen := map[int64]bool{number(root): true}
	for len(level) > 0 {
		next, errs := make([][]N, len(level)), make([]error, len(level))
		var group fanout.Group
		for i := range level {
			group.Go(func() { next[i], errs[i] = below(level[i]) })
		}
		group.Wait()
		level = nil
		for i := range next {
			if errs[i] != nil {
				failed = append(failed, errs[i])
			}
			for _, n := range next[i] {
				if !seen[number(n)] {
					seen[number(n)], level = true, append(level, n)
				}
			}
		}
		all = append(all, level...)
	}
	return all, failed
}
