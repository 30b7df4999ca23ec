package loader

import (
	"cmp"
	"context"
	"errors"

	"jobgraph/graph/model"
	"jobgraph/graph/paging"
	"jobgraph/graph/relay"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// The kinds of lists that cursors belong to.
const (
	ProjectJobList  = "job"
	PipelineJobList = "pipelinejob"
	BridgeList      = "bridge"
)

// rows is one REST page of a list, in the graph's types.
type rows[R any] struct {
	list []R
	page restclient.Page
}

// JobsQuery selects jobs of a project or pipeline.
type JobsQuery struct {
	Page           relay.Arguments
	Scope          []string              // GitLab's words
	Ref            string                // of a project's jobs
	IncludeRetried bool                  // of a pipeline's jobs
	Keep           func(*model.Job) bool // what GitLab does not select; nil keeps every job
	Sparse         bool                  // Keep drops many
}

// ProjectJobs loads one page of a project's jobs: one call for each 100.
func (l *Request) ProjectJobs(ctx context.Context, in *model.Project, q JobsQuery) (*model.JobConnection, error) {
	page, err := q.Page.Page(ProjectJobList, 0)
	if err != nil {
		return nil, err
	}
	w, err := paging.Keyset(ctx, &paging.Request[*model.Job]{
		Page: page, ID: (*model.Job).DatabaseID, Keep: q.Keep, Sparse: q.Sparse, Read: l.jobReader(in),
		Path: func(r paging.Rest) string {
			return restclient.ProjectJobs(in.REST(), restclient.JobsOptions{Scope: q.Scope, Ref: q.Ref, Keyset: r.Number == 0, Cursor: r.Cursor, Page: r.Number, PerPage: r.PerPage}).Path()
		},
	})
	return Connection(w, ProjectJobList, 0, (*model.Job).DatabaseID), err
}

// PipelineJobs loads one page of a pipeline's jobs: one call for each 100.
func (l *Request) PipelineJobs(ctx context.Context, p *model.Pipeline, q JobsQuery) (*model.JobConnection, error) {
	page, err := q.Page.Page(PipelineJobList, p.ID)
	if err != nil {
		return nil, err
	}
	w, err := paging.Offset(ctx, &paging.Request[*model.Job]{
		Page: page, ID: (*model.Job).DatabaseID, Keep: q.Keep, Sparse: q.Sparse, Read: l.jobReader(p.In),
		Path: func(r paging.Rest) string { return pipelineJobsPath(p, q.Scope, q.IncludeRetried, r.Number, r.PerPage) },
	})
	return Connection(w, PipelineJobList, p.ID, (*model.Job).DatabaseID), err
}

// PipelineBridges loads one page of a pipeline's trigger jobs: one call for each 100.
func (l *Request) PipelineBridges(ctx context.Context, p *model.Pipeline, args relay.Arguments, scope []string) (*model.BridgeConnection, error) {
	page, err := args.Page(BridgeList, p.ID)
	if err != nil {
		return nil, err
	}
	w, err := paging.Offset(ctx, &paging.Request[*model.Bridge]{
		Page: page, ID: (*model.Bridge).DatabaseID, Read: l.bridgeReader(p),
		Path: func(r paging.Rest) string { return bridgesPath(p, scope, r.Number, r.PerPage) },
	})
	return Connection(w, BridgeList, p.ID, (*model.Bridge).DatabaseID), err
}

// AllPipelineJobs loads all of a pipeline's jobs, newest first: one call for each 100, side by side once the first has told how many there are.
func (l *Request) AllPipelineJobs(ctx context.Context, p *model.Pipeline, includeRetried bool) ([]*model.Job, error) {
	return all(ctx, paging.Request[*model.Job]{
		ID: (*model.Job).DatabaseID, Read: l.jobReader(p.In),
		Path: func(r paging.Rest) string { return pipelineJobsPath(p, nil, includeRetried, r.Number, r.PerPage) },
	})
}

// AllBridges loads all of a pipeline's trigger jobs, newest first: one call for each 100.
func (l *Request) AllBridges(ctx context.Context, p *model.Pipeline) ([]*model.Bridge, error) {
	return all(ctx, paging.Request[*model.Bridge]{
		ID: (*model.Bridge).DatabaseID, Read: l.bridgeReader(p),
		Path: func(r paging.Rest) string { return bridgesPath(p, nil, r.Number, r.PerPage) },
	})
}

func all[R any](ctx context.Context, r paging.Request[R]) ([]R, error) {
	rows, err := paging.All(ctx, r)
	if errors.Is(err, paging.ErrTooLong) {
		return nil, &LimitError{Limit: "rows of a list that has to be read as a whole", Value: paging.MaxRows}
	}
	return rows, err
}

// JobsAndBridges loads all of a pipeline's jobs, with their earlier attempts, and all of its trigger jobs, side by side.
func (l *Request) JobsAndBridges(ctx context.Context, p *model.Pipeline) (jobs []*model.Job, bridges []*model.Bridge, err error) {
	var group fanout.Group
	var bridgesErr error
	group.Go(func() { bridges, bridgesErr = l.AllBridges(ctx, p) })
	jobs, err = l.AllPipelineJobs(ctx, p, true)
	group.Wait()
	return jobs, bridges, cmp.Or(err, bridgesErr)
}

// FirstPage is the first REST page that is read for so many of a pipeline's jobs, or for all of them where size is 0.
func FirstPage(p *model.Pipeline, includeRetried bool, size int) string {
	if size == 0 || size > paging.MaxPerPage {
		size = paging.MaxPerPage
	}
	return pipelineJobsPath(p, nil, includeRetried, 1, size)
}

func pipelineJobsPath(p *model.Pipeline, scope []string, includeRetried bool, page, per int) string {
	return restclient.PipelineJobs(p.In.REST(), p.ID, restclient.PipelineJobsOptions{Scope: scope, IncludeRetried: includeRetried, Page: page, PerPage: per}).Path()
}

func bridgesPath(p *model.Pipeline, scope []string, page, per int) string {
	return restclient.PipelineBridges(p.In.REST(), p.ID, restclient.BridgesOptions{Scope: scope, Page: page, PerPage: per}).Path()
}

// jobReader reads REST pages of jobs, each decoded once a request.
func (l *Request) jobReader(in *model.Project) paging.Reader[*model.Job] {
	return func(ctx context.Context, path string) ([]*model.Job, restclient.Page, error) {
		r, err := loadAs(ctx, l, path, func(response *restclient.Response) (rows[*model.Job], error) {
			list, err := restclient.Decode[[]restclient.Job](response)
			if err != nil {
				return rows[*model.Job]{}, err
			}
			jobs, err := l.listed(ctx, in, list)
			return rows[*model.Job]{list: jobs, page: response.Page}, err
		})
		return r.list, r.page, err
	}
}

// listed makes the graph's jobs from a list's; their projects know the whole list.
func (l *Request) listed(ctx context.Context, in *model.Project, list []restclient.Job) ([]*model.Job, error) {
	jobs := make([]*model.Job, len(list))
	projects := map[int64]*model.Project{}
	for i := range list {
		number, err := l.numberOf(ctx, in, list[i].Pipeline)
		if err != nil {
			return nil, err
		}
		if projects[number] == nil {
			projects[number] = &model.Project{Number: number, Rows: jobs}
		}
		jobs[i] = &model.Job{Job: &list[i], In: projects[number]}
	}
	return jobs, nil
}

// bridgeReader reads REST pages of trigger jobs, each decoded once a request.
func (l *Request) bridgeReader(p *model.Pipeline) paging.Reader[*model.Bridge] {
	return func(ctx context.Context, path string) ([]*model.Bridge, restclient.Page, error) {
		r, err := loadAs(ctx, l, path, func(response *restclient.Response) (rows[*model.Bridge], error) {
			list, err := restclient.Decode[[]restclient.Bridge](response)
			bridges := make([]*model.Bridge, len(list))
			for i := range list {
				var number int64
				if number, err = l.numberOf(ctx, p.In, list[i].Pipeline); err != nil {
					break
				}
				bridges[i] = l.newBridge(&list[i], number, p.ID)
			}
			return rows[*model.Bridge]{list: bridges, page: response.Page}, err
		})
		return r.list, r.page, err
	}
}

// newBridge returns a trigger job of a pipeline's list.
func (l *Request) newBridge(b *restclient.Bridge, project, pipeline int64) *model.Bridge {
	return &model.Bridge{Bridge: b, In: &model.Project{Number: project}, ListedIn: pipeline, PathPrefix: l.config.PathPrefix}
}

// numberOf is the number of the project that a job or bridge belongs to: the one its pipeline names, or the one it was asked under.
func (l *Request) numberOf(ctx context.Context, in *model.Project, stub *restclient.Pipeline) (int64, error) {
	if stub != nil && stub.ProjectID != nil {
		return *stub.ProjectID, nil
	}
	return l.ProjectNumber(ctx, in)
}

// Connection is a window of rows with their cursors.
func Connection[R any](w paging.Window[R], list string, within int64, id func(R) int64) *relay.Connection[R] {
	c := &relay.Connection[R]{Edges: make([]relay.Edge[R], len(w.Rows)), TotalCount: w.Total}
	for i, row := range w.Rows {
		offset := 0
		if w.Offsets != nil {
			offset = w.Offsets[i]
		}
		c.Edges[i] = relay.Edge[R]{Cursor: relay.NumberCursor(list, within, id(row), offset), Node: row}
	}
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = w.HasNext, w.HasPrev
	c.Bound()
	if w.CutAt != 0 {
		cut := relay.NumberCursor(list, within, w.CutAt, w.CutAtOffset)
		if w.CutBackward {
			c.PageInfo.StartCursor = &cut
		} else {
			c.PageInfo.EndCursor = &cut
		}
	}
	return c
}
