package subscription

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
	"jobgraph/internal/live"
	"jobgraph/internal/telemetry"
)

// run is one subscription with all its subscribers. Its worker executes its events: there is no
// goroutine while nothing changes.
type run struct {
	broadcaster *Broadcaster
	key         key
	operation   *graphql.OperationContext
	context     context.Context // outlives the subscriber that came first
	cancel      context.CancelFunc
	responses   graphql.ResponseHandler // executes the event that the feed has
	feed        *feed
	worker      worker
	changes     atomic.Int64 // how often the feed has reported a change

	mu      sync.Mutex // guards what follows, and the streams
	streams map[*Stream]struct{}
	waiting map[int64]map[*Stream]struct{} // subscribers without an offered event, by their position
	settled settled
	began   bool
	ended   bool

	// Of the worker.
	opened bool
	first  *event // from the beginning to the newest, while it is that
	newest int64  // the highest position that an event was executed for
	recent recent // of a log
}

// settled is a position that nothing followed, as of a number of changes.
type settled struct{ position, changes int64 }

// event is an executed event.
type event struct {
	response *graphql.Response // shared: it is not changed
	position int64
	last     bool // nothing follows
}

func newRun(ctx context.Context, b *Broadcaster, k key) *run {
	r := &run{broadcaster: b, key: k, operation: graphql.GetOperationContext(ctx), streams: map[*Stream]struct{}{},
		waiting: map[int64]map[*Stream]struct{}{}, settled: settled{position: startUnknown}}
	r.worker.run = r.work
	r.feed = &feed{engine: b.config.Live, credential: k.credential, notify: r.changed}
	r.context, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

// changed is called by the engine, with its lock held, when something may follow a position.
func (r *run) changed() {
	r.changes.Add(1)
	r.worker.wake()
}

// work opens what the subscription watches, the first time, and executes what its subscribers wait
// for. It closes the watch when the run has ended.
func (r *run) work() {
	defer r.closeIfEnded()
	defer r.recover()
	if !r.opened && !r.hasEnded() {
		r.opened = true
		r.open()
	}
	if !r.hasEnded() {
		r.offer()
	}
}

// open opens what the subscription watches.
func (r *run) open() {
	config := &r.broadcaster.config
	request := config.Request(r.context, r.operation, nil)
	r.responses, _ = config.Dispatch(loader.With(withFeed(r.context, r.feed), request), r.operation)
	config.Live.Charge(r.key.credential, request.Cost().Calls)
	if r.feed.source == nil { // the resolver failed, or the operation was refused
		response := r.responses(r.context)
		r.finish(&event{response: response, last: true})
		return
	}
	r.mu.Lock()
	r.began = true
	r.mu.Unlock()
}

func (r *run) hasEnded() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// closeIfEnded closes the watch of a run that has ended.
func (r *run) closeIfEnded() {
	if r.hasEnded() && r.feed.source != nil {
		r.feed.source.Close()
	}
}

// offer gives waiting subscribers the event after their position.
func (r *run) offer() {
	for _, position := range r.positions() {
		if r.hasEnded() {
			return
		}
		changes := r.changes.Load()
		e, err := r.event(position)
		switch {
		case err != nil:
			r.fail(err)
			return
		case e != nil:
			r.deliver(position, e)
		default:
			r.settle(settled{position, changes})
		}
	}
	r.endSlow()
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

// settle records that nothing follows a position. Until the next change, a subscriber that arrives
// there need not wake the worker.
func (r *run) settle(s settled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled = s
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
	last := &event{last: true}
	if !errors.Is(err, live.ErrClosed) {
		last.response = r.broadcaster.failed(r.context, err)
	}
	r.finish(last)
}

// recover ends the run with INTERNAL after a panic.
func (r *run) recover() {
	if cause := recover(); cause != nil {
		r.fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

// finish ends the run: its subscribers get what they were offered, and then a last event.
func (r *run) finish(last *event) {
	r.broadcaster.leave(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.cancel()
	for s := range r.streams {
		s.end(last)
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
