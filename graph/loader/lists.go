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
	ProjectJobs  = "job"
	PipelineJobs = "pipelinejob"
	Bridges      = "bridge"
)

// rows is one REST page of a list, as the graph's types.
type rows[R any] struct {
	list []R
	page restclient.Page
}

// List describes one of GitLab's lists: the content of its cursors, and how its pages are read.
// Both engines use it.
type List struct {
	Kind   string // of the cursors
	Within int64  // the pipeline's number; 0 if the row's own number is enough
	Keyset bool   // GitLab pages it by keyset, otherwise by offset
	Path   func(paging.Rest) string
}

// ProjectJobList is the list of a project's jobs in these statuses, of this branch or tag.
func ProjectJobList(p restclient.ProjectID, scope []string, ref string) List {
	return List{Kind: ProjectJobs, Keyset: true, Path: func(r paging.Rest) string {
		return restclient.ProjectJobs(p, restclient.JobsOptions{
			Scope: scope, Ref: ref, Keyset: r.Number == 0, Cursor: r.Cursor, Page: r.Number, PerPage: r.PerPage,
		}).Path()
	}}
}

// PipelineJobList is the list of a pipeline's jobs in these statuses.
func PipelineJobList(p restclient.ProjectID, pipeline int64, scope []string, includeRetried bool) List {
	return List{Kind: PipelineJobs, Within: pipeline, Path: func(r paging.Rest) string {
		return restclient.PipelineJobs(p, pipeline, restclient.PipelineJobsOptions{
			Scope: scope, IncludeRetried: includeRetried, Page: r.Number, PerPage: r.PerPage,
		}).Path()
	}}
}

// BridgeList is the list of a pipeline's trigger jobs in these statuses.
func BridgeList(p restclient.ProjectID, pipeline int64, scope []string) List {
	return List{Kind: Bridges, Within: pipeline, Path: func(r paging.Rest) string {
		o := restclient.BridgesOptions{Scope: scope, Page: r.Number, PerPage: r.PerPage}
		return restclient.PipelineBridges(p, pipeline, o).Path()
	}}
}

// Page reads one page of a list. The fields of r that follow from the list and the page are filled
// in.
func Page[R any](ctx context.Context, l List, args relay.Arguments, r paging.Request[R]) (paging.Window[R], error) {
	page, err := args.Page(l.Kind, l.Within)
	if err != nil {
		return paging.Window[R]{}, err
	}
	r.Page, r.Path = page, l.Path
	if l.Keyset {
		return paging.Keyset(ctx, &r)
	}
	return paging.Offset(ctx, &r)
}

// All reads all rows of a list.
func All[R any](ctx context.Context, l List, r paging.Request[R]) ([]R, error) {
	r.Path = l.Path
	rows, err := paging.All(ctx, r)
	if errors.Is(err, paging.ErrTooLong) {
		return nil, &LimitError{Limit: "rows of a list that has to be read as a whole", Value: paging.MaxRows}
	}
	return rows, err
}

// JobsQuery selects jobs of a project or pipeline.
type JobsQuery struct {
	Page           relay.Arguments
	Scope          []string              // statuses as GitLab spells them
	Ref            string                // of a project's jobs
	IncludeRetried bool                  // of a pipeline's jobs
	Keep           func(*model.Job) bool // filters the rows of REST; nil keeps every job
	Sparse         bool                  // Keep may drop most rows
	Demand         paging.Demand         // what the request reads of a pipeline's jobs in any case
}

// ProjectJobs loads one page of a project's jobs: one call for each 100.
func (l *Request) ProjectJobs(ctx context.Context, in *model.Project, q JobsQuery) (*model.JobConnection, error) {
	list := ProjectJobList(in.REST(), q.Scope, q.Ref)
	w, err := Page(ctx, list, q.Page, l.jobRequest(in, q))
	return Connection(w, list, (*model.Job).DatabaseID), err
}

// PipelineJobs loads one page of a pipeline's jobs: one call for each 100.
func (l *Request) PipelineJobs(ctx context.Context, p *model.Pipeline, q JobsQuery) (*model.JobConnection, error) {
	list := PipelineJobList(p.In.REST(), p.ID, q.Scope, q.IncludeRetried)
	w, err := Page(ctx, list, q.Page, l.jobRequest(p.In, q))
	return Connection(w, list, (*model.Job).DatabaseID), err
}

// PipelineBridges loads one page of a pipeline's trigger jobs: one call for each 100.
func (l *Request) PipelineBridges(
	ctx context.Context, p *model.Pipeline, args relay.Arguments, scope []string, demand paging.Demand,
) (*model.BridgeConnection, error) {
	list, request := BridgeList(p.In.REST(), p.ID, scope), l.bridgeRequest(p)
	request.Demand = demand
	w, err := Page(ctx, list, args, request)
	return Connection(w, list, (*model.Bridge).DatabaseID), err
}

func (l *Request) jobRequest(in *model.Project, q JobsQuery) paging.Request[*model.Job] {
	return paging.Request[*model.Job]{
		ID: (*model.Job).DatabaseID, Keep: q.Keep, Sparse: q.Sparse, Demand: q.Demand, Read: l.jobReader(in),
	}
}

func (l *Request) bridgeRequest(p *model.Pipeline) paging.Request[*model.Bridge] {
	return paging.Request[*model.Bridge]{ID: (*model.Bridge).DatabaseID, Read: l.bridgeReader(p)}
}

// AllPipelineJobs loads all of a pipeline's jobs, newest first: one call for each 100, in parallel
// after the first, which has the total.
func (l *Request) AllPipelineJobs(ctx context.Context, p *model.Pipeline, includeRetried bool) ([]*model.Job, error) {
	return All(ctx, PipelineJobList(p.In.REST(), p.ID, nil, includeRetried), l.jobRequest(p.In, JobsQuery{}))
}

// AllBridges loads all of a pipeline's trigger jobs, newest first: one call for each 100.
func (l *Request) AllBridges(ctx context.Context, p *model.Pipeline) ([]*model.Bridge, error) {
	return All(ctx, BridgeList(p.In.REST(), p.ID, nil), l.bridgeRequest(p))
}

// JobsAndBridges loads all of a pipeline's jobs, with their earlier attempts, and all of its
// trigger jobs, in parallel.
func (l *Request) JobsAndBridges(
	ctx context.Context, p *model.Pipeline,
) (jobs []*model.Job, bridges []*model.Bridge, err error) {
	var group fanout.Group
	var bridgesErr error
	group.Go(func() { bridges, bridgesErr = l.AllBridges(ctx, p) })
	jobs, err = l.AllPipelineJobs(ctx, p, true)
	group.Wait()
	return jobs, bridges, cmp.Or(err, bridgesErr)
}

// FirstPage returns the path of the first REST page that is read for size jobs of a pipeline; size
// 0 is all of them.
func FirstPage(p *model.Pipeline, includeRetried bool, size int) string {
	if size == 0 || size > paging.MaxPerPage {
		size = paging.MaxPerPage
	}
	return PipelineJobList(p.In.REST(), p.ID, nil, includeRetried).Path(paging.Rest{Number: 1, PerPage: size})
}

// jobReader returns a reader of REST pages of jobs. Each is decoded once in a request.
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

// listed returns the jobs of a REST page. Their projects refer to the page, so that a job on it
// that is selected below its project is not read again.
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

// bridgeReader returns a reader of REST pages of trigger jobs. Each is decoded once in a request.
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
				bridges[i] = l.NewBridge(&list[i], number, p.ID)
			}
			return rows[*model.Bridge]{list: bridges, page: response.Page}, err
		})
		return r.list, r.page, err
	}
}

// NewBridge returns a trigger job of a project, which is in the list of a pipeline.
func (l *Request) NewBridge(b *restclient.Bridge, project, pipeline int64) *model.Bridge {
	in := &model.Project{Number: project}
	return &model.Bridge{Bridge: b, In: in, ListedIn: pipeline, PathPrefix: l.config.PathPrefix}
}

// numberOf returns the number of the project of a job or trigger job: that of its pipeline's stub,
// or that of the project that it was read from.
func (l *Request) numberOf(ctx context.Context, in *model.Project, stub *restclient.Pipeline) (int64, error) {
	var carried *int64
	if stub != nil {
		carried = stub.ProjectID
	}
	project := model.ProjectOf(carried, *in)
	return l.ProjectNumber(ctx, &project)
}

// Cursor returns the cursor of a row that was at an offset.
func (l List) Cursor(id int64, offset int) string {
	return relay.NumberCursor(l.Kind, l.Within, id, offset)
}

// Connection returns a page of rows with their cursors.
func Connection[R any](w paging.Window[R], list List, id func(R) int64) *relay.Connection[R] {
	c := &relay.Connection[R]{Edges: make([]relay.Edge[R], len(w.Rows)), TotalCount: w.Total}
	for i, row := range w.Rows {
		offset := 0
		if w.Offsets != nil {
			offset = w.Offsets[i]
		}
		c.Edges[i] = relay.Edge[R]{Cursor: list.Cursor(id(row), offset), Node: row}
	}
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = w.HasNext, w.HasPrev
	c.Bound()
	if w.CutAt != 0 {
		cut := list.Cursor(w.CutAt, w.CutAtOffset)
		if w.CutBackward {
			c.PageInfo.StartCursor = &cut
		} else {
			c.PageInfo.EndCursor = &cut
		}
	}
	return c
}
