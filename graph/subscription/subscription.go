package subscription

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/internal/live"
	"jobgraph/restclient"
)

// Brought returns the response to a path that a poll has read already; false for any other path.
type Brought func(path string) (*restclient.Response, bool)

// Config configures a Broadcaster.
type Config struct {
	Live *live.Engine
	// Dispatch executes an operation; gqlgen's executor does.
	Dispatch func(context.Context, *graphql.OperationContext) (graphql.ResponseHandler, context.Context)
	// Request returns the loaders of an event's selections. Brought may be nil.
	Request func(context.Context, *graphql.OperationContext, Brought) *loader.Request
	// Credential returns the credential with which an operation reads GitLab.
	Credential func(context.Context) restclient.Credential
	Present    graphql.ErrorPresenterFunc
	Timeout    time.Duration // of one event's selections; 0 is no bound
	Now        func() time.Time
	// A subscriber of a log ends when it has not taken the chunk that it was offered for SlowTime, and
	// the log has moved on by SlowBytes since. 0 is 10 s, and 1 MiB. A subscriber that catches up
	// slowly is not slow: it takes a chunk now and then.
	SlowTime  time.Duration
	SlowBytes int64
}

// Broadcaster executes subscriptions, equal ones once.
type Broadcaster struct {
	config Config

	mu       sync.Mutex
	runs     map[key]*run
	draining bool

	slow atomic.Int64
}

// key is everything that the events of a subscription depend on. It is compared in full, not by a
// hash.
type key struct {
	credential restclient.Credential
	document   string
	operation  string
	variables  string
	extensions string
}

// New returns a broadcaster without subscribers.
func New(c Config) *Broadcaster {
	c.SlowTime, c.SlowBytes = cmp.Or(c.SlowTime, 10*time.Second), cmp.Or(c.SlowBytes, 1<<20)
	return &Broadcaster{config: c, runs: map[key]*run{}}
}

// Size is how many subscribers there are, and how many different subscriptions they have.
type Size struct{ Subscribers, Runs int }

// Size returns how much the broadcaster serves now.
func (b *Broadcaster) Size() Size {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Size{Runs: len(b.runs)}
	for _, r := range b.runs {
		r.mu.Lock()
		s.Subscribers += len(r.streams)
		r.mu.Unlock()
	}
	return s
}

// SlowConsumers returns how many subscribers of logs were ended because they read too slowly.
func (b *Broadcaster) SlowConsumers() int64 { return b.slow.Load() }

// Operation is the middleware of a subscription. A subscriber's operation joins a run, which
// dispatches the operation once for all of them: that dispatch is what next executes. The context
// is the subscriber's; it ends the subscription.
func (b *Broadcaster) Operation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if feedOf(ctx) != nil {
		return next(ctx)
	}
	signal := make(chan struct{}, 1)
	s := b.Subscribe(ctx, func() {
		select {
		case signal <- struct{}{}:
		default:
		}
	})
	return s.handler(ctx, signal)
}

// Subscribe adds a subscriber of the operation in the context, of which only the values count. It
// calls ready, which must neither block nor call the stream, when there may be something to take.
// The caller closes the stream, unless it has taken the end.
func (b *Broadcaster) Subscribe(ctx context.Context, ready func()) *Stream {
	op := graphql.GetOperationContext(ctx)
	if n := len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})); n != 1 {
		return b.over(&graphql.Response{Errors: []*gqlError{notOneField(n)}}, ready)
	}
	k, err := b.key(ctx)
	if err != nil {
		return b.over(b.failed(ctx, err), ready)
	}
	if s := b.join(ctx, k, ready); s != nil {
		return s
	}
	return b.over(nil, ready) // shutting down: clients reconnect
}

// over returns a stream that has ended with a response, or without one.
func (b *Broadcaster) over(response *graphql.Response, ready func()) *Stream {
	r := &run{broadcaster: b, ended: true}
	ready()
	return &Stream{run: r, ready: ready, final: &event{response: response, last: true}}
}

// notOneField is the error of a subscription whose fields, with their aliases and without those
// that @skip and @include leave out, are not one. The validation rule looks at names alone.
func notOneField(n int) *gqlError {
	return &gqlError{
		Message:    fmt.Sprintf("a subscription must select exactly one field, this one selects %d", n),
		Extensions: map[string]any{"code": errcode.ValidationFailed},
	}
}

func (b *Broadcaster) key(ctx context.Context) (key, error) {
	op := graphql.GetOperationContext(ctx)
	variables, err := json.Marshal(op.Variables) // keys in order
	if err != nil {
		return key{}, err
	}
	extensions, err := json.Marshal(op.Extensions)
	return key{b.config.Credential(ctx), op.RawQuery, op.OperationName, string(variables), string(extensions)}, err
}

// join adds a subscriber to the run with this key, and makes the run where there is none.
func (b *Broadcaster) join(ctx context.Context, k key, ready func()) *Stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.draining {
		return nil
	}
	if r := b.runs[k]; r != nil {
		if s := r.join(ready); s != nil {
			return s
		} // it has just ended
	}
	r := newRun(ctx, b, k)
	b.runs[k] = r
	return r.join(ready)
}

// leave forgets a run that has no subscribers, unless another has taken its place.
func (b *Broadcaster) leave(r *run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runs[r.key] == r {
		delete(b.runs, r.key)
	}
}

// failed is an end with an error.
func (b *Broadcaster) failed(ctx context.Context, err error) *graphql.Response {
	return &graphql.Response{Errors: []*gqlError{b.config.Present(ctx, err)}}
}

// Drain ends every subscription at shutdown: those of logs with RESUBSCRIBE and the byte to go on
// from, the others without an error, because the transport's own end makes clients reconnect. The
// ends are spread over a time, so that clients do not all reconnect at once; wait waits for a part
// of it.
func (b *Broadcaster) Drain(most time.Duration, wait func(time.Duration)) {
	all := b.drain()
	over := min(most, time.Duration(len(all))*drainPause)
	for step := range drainSteps {
		batch := all[len(all)*step/drainSteps : len(all)*(step+1)/drainSteps]
		for _, s := range batch {
			s.resubscribe()
		}
		if len(batch) > 0 && step < drainSteps-1 {
			wait(over / drainSteps)
		}
	}
}

const (
	drainSteps = 20
	drainPause = 2 * time.Millisecond // between the ends of two subscriptions, in the mean
)

// drain refuses new subscribers, and returns the current ones.
func (b *Broadcaster) drain() []*Stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draining = true
	var all []*Stream
	for _, r := range b.runs {
		r.mu.Lock()
		for s := range r.streams {
			all = append(all, s)
		}
		r.mu.Unlock()
	}
	return all
}
