package run

import (
	"context"
	"slices"
	"sync"

	"jobgraph/graph/arguments"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/paging"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/graph/selection"
	"jobgraph/internal/budget"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// scanKey names a page of a list that several steps share.
type scanKey struct {
	list int
	path string
}

// scan is such a page, scanned once.
type scan struct {
	once sync.Once
	rows []*row
	page restclient.Page
	err  error
}

// loadPage reads one page of a list, by the same functions as the executor.
func (x *execution) loadPage(ctx context.Context, s *plan.Step, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	q, err := arguments.Jobs(ctx, a.Page, a.Statuses, a.Filter)
	if err != nil {
		return err
	}
	if a.Ref != "" {
		q = arguments.OnRef(q, a.Ref)
	}
	o, from, kind := into.owner, s.Jobs, plan.JobRows
	switch s.Kind {
	case plan.ProjectJobs:
		into.list = loader.ProjectJobList(o.rest(), q.Scope, q.Ref)
	case plan.PipelineJobs:
		into.list = loader.PipelineJobList(o.rest(), o.pipeline, q.Scope, a.IncludeRetried)
		q.Demand = selection.Demand(s.Siblings, x.vars, selection.ListOf(false, a.IncludeRetried, q.Scope))
	case plan.Bridges:
		from, kind = s.Bridges, plan.BridgeRows
		into.list = loader.BridgeList(o.rest(), o.pipeline, q.Scope)
		q.Demand = selection.Demand(s.Siblings, x.vars, selection.ListOf(true, false, q.Scope))
	}
	if x.request.IsPart() {
		q.Demand = paging.Demand{}
	}
	request := x.pages(from, o, kind)
	request.Demand, request.Sparse = q.Demand, q.Sparse
	if q.Keep != nil {
		job := &model.Job{Job: &restclient.Job{}}
		request.Keep = func(r *row) bool {
			r.facts(&from.Facts, job.Job)
			return q.Keep(job)
		}
	}
	into.window, err = loader.Page(ctx, into.list, q.Page, request)
	into.rows = into.window.Rows
	return err
}

// pages returns what reads the REST pages of a list as rows.
func (x *execution) pages(from *plan.List, o owner, kind plan.Rows) paging.Request[*row] {
	read := func(ctx context.Context, path string) ([]*row, restclient.Page, error) {
		if !from.Shared && !from.Alone {
			return x.scan(ctx, path, from, o, kind)
		}
		s, first := x.scanned(ctx, path, from, o, kind)
		if first && !from.Shared {
			return s.rows, s.page, s.err
		}
		return own(s.rows), s.page, s.err
	}
	return paging.Request[*row]{ID: func(r *row) int64 { return r.ID }, Read: read}
}

// scanned reads a REST page once for all steps; first reports whether this call has read it.
func (x *execution) scanned(
	ctx context.Context, path string, from *plan.List, o owner, kind plan.Rows,
) (s *scan, first bool) {
	s = x.shared(scanKey{from.Number, path})
	s.once.Do(func() {
		s.rows, s.page, s.err = x.scan(ctx, path, from, o, kind)
		first = true
	})
	return s, first
}

func (x *execution) shared(key scanKey) *scan {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.scans == nil {
		x.scans = map[scanKey]*scan{}
	}
	s := x.scans[key]
	if s == nil {
		s = &scan{}
		x.scans[key] = s
	}
	return s
}

// scan reads one REST page of a list.
func (x *execution) scan(
	ctx context.Context, path string, from *plan.List, o owner, kind plan.Rows,
) ([]*row, restclient.Page, error) {
	response, err := x.fetch(ctx, path)
	if err != nil {
		return nil, restclient.Page{}, err
	}
	var rows []*row
	var arena []row
	if kind == plan.JobRows {
		o.listed = &restPage{}
	}
	err = jsonscan.ScanList(response.Body, from.Layout, func(expected int) *jsonscan.Row {
		if len(arena) == 0 {
			arena = make([]row, expected)
			rows = slices.Grow(rows, expected)
		}
		r := &arena[0]
		arena = arena[1:]
		r.owner, r.kind = &o, kind
		rows = append(rows, r)
		return &r.Row
	})
	if err != nil {
		return nil, restclient.Page{}, err
	}
	for _, r := range rows {
		if err := belongs(r, from.ProjectSlot); err != nil {
			return nil, restclient.Page{}, err
		}
	}
	if o.listed != nil {
		o.listed.rows = rows
	}
	length := int64(len(response.Body))
	if before := x.held.Add(length) - length; from.Alone && before >= x.hold {
		x.release(ctx, path, rows, from.Layout)
	}
	return rows, response.Page, nil
}

// release drops a response's body once its rows were read. Nothing else reads the same path.
func (x *execution) release(ctx context.Context, path string, rows []*row, layout *jsonscan.Layout) {
	selected := make([]*jsonscan.Row, len(rows))
	for i, r := range rows {
		selected[i] = &r.Row
	}
	jsonscan.Compact(selected)
	x.mu.Lock()
	defer x.mu.Unlock()
	f := x.fetched[path]
	slim := *f.response.Shared()
	slim.Body = nil
	if len(selected) > 0 {
		budget.From(ctx).Shrink(int64(len(f.response.Body) - len(selected[0].Body)))
	}
	f.response.Release()
	f.response, f.rebuild = &slim, func() []byte { return jsonscan.JSON(selected, layout) }
}

// own returns copies of rows that several steps have, for one of them.
func own(rows []*row) []*row {
	copies, own := make([]row, len(rows)), make([]*row, len(rows))
	for i, r := range rows {
		copies[i] = row{Row: r.Row, kind: r.kind, owner: r.owner, computed: r.computed}
		own[i] = &copies[i]
	}
	return own
}

// allJobs reads all of a pipeline's jobs, with their earlier attempts or without.
func (x *execution) allJobs(ctx context.Context, from *plan.List, o owner, retried bool) ([]*row, error) {
	return loader.All(ctx, loader.PipelineJobList(o.rest(), o.pipeline, nil, retried), x.pages(from, o, plan.JobRows))
}

// allBridges reads all of a pipeline's trigger jobs.
func (x *execution) allBridges(ctx context.Context, from *plan.List, o owner) ([]*row, error) {
	return loader.All(ctx, loader.BridgeList(o.rest(), o.pipeline, nil), x.pages(from, o, plan.BridgeRows))
}

// loadBridge finds one trigger job in its pipeline's list.
func (x *execution) loadBridge(ctx context.Context, s *plan.Step, into *result) error {
	all, err := x.allBridges(ctx, s.Bridges, into.owner)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r *row) bool { return r.ID == into.owner.bridge })
	if i < 0 {
		return errFallback
	}
	into.rows = all[i : i+1]
	return nil
}

// loadBoth reads all of a pipeline's jobs, with their earlier attempts, and all of its trigger jobs
// concurrently.
func (x *execution) loadBoth(ctx context.Context, s *plan.Step, o owner) (jobs, bridges []*row, err error) {
	var group fanout.Group
	var bridgesErr error
	group.Go(func() { bridges, bridgesErr = x.allBridges(ctx, s.Bridges, o) })
	jobs, err = x.allJobs(ctx, s.Jobs, o, true)
	group.Wait()
	if err == nil {
		err = bridgesErr
	}
	return jobs, bridges, err
}
