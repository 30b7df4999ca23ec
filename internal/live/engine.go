package live

import (
	"cmp"
	"context"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"jobgraph/restclient"
)

// Upstream reads GitLab; *restclient.Client is one.
type Upstream interface {
	Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error)
	Trace(ctx context.Context, cred restclient.Credential, p restclient.ProjectID, job int64,
		r restclient.TraceRange) (io.ReadCloser, error)
}

// Store is what replicas share. Neither a credential nor an answer goes there.
type Store interface {
	// Publish passes a message to the other replicas, which hand it to [Engine.Receive].
	Publish(ctx context.Context, message string) error
	// Lease takes or extends the lease of a topic for ttl from now. It returns 0 if this replica holds
	// it, and otherwise how long another one still does.
	Lease(ctx context.Context, topic string, ttl time.Duration) (busy time.Duration, err error)
	// Release ends the lease of a topic, if this replica holds it.
	Release(ctx context.Context, topic string) error
}

// Config configures an engine. Zero values take the defaults that the fields name.
type Config struct {
	Upstream Upstream
	Store    Store // nil: this replica is alone
	Clock    Clock // nil: the machine's
	Seed     uint64
	Tracer   trace.Tracer // of the reads; nil: none

	MinInterval    time.Duration // between fast polls while things move: 2 s
	MaxInterval    time.Duration // between fast polls while nothing does: 15 s
	LogInterval    time.Duration // between fast polls of a log, at least: 3 s
	CheckInterval  time.Duration // between the reads of each watch, at most: 30 s
	Outage         time.Duration // how long GitLab may fail before a subscription ends: 5 min
	CallsPerMinute int           // of one credential, polls and selections: 300
	Parallel       int           // woken reads of one topic at the same time: 8

	Watches          int   // in all: 10,000
	WatchesPerCaller int   // of one credential: 1,000
	StateBytes       int64 // of all states, of JSON as read: 64 MiB
	LogBytes         int64 // of all logs' blocks: 32 MiB
}

func (c Config) withDefaults() Config {
	c.MinInterval = cmp.Or(c.MinInterval, 2*time.Second)
	c.MaxInterval = cmp.Or(c.MaxInterval, 15*time.Second)
	c.LogInterval = cmp.Or(c.LogInterval, 3*time.Second)
	c.CheckInterval = cmp.Or(c.CheckInterval, 30*time.Second)
	c.Outage = cmp.Or(c.Outage, 5*time.Minute)
	c.CallsPerMinute = cmp.Or(c.CallsPerMinute, 300)
	c.Parallel = cmp.Or(c.Parallel, 8)
	c.Watches = cmp.Or(c.Watches, 10_000)
	c.WatchesPerCaller = cmp.Or(c.WatchesPerCaller, 1_000)
	c.StateBytes = cmp.Or(c.StateBytes, 64<<20)
	c.LogBytes = cmp.Or(c.LogBytes, 32<<20)
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	return c
}

// Engine watches topics for subscriptions.
type Engine struct {
	config Config
	clock  Clock
	ctx    context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex // guards all below, and every topic, watch, content and account
	random   *rand.Rand
	topics   map[topicKey]*topic
	accounts map[restclient.Credential]*account
	watches  int
	kept     int64 // bytes of states
	blocks   blockCache
	closed   bool
	offsets  offsets
	polls    Polls
}

// Polls counts what was read, for metrics.
type Polls struct {
	Fast, Woken, Check, Failed int64
	WakeUps                    WakeUps
}

// WakeUps counts wake-ups by their source.
type WakeUps struct{ Write, Hook, Replica int64 }

// New returns an engine, which runs until Close.
func New(c Config) *Engine {
	c = c.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	return &Engine{
		config: c, clock: c.Clock, ctx: ctx, stop: stop, random: rand.New(rand.NewPCG(c.Seed, 0)),
		topics: map[topicKey]*topic{}, accounts: map[restclient.Credential]*account{}, blocks: newBlockCache(c.LogBytes),
	}
}

// Close ends every subscription and waits for the reads in flight.
func (e *Engine) Close() {
	e.stop()
	e.mu.Lock()
	e.closed = true
	for _, t := range e.topics {
		for _, w := range append([]*watch(nil), t.watches...) {
			w.end(ErrClosed)
		}
	}
	e.mu.Unlock()
	e.work.Wait()
}

// Size is how much an engine holds.
type Size struct {
	Topics, Watches, Accounts int
	StateBytes, LogBytes      int64
}

// Size returns how much the engine holds now.
func (e *Engine) Size() Size {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Size{Topics: len(e.topics), Watches: e.watches, Accounts: len(e.accounts), StateBytes: e.kept,
		LogBytes: e.blocks.bytes}
}

// Polls returns how often GitLab was read so far, by why.
func (e *Engine) Polls() Polls {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.polls
}

// Charge takes the calls that a subscription's selections have made from its credential's budget.
func (e *Engine) Charge(credential restclient.Credential, calls int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.charge(credential, calls)
}

// fetch reads GitLab and charges the calls that it makes.
func (e *Engine) fetch(ctx context.Context, credential restclient.Credential,
	path string) (*restclient.Response, error) {
	var cost restclient.Cost
	response, err := e.config.Upstream.Fetch(restclient.WithCost(ctx, &cost), credential, path)
	e.settle(credential, cost.Counts().Calls, err)
	return response, err
}

// settle counts calls that were made, and keeps the Retry-After that one of them brought.
func (e *Engine) settle(credential restclient.Credential, calls int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.charge(credential, calls)
	a := e.accounts[credential]
	if wait, asked := retryAfter(err); asked && a != nil {
		if until := e.clock.Now().Add(wait); until.After(a.notBefore) {
			a.notBefore = until
		}
	}
}

// jitter is d, or up to a share less.
func (e *Engine) jitter(d time.Duration, share float64) time.Duration {
	return time.Duration(float64(d) * (1 - share*e.random.Float64()))
}

// watch returns the watch of a topic by an account, and makes it where there is none.
func (e *Engine) watch(key topicKey, a *account, make func(*watch) content) (*watch, error) {
	if w := a.watches[key]; w != nil {
		return w, nil
	}
	switch {
	case e.closed:
		return nil, ErrClosed
	case e.watches >= e.config.Watches:
		return nil, &LimitError{Limit: "things watched", Value: int64(e.config.Watches)}
	case len(a.watches) >= e.config.WatchesPerCaller:
		return nil, &LimitError{Limit: "things watched with one credential", Value: int64(e.config.WatchesPerCaller)}
	case e.kept >= e.config.StateBytes:
		return nil, &LimitError{Limit: "bytes kept of what is watched", Value: e.config.StateBytes}
	}
	t := e.topics[key]
	if t == nil {
		t = newTopic(e, key)
		e.topics[key] = t
	}
	w := &watch{topic: t, account: a, subscriptions: map[*Subscription]struct{}{}}
	w.context, w.cancel = context.WithCancel(e.ctx)
	w.content = make(w)
	a.watches[key] = w
	e.watches++
	t.watches = append(t.watches, w)
	return w, nil
}

// background runs f, for which Close waits.
func (e *Engine) background(f func()) { e.work.Go(f) }
