package subscription

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
	"jobgraph/internal/live"
	"jobgraph/internal/telemetry"
)

// run is one subscription with all its subscribers. Its events are executed by one goroutine.
type run struct {
	broadcaster *Broadcaster
	key         key
	operation   *graphql.OperationContext
	context     context.Context // outlives the subscriber that came first
	cancel      context.CancelFunc
	responses   graphql.ResponseHandler // executes the event that the feed has
	feed        *feed
	signal      chan struct{} // something changed: at GitLab, or among the subscribers

	mu      sync.Mutex // guards what follows, and the streams
	streams map[*stream]struct{}
	waiting map[int64]map[*stream]struct{} // subscribers without an offered event, by their position
	began   bool
	ended   bool

	// Of the goroutine that serves the run.
	first  *event // from the beginning to the newest, while it is that
	newest int64  // the highest position that an event was executed for
	recent recent // of a log
}

// event is an executed event.
type event struct {
	response *graphql.Response // shared: it is not changed
	position int64
	last     bool // nothing follows
}

func newRun(ctx context.Context, b *Broadcaster, k key) *run {
	r := &run{broadcaster: b, key: k, operation: graphql.GetOperationContext(ctx), signal: make(chan struct{}, 1),
		streams: map[*stream]struct{}{}, waiting: map[int64]map[*stream]struct{}{}}
	r.feed = &feed{engine: b.config.Live, credential: k.credential, notify: r.wake}
	r.context, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

// wake signals the run's goroutine. It never blocks.
func (r *run) wake() {
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

// serve opens what the subscription watches and executes events until the run ends.
func (r *run) serve() {
	defer r.recover()
	config := &r.broadcaster.config
	request := config.Request(r.context, r.operation, nil)
	r.responses, _ = config.Dispatch(loader.With(withFeed(r.context, r.feed), request), r.operation)
	config.Live.Charge(r.key.credential, request.Cost().Calls)
	if r.feed.source == nil { // the resolver failed, or the operation was refused
		response := r.responses(r.context)
		r.finish(func(*stream) *event { return &event{response: response, last: true} })
		return
	}
	defer r.feed.source.Close()
	r.mu.Lock()
	r.began = true
	r.mu.Unlock()
	for r.offer() {
		select {
		case <-r.signal:
		case <-r.context.Done():
			return
		}
	}
}

// offer gives waiting subscribers the event after their position; it reports whether the run
// continues.
func (r *run) offer() bool {
	for _, position := range r.positions() {
		e, err := r.event(position)
		switch {
		case err != nil:
			r.fail(err)
			return false
		case e != nil:
			r.deliver(position, e)
		}
	}
	r.endSlow()
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.ended
}

// positions are those that subscribers wait at.
func (r *run) positions() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]int64, 0, len(r.waiting))
	for position := range r.waiting {
		all = append(all, position)
	}
	return all
}

// event executes the changes since a position, and returns nil if there are none. The first event
// of new subscribers is kept while nothing changes.
func (r *run) event(after int64) (*event, error) {
	if after == startUnknown {
		after = r.feed.start
	}
	if r.first != nil && after == r.feed.start && !r.feed.log && r.first.position == r.newest {
		if _, more, err := r.feed.source.Next(r.newest); err != nil || !more {
			return r.first, err
		}
	}
	if e := r.recent.get(after); e != nil {
		return e, nil
	}
	found, ok, err := r.feed.source.Next(after)
	if err != nil || !ok {
		return nil, err
	}
	e := r.execute(found)
	if r.feed.log {
		r.recent.add(after, e)
	}
	r.newest = max(r.newest, e.position)
	if after == r.feed.start {
		r.first = e
	}
	return e, nil
}

// execute resolves the selections of an event.
func (r *run) execute(found live.Event) *event {
	config := &r.broadcaster.config
	ctx, span := telemetry.StartEvent(r.context, found.Poll)
	defer span.End()
	request := config.Request(ctx, r.operation, found.Brought)
	ctx = graphql.WithFieldContext(loader.With(ctx, request), r.feed.field)
	if config.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, config.Timeout)
		defer cancel()
	}
	r.feed.push(found)
	response := r.responses(ctx)
	config.Live.Charge(r.key.credential, request.Cost().Calls)
	if response == nil { // the context has ended
		response = &graphql.Response{}
	}
	response.Data = bytes.Clone(response.Data) // the executor uses its buffer again
	if found.Chunk != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		response.Extensions[EventID] = strconv.FormatInt(found.Chunk.To, 10)
	}
	return &event{response: response, position: found.Position, last: found.Last}
}

// EventID is the key of a response's extensions that has the position of a log after it, for
// transports that have a place for such an ID.
const EventID = "eventId"

// deliver offers an event to the subscribers that wait at a position.
func (r *run) deliver(position int64, e *event) {
	end, now := r.feed.source.End(), r.broadcaster.config.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := r.waiting[position]
	delete(r.waiting, position)
	for s := range waiting {
		s.offered, s.offeredEnd, s.offeredAt = e, end, now
		s.ready()
	}
}

// fail ends the run with an error, or without one if the engine has closed.
func (r *run) fail(err error) {
	r.finish(func(s *stream) *event {
		if errors.Is(err, live.ErrClosed) {
			return &event{last: true}
		}
		return &event{response: r.broadcaster.failed(r.context, err), last: true}
	})
}

// recover ends the run with INTERNAL after a panic.
func (r *run) recover() {
	if cause := recover(); cause != nil {
		r.fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

// finish ends the run: its subscribers get what they were offered, and then a last event.
func (r *run) finish(last func(*stream) *event) {
	r.broadcaster.leave(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.cancel()
	for s := range r.streams {
		s.end(last(s))
	}
}

// endSlow ends subscribers of a log that have not taken a chunk for too long while the log moved
// on.
func (r *run) endSlow() {
	if !r.feed.log {
		return
	}
	config := &r.broadcaster.config
	end, now := r.feed.source.End(), config.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.streams {
		if s.offered != nil && !s.offered.last && end-s.offeredEnd > config.SlowBytes &&
			now.Sub(s.offeredAt) > config.SlowTime {
			s.offered = nil
			r.broadcaster.slow.Add(1)
			s.end(&event{response: &graphql.Response{Errors: []*gqlError{slowConsumer(s.position)}}, last: true})
		}
	}
}
