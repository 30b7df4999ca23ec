// Package loader holds the dataloaders of one request. Whatever a request reads from GitLab goes through them, so that each distinct
// URL is fetched once, within the request's bounds, and a job that a list has already brought is not asked for again.
//
// No load waits for a timer: a batch is sent as soon as it is there.
package loader

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"jobgraph/internal/glob"
	"jobgraph/restclient"
)

// Fetcher sends one read to GitLab; *restclient.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error)
}

// Limits bound what one request may ask of GitLab. 0 is no bound.
type Limits struct {
	Calls    int // upstream calls
	Parallel int // of them at the same time
}

// LimitError says that a request has met one of its limits.
type LimitError struct {
	Limit string // which, in words
	Value int    // its value
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: %d at most", e.Limit, e.Value) }

// Cost is what a request has asked of GitLab so far.
type Cost struct {
	restclient.Counts
	Time time.Duration // spent waiting for GitLab, calls side by side counted each
}

// Loaders are one request's dataloaders. They remember what they loaded, errors included, until Forget.
type Loaders struct {
	fetcher    Fetcher
	credential restclient.Credential
	limits     Limits
	places     chan struct{}

	// Writes and Logs are set before the first use.
	Writes Writes
	Logs   Logs
	logs   openLogs

	Patterns glob.Cache // of names, each compiled once

	// Now is the clock that the cost's time is measured with. Nil counts no cost at all.
	Now  func() time.Time
	cost restclient.Cost

	loading atomic.Pointer[dataloaders]

	// Expected finds the lists of jobs, by project, that the request reads in any case; nil finds none. A job asked for by number is looked for there.
	Expected  func(context.Context) map[restclient.ProjectID][]string
	expecting sync.Once
	expected  map[restclient.ProjectID][]string

	calls  atomic.Int64 // asked for, of the limit
	waited atomic.Int64
}

// answer is what one URL answered, decoded at most once.
type answer struct {
	response *restclient.Response
	err      error

	decode     sync.Once
	decoded    any
	decodedErr error
}

// New makes the loaders of one request for one caller.
func New(f Fetcher, credential restclient.Credential, limits Limits) *Loaders {
	l := &Loaders{fetcher: f, credential: credential, limits: limits}
	if limits.Parallel > 0 {
		l.places = make(chan struct{}, limits.Parallel)
	}
	return l
}

// dataloaders are made at their first use: most requests are answered by their plan and need none. An answer is a batch of one, for GitLab has no call that
// answers many URLs; jobs are batched, for one list may answer many of them.
type dataloaders struct {
	answers *dataloader.Loader[string, *answer]
	jobs    *dataloader.Loader[jobKey, jobAnswer]
}

func (l *Loaders) dataloaders() *dataloaders {
	if d := l.loading.Load(); d != nil {
		return d
	}
	l.loading.CompareAndSwap(nil, &dataloaders{
		answers: dataloader.NewBatchedLoader(l.fetchAll, dataloader.WithBatchCapacity[string, *answer](1), dataloader.WithInputCapacity[string, *answer](1)),
		jobs:    dataloader.NewBatchedLoader(l.loadJobs, dataloader.WithWait[jobKey, jobAnswer](0)),
	})
	return l.loading.Load()
}

// Forget drops all that was loaded: after a write, the same request sees the new state. It must not run beside loads.
func (l *Loaders) Forget() {
	l.loading.Store(nil)
	l.logs.reads.Clear()
}

// Cost tells what the request has asked of GitLab so far.
func (l *Loaders) Cost() Cost {
	return Cost{Counts: l.cost.Counts(), Time: time.Duration(l.waited.Load())}
}

type contextKey struct{}

// With returns a context that carries l.
func With(ctx context.Context, l *Loaders) context.Context {
	if l.Now != nil {
		ctx = restclient.WithCost(ctx, &l.cost)
	}
	return context.WithValue(ctx, contextKey{}, l)
}

// For returns the request's loaders. It panics where there are none, for then the server is put together wrongly.
func For(ctx context.Context) *Loaders { return ctx.Value(contextKey{}).(*Loaders) }

// Lookup returns the request's loaders, where there are any.
func Lookup(ctx context.Context) (*Loaders, bool) {
	l, ok := ctx.Value(contextKey{}).(*Loaders)
	return l, ok
}

// fetchAll is the batch function of answers.
func (l *Loaders) fetchAll(ctx context.Context, paths []string) []*dataloader.Result[*answer] {
	results := make([]*dataloader.Result[*answer], len(paths))
	for i, path := range paths {
		response, err := l.Fetch(ctx, path)
		results[i] = &dataloader.Result[*answer]{Data: &answer{response: response, err: err}}
	}
	return results
}

// Fetch sends one read, within the request's limits, and remembers nothing.
func (l *Loaders) Fetch(ctx context.Context, path string) (*restclient.Response, error) {
	if err := l.enter(ctx); err != nil {
		return nil, err
	}
	defer l.leave()
	begin := l.now()
	response, err := l.fetcher.Fetch(ctx, l.credential, path)
	l.waited.Add(int64(l.now().Sub(begin)))
	return response, err
}

// enter takes a place for one call, within the request's limits. Who was let in must leave.
func (l *Loaders) enter(ctx context.Context) error {
	if n := l.calls.Add(1); l.limits.Calls > 0 && n > int64(l.limits.Calls) {
		return &LimitError{Limit: "upstream calls of one request", Value: l.limits.Calls}
	}
	if l.places == nil {
		return nil
	}
	select {
	case l.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *Loaders) leave() {
	if l.places != nil {
		<-l.places
	}
}

func (l *Loaders) now() time.Time {
	if l.Now == nil {
		return time.Time{}
	}
	return l.Now()
}

// Prime remembers an answer that was fetched by Fetch, so that a load of the same path sends nothing.
func (l *Loaders) Prime(ctx context.Context, path string, response *restclient.Response, err error) {
	l.dataloaders().answers.Prime(ctx, path, &answer{response: response, err: err})
}

// load reads one path as its type, once a request.
func load[T any](ctx context.Context, l *Loaders, g restclient.Get[T]) (T, error) {
	if err := g.Err(); err != nil {
		var zero T
		return zero, err
	}
	return loadAs(ctx, l, g.Path(), func(r *restclient.Response) (T, error) { return restclient.Decode[T](r) })
}

// loadAs reads one path and decodes it, both once a request; a path always has the same type.
func loadAs[T any](ctx context.Context, l *Loaders, path string, as func(*restclient.Response) (T, error)) (T, error) {
	var zero T
	a, err := l.dataloaders().answers.Load(ctx, path)()
	if err != nil {
		return zero, err
	}
	if a.err != nil {
		return zero, a.err
	}
	a.decode.Do(func() { a.decoded, a.decodedErr = as(a.response) })
	if a.decodedErr != nil {
		return zero, a.decodedErr
	}
	return a.decoded.(T), nil
}
