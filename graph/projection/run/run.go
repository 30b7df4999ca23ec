// Package run executes plans: it fetches what the steps need, each URL once, and writes the answer
// from the spans of the responses.
//
//	run.go     the steps below a result, concurrently
//	owner.go   the owner that a step fetches for
//	load.go    what each kind of step fetches
//	lists.go   pages and whole lists, and what is computed from them
//	job.go, pipelines.go, downstream.go, attempts.go, commit.go
//	           what is particular to these
//	write.go   the answer, field by field
//
// It handles success only. Anything else (an upstream error, null where the schema forbids it,
// unusual JSON) is a fallback to the generated executor. The executor finds what was fetched in the
// request's loaders, errors included: no call is made twice.
package run

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/paging"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/internal/budget"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// errFallback leaves the operation to the executor.
var errFallback = errors.New("left to the executor")

// execution is one run of a plan.
type execution struct {
	plan    *plan.Plan
	request *loader.Request
	vars    map[string]any
	hold    int64        // bytes of GitLab's that may be held
	held    atomic.Int64 // bytes of lists that were read

	mu      sync.Mutex
	fetched map[string]*fetch // by path
	scans   map[scanKey]*scan // of lists that several steps share
}

// fetch is the response to one URL.
type fetch struct {
	once     sync.Once
	response *restclient.Response
	err      error
	length   int           // of the body, as it was sent
	rebuild  func() []byte // of a body that is not held any more: one with what was selected of it
}

// row is an object that a step has yielded: from a response, or computed.
type row struct {
	jsonscan.Row
	kind     plan.Rows
	owner    *owner    // what it was asked for
	of       *result   // where it stands
	at       int       // in of.rows
	computed *computed // of stages and counts
}

// Hold is the number of bytes of GitLab's lists after which an execution no longer holds those that
// it reads: of these, only the selected values are kept.
const Hold = 128 << 10

// result is what a step has yielded for one owner.
type result struct {
	owner    owner
	rows     []*row
	window   paging.Window[*row] // of pages
	list     loader.List         // of pages
	hints    [][]int             // of pages of pipelines: where their cursors continue
	attempts attempts            // by job
	below    [][]*result         // of each step below, for each row; nil if there is nothing
}

// Execute returns the answer's data; false if the executor has to answer. hold is [Hold], except in
// tests.
func Execute(ctx context.Context, p *plan.Plan, request *loader.Request, vars map[string]any, hold int) ([]byte, bool) {
	x := &execution{plan: p, request: request, vars: vars, hold: int64(hold), fetched: make(map[string]*fetch, p.Steps)}
	top := &result{}
	top.rows = []*row{{of: top, owner: &owner{}}}
	if x.below(restclient.Releasing(budget.Undecoded(ctx)), p.Root, top) == nil {
		if out, ok := x.write(ctx, top); ok {
			for _, f := range x.fetched {
				f.response.Release() // the answer has copies of its bytes
			}
			return out, true
		}
	}
	for path, f := range x.fetched {
		if f.rebuild != nil {
			f.response.Body = f.rebuild()
		}
		if f.err == nil { // the executor decodes it
			f.err = budget.Grow(ctx, (budget.DecodedFactor-1)*int64(len(f.response.Body)))
		}
		request.Prime(ctx, path, f.response, f.err)
	}
	return nil, false
}

// write returns the answer; false if it cannot be written.
func (x *execution) write(ctx context.Context, top *result) ([]byte, bool) {
	w := &writer{vars: x.vars}
	answer, size := limits.AnswerFor(ctx), x.estimate()
	if answer != nil {
		w.limit = answer.Limit()
		size = min(size, w.limit)
	}
	w.account = budget.From(ctx)
	w.allocate(size)
	w.object(x.plan.Answer, top.rows[0])
	switch {
	case w.tooLong:
		if answer != nil {
			answer.Exceed()
		}
		return []byte("null"), true
	case w.failed:
		return nil, false
	}
	x.learn(len(w.out))
	return w.out, true
}

// learn records the length of an answer. The estimate decays slowly after a long one, because
// variables may make the next one long again.
func (x *execution) learn(length int) {
	last := x.plan.Length.Load()
	x.plan.Length.Store(max(int64(length), last-last/8))
}

// estimate returns about how long the answer will be: as long as the last ones, but hardly longer
// than what was fetched; half of that before the first answer.
func (x *execution) estimate() int {
	fetched := 512
	for _, f := range x.fetched {
		fetched += f.length
	}
	if last := int(x.plan.Length.Load()); last > 0 {
		return min(fetched, last+last/8)
	}
	return fetched / 2
}

// task is a step to be done for one owner.
type task struct {
	step *plan.Step
	into *result
}

// below runs the steps below a result concurrently, each once for each owner among its rows.
func (x *execution) below(ctx context.Context, steps []*plan.Step, above *result) error {
	if len(steps) == 0 {
		return nil
	}
	above.below = make([][]*result, len(steps))
	var tasks []task
	for _, s := range steps {
		above.below[s.Place] = make([]*result, len(above.rows))
		if s.Kind == plan.StageJobs {
			tasks = append(tasks, stageJobs(s, above, len(steps) > 1)...)
			continue
		}
		more, err := x.tasks(s, above)
		if err != nil {
			return err
		}
		tasks = append(tasks, more...)
	}
	return x.all(ctx, tasks)
}

// tasks returns the tasks of one step, one for each owner.
func (x *execution) tasks(s *plan.Step, above *result) ([]task, error) {
	var tasks []task
	var byOwner map[owner]*result
	if len(above.rows) > 1 {
		byOwner = make(map[owner]*result, len(above.rows))
	}
	for i, r := range above.rows {
		o, there, err := x.ownerFor(s, r)
		if err != nil {
			return nil, err
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
		above.below[s.Place][i] = got
		if s.Kind == plan.Attempts {
			got.selectAttempts(s, r)
		}
	}
	return tasks, nil
}

// maxWorkers is how many tasks of one step run at the same time; no more calls to GitLab do by
// default.
const maxWorkers = 32

// all runs tasks concurrently, some of them in the calling goroutine.
func (x *execution) all(ctx context.Context, tasks []task) error {
	switch len(tasks) {
	case 0:
		return nil
	case 1:
		return x.do(ctx, tasks[0])
	}
	errs := make([]error, len(tasks))
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(tasks)); i = next.Add(1) - 1 {
			errs[i] = x.do(ctx, tasks[i])
		}
	}
	var group fanout.Group
	for range min(len(tasks), maxWorkers) - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	return errors.Join(errs...)
}

// do runs one task, and then the steps below it.
func (x *execution) do(ctx context.Context, t task) error {
	if err := x.load(ctx, t.step, t.into); err != nil {
		return err
	}
	t.into.place()
	return x.below(ctx, t.step.Below, t.into)
}

// place records in each row where it stands.
func (got *result) place() {
	for i, r := range got.rows {
		r.of, r.at = got, i
	}
}

// fetch reads a path, once.
func (x *execution) fetch(ctx context.Context, path string) (*restclient.Response, error) {
	x.mu.Lock()
	f := x.fetched[path]
	if f == nil {
		f = &fetch{}
		x.fetched[path] = f
	}
	x.mu.Unlock()
	f.once.Do(func() {
		if f.response, f.err = x.request.Fetch(ctx, path); f.err == nil {
			f.length = len(f.response.Body)
		}
	})
	return f.response, f.err
}
