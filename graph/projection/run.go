package projection

import (
	"context"
	"errors"
	"sync"

	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/paging"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// errAside is something that the plan leaves to the executor.
var errAside = errors.New("left to the executor")

// run is one execution of a plan.
type run struct {
	plan    *plan
	loaders *loader.Request
	vars    map[string]any

	mu      sync.Mutex
	fetched map[string]*fetch // by path
}

// fetch is one URL's answer, fetched once.
type fetch struct {
	once     sync.Once
	response *restclient.Response
	err      error
}

// execute returns the answer's data; false where the executor has to take over, for whom what was fetched is then in the loaders.
func (p *plan) execute(ctx context.Context, l *loader.Request, vars map[string]any) ([]byte, bool) {
	x := &run{plan: p, loaders: l, vars: vars, fetched: make(map[string]*fetch, p.sources)}
	top := &result{}
	top.rows = []*row{{of: top}}
	w := &writer{vars: vars}
	if x.below(ctx, p.root, top) == nil {
		answer, size := limits.AnswerFor(ctx), x.estimate()
		if answer != nil {
			w.limit = answer.Limit()
			size = min(size, w.limit)
		}
		w.out = make([]byte, 0, size)
		w.object(p.answer, top.rows[0])
		if w.tooLong {
			answer.Exceed()
			return []byte("null"), true
		}
		if !w.stepped {
			p.learn(len(w.out))
			return w.out, true
		}
	}
	for path, f := range x.fetched {
		l.Prime(ctx, path, f.response, f.err)
	}
	return nil, false
}

// learn notes how long an answer was. A long one is forgotten slowly, for variables may make the next one long again.
func (p *plan) learn(length int) {
	last := p.length.Load()
	p.length.Store(max(int64(length), last-last/8))
}

// estimate is about how long the answer will be: no longer than half of what was fetched, more often than not, and about as long as the last ones.
func (x *run) estimate() int {
	size := 512
	for _, f := range x.fetched {
		if f.response != nil {
			size += len(f.response.Body) / 2
		}
	}
	if last := int(x.plan.length.Load()); last > 0 {
		size = min(size, last+last/8)
	}
	return size
}

// below fetches the sources below a result, side by side, once for each owner among its rows.
func (x *run) below(ctx context.Context, sources []*source, above *result) error {
	if len(sources) == 0 {
		return nil
	}
	above.below = make([][]*result, len(sources))
	var tasks []task
	for _, s := range sources {
		above.below[s.place] = make([]*result, len(above.rows))
		var byOwner map[owner]*result
		if len(above.rows) > 1 {
			byOwner = make(map[owner]*result, len(above.rows))
		}
		for i, r := range above.rows {
			o, there, err := x.ownerFor(s, r)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			got := byOwner[o]
			if got == nil {
				got = &result{owner: o}
				if byOwner != nil {
					byOwner[o] = got
				}
				tasks = append(tasks, task{s, got})
			}
			above.below[s.place][i] = got
		}
	}
	return x.all(ctx, tasks)
}

// task is a source to be fetched for one owner.
type task struct {
	source *source
	into   *result
}

// all runs tasks side by side: the last one here, for there is nothing else to wait for.
func (x *run) all(ctx context.Context, tasks []task) error {
	switch len(tasks) {
	case 0:
		return nil
	case 1:
		return x.load(ctx, tasks[0])
	}
	errs := make([]error, len(tasks))
	var group fanout.Group
	last := len(tasks) - 1
	for i, t := range tasks[:last] {
		group.Go(func() { errs[i] = x.load(ctx, t) })
	}
	errs[last] = x.load(ctx, tasks[last])
	group.Wait()
	return errors.Join(errs...)
}

// ownerFor is what a source is fetched for at a row: what the row says, or the field's own arguments at the query's root.
func (x *run) ownerFor(s *source, r *row) (owner, bool, error) {
	if s.ownerOf == nil {
		o, err := x.addressed(s)
		return o, true, err
	}
	o, there := s.ownerOf(r)
	switch {
	case !there:
		return o, false, nil
	case !o.suffices(s.kind):
		return o, false, errAside
	case o.unnumbered(s.kind):
		o, err := x.within(s, o)
		return o, true, err
	}
	return o, true, nil
}

func (x *run) arguments(s *source) (bound, error) {
	if s.fixed != nil {
		return *s.fixed, nil
	}
	a, ok := bind(s.field, x.vars)
	if !ok {
		return a, errAside
	}
	return a, nil
}

// load fetches a source for one owner, and then what is below it.
func (x *run) load(ctx context.Context, t task) error {
	var err error
	switch s := t.source; s.kind {
	case named:
		err = x.loadNamed(s, t.into)
	case addressedProject, addressedPipeline:
		t.into.rows = []*row{{owner: t.into.owner}}
	case singleJob, currentJob, wholePipeline, wholeProject:
		err = x.loadObject(ctx, s, t.into)
	default:
		err = x.loadList(ctx, s, t.into)
	}
	if err != nil {
		return err
	}
	for i, r := range t.into.rows {
		r.of, r.at = t.into, i
	}
	return x.below(ctx, t.source.below, t.into)
}

func (x *run) loadObject(ctx context.Context, s *source, into *result) error {
	o := into.owner
	var path string
	switch s.kind {
	case singleJob:
		path = restclient.SingleJob(o.rest(), o.job).Path()
	case currentJob:
		path = restclient.CurrentJob().Path()
	case wholePipeline:
		path = restclient.SinglePipeline(o.rest(), o.pipeline).Path()
	case wholeProject:
		path = restclient.SingleProject(o.rest()).Path()
	}
	response, err := x.fetch(ctx, path)
	if err != nil {
		return err
	}
	r, err := scanObject(response.Body, s.layout)
	if err != nil {
		return err
	}
	r.owner = o
	into.rows = []*row{&r}
	if s.kind == singleJob || s.kind == currentJob {
		return s.belong(into.rows)
	}
	return nil
}

// belong checks that the project of each row has a number: where it has none, the executor looks it up.
func (s *source) belong(rows []*row) error {
	for _, r := range rows {
		if r.owner.project == 0 && r.spans[s.projectSlot].what != number {
			return errAside
		}
	}
	return nil
}

func (x *run) loadList(ctx context.Context, s *source, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	o := into.owner
	request := &paging.Request[*row]{ID: func(r *row) int64 { return r.id }, Read: x.reader(s, o)}
	list, kind, within := paging.Offset[*row], loader.PipelineJobList, o.pipeline
	switch s.kind {
	case projectJobs:
		list, kind, within = paging.Keyset[*row], loader.ProjectJobList, 0
		request.Path = func(p paging.Rest) string {
			return restclient.ProjectJobs(o.rest(), restclient.JobsOptions{Scope: a.scope, Ref: a.ref, Keyset: p.Number == 0, Cursor: p.Cursor, Page: p.Number, PerPage: p.PerPage}).Path()
		}
		if a.ref != "" {
			request.Keep = func(r *row) bool { return s.refOf(r) == a.ref }
		}
	case pipelineJobs:
		request.Path = func(p paging.Rest) string {
			return restclient.PipelineJobs(o.rest(), o.pipeline, restclient.PipelineJobsOptions{Scope: a.scope, IncludeRetried: a.includeRetried, Page: p.Number, PerPage: p.PerPage}).Path()
		}
	case pipelineBridges:
		kind = loader.BridgeList
		request.Path = func(p paging.Rest) string {
			return restclient.PipelineBridges(o.rest(), o.pipeline, restclient.BridgesOptions{Scope: a.scope, Page: p.Number, PerPage: p.PerPage}).Path()
		}
	}
	if request.Page, err = a.page.Page(kind, within); err != nil {
		return err
	}
	if into.window, err = list(ctx, request); err == nil && into.window.CutAt != 0 {
		err = errAside // after so many rows in vain the page ends at a row that is not in it
	}
	into.rows = into.window.Rows
	return err
}

// reader reads REST pages as rows.
func (x *run) reader(s *source, o owner) paging.Reader[*row] {
	return func(ctx context.Context, path string) ([]*row, restclient.Page, error) {
		response, err := x.fetch(ctx, path)
		if err != nil {
			return nil, restclient.Page{}, err
		}
		scanned, err := scanList(response.Body, s.layout)
		if err != nil {
			return nil, restclient.Page{}, err
		}
		rows := make([]*row, len(scanned))
		for i := range scanned {
			scanned[i].owner = o
			rows[i] = &scanned[i]
		}
		return rows, response.Page, s.belong(rows)
	}
}

// fetch reads a path, once.
func (x *run) fetch(ctx context.Context, path string) (*restclient.Response, error) {
	x.mu.Lock()
	f := x.fetched[path]
	if f == nil {
		f = &fetch{}
		x.fetched[path] = f
	}
	x.mu.Unlock()
	f.once.Do(func() { f.response, f.err = x.loaders.Fetch(ctx, path) })
	return f.response, f.err
}
