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

// Stream is one subscriber of a run. The run's lock guards it.
type Stream struct {
	run        *run
	ready      func() // is called when there may be something to take
	position   int64
	offered    *event // not taken yet
	offeredEnd int64  // where the log ended when it was offered
	offeredAt  time.Time
	final      *event // comes after what is offered
	done       bool
}

// join adds a subscriber; nil where the run has ended.
func (r *run) join(ready func()) *Stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil
	}
	s := &Stream{run: r, ready: ready, position: startUnknown}
	r.streams[s] = struct{}{}
	s.wait()
	r.worker.wake()
	return s
}

// startUnknown is the position of a subscriber before its first event.
const startUnknown = -1

// wait registers the stream as waiting at its position.
func (s *Stream) wait() {
	at := s.run.waiting[s.position]
	if at == nil {
		at = map[*Stream]struct{}{}
		s.run.waiting[s.position] = at
	}
	at[s] = struct{}{}
}

// end sets what comes after all that is offered.
func (s *Stream) end(final *event) {
	if s.final == nil {
		s.final = final
	}
	s.ready()
}

// Close takes the subscriber out of its run, which ends with the last one. There is nothing to take
// from then on.
func (s *Stream) Close() {
	r := s.run
	r.mu.Lock()
	s.done = true
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
		r.worker.wake() // it closes the watch
	}
}

// Take returns the next response, or nil if there is none yet; over reports that none will follow.
// The response is shared by all subscribers and must not be changed.
func (s *Stream) Take() (response *graphql.Response, over bool) {
	e, over := s.take()
	if over {
		s.Close()
	}
	if e == nil {
		return nil, over
	}
	return e.response, over
}

// take returns the offered event; over reports that none will follow.
func (s *Stream) take() (e *event, over bool) {
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
		return e, true
	}
	s.position = e.position
	switch {
	case s.final != nil:
		s.ready()
	default:
		s.wait()
		if r.settled != (settled{s.position, r.changes.Load()}) {
			r.worker.wake()
		}
	}
	return e, false
}

// handler returns the stream as gqlgen has it: a function that blocks until the next response. The
// end of a context closes the stream.
func (s *Stream) handler(ctx context.Context, signal <-chan struct{}) graphql.ResponseHandler {
	stop := context.AfterFunc(ctx, s.Close)
	return func(ctx context.Context) *graphql.Response {
		for ctx.Err() == nil {
			response, over := s.Take()
			if over {
				stop()
			}
			if response != nil {
				return own(response)
			}
			if over {
				return nil
			}
			select {
			case <-signal:
			case <-ctx.Done():
			}
		}
		return nil
	}
}

// own returns a copy of a response, which its reader may change, with the shared data.
func own(shared *graphql.Response) *graphql.Response {
	response := *shared
	response.Extensions = maps.Clone(shared.Extensions)
	return &response
}

// resubscribe ends the stream at shutdown.
func (s *Stream) resubscribe() {
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
