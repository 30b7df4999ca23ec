// Package coalesce shares equal work in flight: while one caller, the leader, does the work,
// callers with an equal key, the followers, wait for its result instead of doing the work again. A
// result is not kept: a caller that comes after the work is done leads it again.
package coalesce

import (
	"context"
	"sync"
	"time"
)

// Group shares work between callers with equal keys. Keys are compared in full, not by a hash. The
// zero value is ready for use.
type Group[K comparable, V any] struct {
	// FollowerTimeout bounds the time of a follower, from when it begins to wait, also where it leads
	// after a cancelled leader. Past it, its error is ErrFollowerTimeout. 0 is no bound.
	FollowerTimeout    time.Duration
	ErrFollowerTimeout error
	// Share makes of a result what several callers may have, the leader among them. It is called where
	// there are followers. Nil is the result itself.
	Share func(V) V

	mu      sync.Mutex
	flights map[K]*flight[V]
}

// flight is work in flight. The first follower makes done, so that work without followers costs no
// channel.
type flight[V any] struct {
	done      chan struct{}
	value     V
	err       error
	abandoned bool // the leader was cancelled, or panicked: there is no result to share
}

// Do returns the result of work, and whether it is shared: done by another caller with an equal
// key. The followers share the leader's error too.
//
// The work runs in the goroutine and under the context of the leader. If the leader is cancelled,
// the followers try again, and one of them leads under its own context.
func (g *Group[K, V]) Do(
	ctx context.Context, key K, work func(context.Context) (V, error),
) (value V, shared bool, err error) {
	for follows := false; ; follows = true {
		f, leads := g.join(key)
		if leads {
			g.lead(ctx, key, f, work)
			return f.value, false, f.err
		}
		if !follows && g.FollowerTimeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, g.FollowerTimeout, g.ErrFollowerTimeout)
			defer cancel()
		}
		select {
		case <-f.done:
			if !f.abandoned {
				return f.value, true, f.err
			}
		case <-ctx.Done():
			return value, true, context.Cause(ctx)
		}
	}
}

// Wait returns the result of work that another caller with an equal key leads; shared is false
// where there is none, or the leader was cancelled.
func (g *Group[K, V]) Wait(ctx context.Context, key K) (value V, shared bool, err error) {
	g.mu.Lock()
	f := g.follow(key)
	g.mu.Unlock()
	if f == nil {
		return value, false, nil
	}
	select {
	case <-f.done:
		if f.abandoned {
			return value, false, nil
		}
		return f.value, true, f.err
	case <-ctx.Done():
		return value, true, context.Cause(ctx)
	}
}

// Forget separates the work in flight from the callers to come: its followers so far get its
// result, and later callers lead anew. It is called after a write, because work that began before
// it may have read the state before it.
func (g *Group[K, V]) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flights = nil
}

// join returns the work in flight, to follow it, or new work, to lead it.
func (g *Group[K, V]) join(key K) (f *flight[V], leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.follow(key); f != nil {
		return f, false
	}
	if g.flights == nil {
		g.flights = map[K]*flight[V]{}
	}
	f = &flight[V]{abandoned: true} // until it is done
	g.flights[key] = f
	return f, true
}

// follow returns the work in flight, which then has followers; nil where there is none. The caller
// holds the lock.
func (g *Group[K, V]) follow(key K) *flight[V] {
	f := g.flights[key]
	if f != nil && f.done == nil {
		f.done = make(chan struct{})
	}
	return f
}

// lead does the work. A panic passes on to the leader, and the followers try again.
func (g *Group[K, V]) lead(ctx context.Context, key K, f *flight[V], work func(context.Context) (V, error)) {
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.flights[key] == f {
			delete(g.flights, key)
		}
		if f.done == nil {
			return
		}
		if g.Share != nil {
			f.value = g.Share(f.value)
		}
		close(f.done)
	}()
	f.value, f.err = work(ctx)
	f.abandoned = f.err != nil && ctx.Err() != nil
}
