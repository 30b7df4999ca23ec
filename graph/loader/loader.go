// Package loader makes the calls of one request to GitLab: reads, writes and logs, within the
// request's limits. It counts their cost.
//
// Each distinct URL is read at most once in a request, and a job that is in a list of the same
// request is not read again. No load waits for a timer: a batch is sent at once.
package loader

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"jobgraph/graph/logs"
	"jobgraph/internal/glob"
	"jobgraph/restclient"
)

// Config is the configuration of a request's loaders.
type Config struct {
	Credential restclient.Credential // sent with every call
	ReadOnly   bool                  // the credential is the gateway's own, which is for reads only

	Fetcher Fetcher
	Sender  Sender
	Tracer  Tracer

	// PathPrefix is the path below which GitLab is installed on its host, as gitlab/; "" for none.
	PathPrefix string

	Limits    Limits
	LogLimits logs.Limits
	LogMemory func(bytes int64) error // reserves memory for what is kept of logs; nil: none is reserved

	// AfterWrite is called after each write, also after one that failed.
	AfterWrite func()
	// JobLists returns the paths of the lists of jobs, by project, that the request reads in any
	// case; a single job is looked for there first. Nil is none.
	JobLists func(context.Context) map[restclient.ProjectID][]string
	// ProjectsByPath returns the paths of the projects that the request fetches in any case; a project
	// of which the number is known is looked for among them first. Nil is none.
	ProjectsByPath func(context.Context) []restclient.ProjectID
	// Parts says that the request is answered in parts, each by a Request that Part returns.
	Parts bool
	// Now is the clock that measures how long calls take. Nil counts no cost at all.
	Now func() time.Time
}

// Request loads for one request, and remembers what it loaded, errors included, until Forget.
type Request struct {
	config Config
	*common
	own common

	loading atomic.Pointer[dataloaders]
	logs    openLogs

	findLists sync.Once
	jobLists  map[restclient.ProjectID][]string

	findProjects sync.Once
	projectPaths []restclient.ProjectID

	// Patterns has the patterns for names that the request's filters use.
	Patterns glob.Cache
}

// New returns the loaders of one request.
func New(c Config) *Request {
	l := &Request{config: c}
	l.own.gate.limits, l.own.gate.slots, l.own.bill.now = c.Limits, newSlots(c.Limits.Parallel), c.Now
	l.common = &l.own
	l.logs.budget.Reserve = c.LogMemory
	return l
}

// Forget drops what was loaded, so that after a write the same request reads the new state. It must
// not run concurrently with loads.
func (l *Request) Forget() {
	l.loading.Store(nil)
	l.logs.reads.Clear()
}

// Cost returns the cost of the request so far.
func (l *Request) Cost() Cost { return l.bill.cost() }

type contextKey struct{}

// With returns a context that carries l.
func With(ctx context.Context, l *Request) context.Context {
	if l.config.Now != nil {
		ctx = restclient.WithCost(ctx, &l.bill.calls)
	}
	return context.WithValue(ctx, contextKey{}, l)
}

// For returns the request that ctx carries. It panics if there is none.
func For(ctx context.Context) *Request { return ctx.Value(contextKey{}).(*Request) }

// Lookup returns the request that ctx carries; false if there is none.
func Lookup(ctx context.Context) (*Request, bool) {
	l, ok := ctx.Value(contextKey{}).(*Request)
	return l, ok
}
