package subscription

import (
	"context"
	"maps"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

type gqlError = gqlerror.Error

// stream is one subscriber of a run. The run's lock guards it.
type stream struct {
	run        *run
	position   int64
	offered    *event // not taken yet
	offeredEnd int64  // where the log ended when it was offered
	offeredAt  time.Time
	final      *event // comes after what is offered
	done       bool
	signal     chan struct{} // there is something to take
	stop       func() bool   // of the call when the subscriber's context ends
}

// join adds a subscriber; nil where the run has ended.
func (r *run) join(ctx context.Context) *stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil
	}
	s := &stream{run: r, position: startUnknown, signal: make(chan struct{}, 1)}
	r.streams[s] = struct{}{}
	s.wait()
	s.stop = context.AfterFunc(ctx, s.leave)
	r.wake()
	return s
}

// startUnknown is the position of a subscriber before its first event.
const startUnknown = -1

// wait registers the stream as waiting at its position.
func (s *stream) wait() {
	at := s.run.waiting[s.position]
	if at == nil {
		at = map[*stream]struct{}{}
		s.run.waiting[s.position] = at
	}
	at[s] = struct{}{}
}

// ready signals the subscriber that an event is offered.
func (s *stream) ready() {
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// end sets what comes after all that is offered.
func (s *stream) end(final *event) {
	if s.final == nil {
		s.final = final
	}
	s.ready()
}

// leave takes the subscriber out of its run, which ends with the last one.
func (s *stream) leave() {
	r := s.run
	r.mu.Lock()
	delete(r.streams, s)
	if at := r.waiting[s.position]; at != nil {
		delete(at, s)
		if len(at) == 0 {
			delete(r.waiting, s.position)
		}
	}
	over := len(r.streams) == 0 && !r.ended
	r.ended = r.ended || over
	r.mu.Unlock()
	if over {
		r.broadcaster.leave(r)
		r.cancel()
	}
}

// next waits for the next response and returns it; nil at the end.
func (s *stream) next(ctx context.Context) *graphql.Response {
	for {
		if ctx.Err() != nil {
			return nil
		}
		e, over := s.take()
		if e != nil && e.response != nil {
			return s.own(e.response)
		}
		if over {
			return nil
		}
		select {
		case <-s.signal:
		case <-ctx.Done():
			return nil
		}
	}
}

// take returns the offered event; over reports that none will follow.
func (s *stream) take() (e *event, over bool) {
	r := s.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.done {
		return nil, true
	}
	e, s.offered = s.offered, nil
	if e == nil {
		e = s.final
	}
	switch {
	case e == nil:
		return nil, false
	case e.last:
		s.done = true
		s.stop()
		go s.leave() // it takes the lock
		return e, true
	}
	s.position = e.position
	if _, here := r.streams[s]; here && s.final == nil {
		s.wait()
		r.wake()
	} else if s.final != nil {
		s.ready()
	}
	return e, false
}

// own returns a copy of a response, which its reader may change, with the shared data.
func (s *stream) own(shared *graphql.Response) *graphql.Response {
	response := *shared
	response.Extensions = maps.Clone(shared.Extensions)
	return &response
}

// resubscribe ends the stream at shutdown.
func (s *stream) resubscribe() {
	r := s.run
	r.mu.Lock()
	defer r.mu.Unlock()
	final := &event{last: true}
	if r.began && r.feed.log && s.position != startUnknown {
		position := s.position
		if s.offered != nil {
			position = s.offered.position
		}
		final.response = &graphql.Response{Errors: []*gqlError{resubscribe(position)}}
	} else if r.began && r.feed.log {
		final.response = &graphql.Response{Errors: []*gqlError{resubscribe(r.feed.start)}}
	}
	s.end(final)
}

// slowConsumer is the end of a subscriber that reads a log too slowly.
func slowConsumer(position int64) *gqlError {
	return &gqlError{
		Message:    "the log was read too slowly; subscribe again from the byte in fromByte",
		Extensions: map[string]any{"code": errcode.SlowConsumer, "fromByte": position},
	}
}

// resubscribe is the end of a log's subscription at shutdown.
func resubscribe(position int64) *gqlError {
	return &gqlError{
		Message:    "the gateway shuts down; subscribe again from the byte in fromByte",
		Extensions: map[string]any{"code": errcode.Resubscribe, "fromByte": position},
	}
}
