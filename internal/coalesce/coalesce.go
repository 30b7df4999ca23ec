// Package coalesce shares equal work in flight: while one caller (the leader) does it, callers with an equal key (the
// followers) wait for its result instead of doing it again. Nothing is kept once it is done.
package coalesce

import (
	"context"
	"sync"
	"time"
)

// Group shares work between callers with equal keys. Keys are compared in full. The zero value is ready for use.
type Group[K comparable, V any] struct {
	// Patience bounds a follower, from when it began to wait: the work that it does itself after a cancelled leader is
	// included. Past it, its error is Late. 0 is no bound.
	Patience time.Duration
	Late     error

	mu      sync.Mutex
	flights map[K]*flight[V]
}

// flight is work in flight. done is made by the first who waits, so that work that nobody shares costs no channel.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
	gone  bool // whoever did the work went away before it was done: the result is nobody's
}

// Do returns the result of work, done by this caller or by another one with an equal key that is doing it right now; shared tells which. An error is
// shared with those who already wait, and with nobody later.
//
// The work runs in the goroutine and under the context of the caller who does it. Where that context ends before the work does, one of those who
// wait does the work again, under a context of its own.
func (g *Group[K, V]) Do(ctx context.Context, key K, work func(context.Context) (V, error)) (value V, shared bool, err error) {
	for follows := false; ; follows = true {
		f, mine := g.join(key)
		if mine {
			g.lead(ctx, key, f, work)
			return f.value, false, f.err
		}
		if !follows && g.Patience > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, g.Patience, g.Late)
			defer cancel()
		}
		select {
		case <-f.done:
			if !f.gone {
				return f.value, true, f.err
			}
		case <-ctx.Done():
			return value, true, context.Cause(ctx)
		}
	}
}

// Wait returns the result of work that another caller with an equal key is doing right now; false where nobody is, or whoever was went away.
func (g *Group[K, V]) Wait(ctx context.Context, key K) (value V, shared bool, err error) {
	g.mu.Lock()
	f := g.awaited(key)
	g.mu.Unlock()
	if f == nil {
		return value, false, nil
	}
	select {
	case <-f.done:
		if f.gone {
			return value, false, nil
		}
		return f.value, true, f.err
	case <-ctx.Done():
		return value, true, context.Cause(ctx)
	}
}

// join finds the work in flight, or begins it.
func (g *Group[K, V]) join(key K) (f *flight[V], mine bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.awaited(key); f != nil {
		return f, false
	}
	if g.flights == nil {
		g.flights = map[K]*flight[V]{}
	}
	f = &flight[V]{gone: true}
	g.flights[key] = f
	return f, true
}

// awaited finds the work in flight, to wait for it; nil where there is none. The lock is held.
func (g *Group[K, V]) awaited(key K) *flight[V] {
	f := g.flights[key]
	if f != nil && f.done == nil {
		f.done = make(chan struct{})
	}
	return f
}

// Forget makes whoever comes from now on begin anew: those who are already waiting get the result of the work in flight, and nobody else. It is called
// after a write, because work that began before it may bring what was there before.
func (g *Group[K, V]) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flights = nil
}

// lead does the work. A panic passes on to the caller; those who wait do the work themselves then.
func (g *Group[K, V]) lead(ctx context.Context, key K, f *flight[V], work func(context.Context) (V, error)) {
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.flights[key] == f {
			delete(g.flights, key)
		}
		if f.done != nil {
			close(f.done)
		}
	}()
	f.value, f.err = work(ctx)
	f.gone = f.err != nil && ctx.Err() != nil
}
