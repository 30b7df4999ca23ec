package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is a closed loop: each connection sends its next request when it has the answer to the one
// before.
type load struct {
	address     string
	request     request
	answer      []byte // what each answer must be
	connections int
	private     bool // each request with a credential of its own
	duration    time.Duration
	// enough is how many answers a run must have: it goes on for up to slowest times its duration
	// to get them.
	enough int64
}

const slowest = 6

// traffic is a load that runs.
type traffic struct {
	load
	measuring atomic.Bool
	all       atomic.Int64 // answers
	answered  atomic.Int64 // those while measuring
	number    atomic.Int64 // of the last credential
	mu        sync.Mutex
	times     []time.Duration
}

// measured is what a load saw while it was measured.
type measured struct {
	queries  int64
	wall     time.Duration
	p50, p99 time.Duration
}

// run loads the server. It calls begin when the warm-up is over, for which all connections to the
// upstream must have been made too, and end when the measurement is.
func (l load) run(ctx context.Context, begin, end func() error) (measured, error) {
	t := traffic{load: l}
	ctx, cancel := context.WithCancelCause(ctx)
	var workers sync.WaitGroup
	defer func() { cancel(nil); workers.Wait() }()
	for range l.connections {
		c, err := dial(l.address)
		if err != nil {
			return measured{}, err
		}
		context.AfterFunc(ctx, func() { _ = c.Close() })
		workers.Go(func() {
			if err := t.send(ctx, c); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	warm := time.Now()
	warmed := func() bool {
		return t.all.Load() >= 2*int64(l.connections) || time.Since(warm) > slowest*l.duration
	}
	if err := t.wait(ctx, l.duration/5, warmed); err != nil {
		return measured{}, err
	}
	if err := begin(); err != nil {
		return measured{}, err
	}
	began := time.Now()
	t.measuring.Store(true)
	err := t.wait(ctx, l.duration, func() bool {
		return t.answered.Load() >= l.enough || time.Since(began) > slowest*l.duration
	})
	t.measuring.Store(false)
	m := measured{queries: t.answered.Load(), wall: time.Since(began)}
	if err := errors.Join(err, end()); err != nil {
		return measured{}, err
	}
	cancel(nil)
	workers.Wait()
	if len(t.times) == 0 {
		return measured{}, fmt.Errorf("no answer within %s", m.wall)
	}
	slices.Sort(t.times)
	m.p50, m.p99 = percentile(t.times, 50), percentile(t.times, 99)
	return m, nil
}

// wait lets a time pass, and then goes on until done. It is cut short, with its cause, when the
// context ends.
func (t *traffic) wait(ctx context.Context, atLeast time.Duration, done func() bool) error {
	for timer := time.NewTimer(atLeast); ; timer.Reset(5 * time.Millisecond) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			if done() {
				return nil
			}
		}
	}
}

// send sends one connection's requests until the context ends, and adds their times to the others'.
func (t *traffic) send(ctx context.Context, c *connection) error {
	r := t.request.clone()
	var times []time.Duration
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.times = append(t.times, times...)
	}()
	for ctx.Err() == nil {
		if t.private {
			r.numbered(t.number.Add(1))
		}
		began := time.Now()
		answer, err := c.exchange(r)
		took := time.Since(began)
		if err != nil {
			return err
		}
		if !bytes.Equal(answer, t.answer) {
			return fmt.Errorf("an answer is not what the first one was: %.200s", answer)
		}
		t.all.Add(1)
		if t.measuring.Load() {
			t.answered.Add(1)
			times = append(times, took)
		}
	}
	return nil
}

// percentile is the value that so many percent of sorted values do not exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
