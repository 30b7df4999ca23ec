package live

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// content is what a watch has read. Its methods are called with the engine's lock held.
type content interface {
	// plan returns a read of what subscriptions need now. The read runs without the lock; what it
	// returns applies its result with the lock held again.
	plan() read
	// view returns what the credential can see: a watch that sees less than others takes no turn at
	// the fast poll.
	view() view
	// wants reports whether a change concerns this watch.
	wants(change) bool
	// bytes is how much memory the content takes, about.
	bytes() int64
	// close releases what the content holds besides memory.
	close()
}

// read reads GitLab. It returns a function that applies the result and reports what changed.
type read func(context.Context) (apply func() change, err error)

// view is what a credential sees of a topic: how much, in which states, and in which details.
type view struct {
	weight  int64
	states  uint64
	details uint64
}

// change is what a read found to be different.
type change struct {
	any   bool          // there is something for subscriptions
	jobs  []int64       // the jobs that changed
	again time.Duration // the next read is due after so long; 0 is the usual time
}

// reason is why a read is made.
type reason int

const (
	checking reason = iota // its time has come
	polling                // the fast poll
	woken                  // a change was reported
)

// watch is a topic read with one credential.
type watch struct {
	topic         *topic
	account       *account
	content       content
	subscriptions map[*Subscription]struct{}
	context       context.Context // of its reads: they end with the last subscription
	cancel        context.CancelFunc

	ok      bool  // the last read went well
	seen    int64 // the topic's version that the last good read has seen
	skipped bool  // since then, changes that did not concern a subscription were not read
	reading bool
	pending bool // one more read is due once this one has ended
	queued  bool // waiting for a place among the woken reads
	wokenAt time.Time
	readAt  time.Time

	failing time.Time     // since when reads fail; zero where they do not
	backoff time.Duration // before the next try
	lastErr error         // of the last read
	check   alarm         // the next read that is made in any case

	found trace.SpanContext // of the read that found the last change; invalid where there are no traces

	kept  int64
	done  chan struct{} // closed when the read in flight ends; nil where nobody waits
	ended error         // why there will be no more
}

// read begins a read, or marks one as pending where one is in flight.
func (w *watch) read(why reason, after func()) {
	e := w.topic.engine
	if w.ended != nil {
		return
	}
	if w.reading {
		w.pending = true
		return
	}
	w.reading = true
	began, plan := w.topic.version, w.content.plan()
	e.background(func() {
		ctx, poll := w.startPoll(w.context, why)
		apply, err := plan(ctx)
		e.mu.Lock()
		defer e.mu.Unlock()
		w.reading = false
		left := w.ended != nil // the read was cancelled
		changed := !left && w.finish(why, began, poll.found(), apply, err)
		poll.end(changed, err)
		if !left {
			e.count(why, err)
		}
		if after != nil {
			after()
		}
		if w.done != nil {
			close(w.done)
			w.done = nil
		}
	})
}

func (e *Engine) count(why reason, err error) {
	switch why {
	case polling:
		e.polls.Fast++
	case woken:
		e.polls.Woken++
	case checking:
		e.polls.Check++
	}
	if err != nil {
		e.polls.Failed++
	}
}

// finish applies the result of a read, and reports whether anything changed.
func (w *watch) finish(
	why reason, began int64, poll trace.SpanContext, apply func() change, err error,
) (changed bool) {
	e := w.topic.engine
	w.readAt, w.lastErr = e.clock.Now(), err
	if err != nil {
		w.failed(err)
		return false
	}
	before := w.content.view()
	c := apply()
	if w.ended != nil { // the result ends the watch
		return c.any
	}
	last := w.seen
	w.ok, w.failing, w.backoff, w.seen, w.skipped = true, time.Time{}, 0, began, false
	w.keep(w.content.bytes())
	if c.any {
		w.found = poll
		w.notify()
	}
	if last == 0 || w.content.view() != before {
		w.topic.news(w, last, why, c)
	}
	if t := w.topic; t.next.timer == nil && t.poller == nil {
		t.schedule()
	}
	if w.pending {
		w.pending = false
		w.read(woken, nil)
	}
	again := e.jitter(e.config.CheckInterval, 0.1)
	if c.again > 0 {
		again = min(again, c.again)
	}
	w.check.set(e, again, w.look)
	return c.any
}

// keep counts the bytes that the watch holds.
func (w *watch) keep(bytes int64) {
	w.topic.engine.kept += bytes - w.kept
	w.kept = bytes
}

// look makes the periodic read. Only a Retry-After delays it.
func (w *watch) look() {
	e := w.topic.engine
	if pause := w.account.pause(e); pause > 0 {
		w.check.set(e, pause, w.look)
		return
	}
	w.read(checking, nil)
}

// failed plans the next try, or ends the watch.
func (w *watch) failed(err error) {
	e, now := w.topic.engine, w.topic.engine.clock.Now()
	w.ok, w.pending = false, false
	if isFinal(err) || w.seen == 0 {
		w.end(err)
		return
	}
	if w.failing.IsZero() {
		w.failing = now
	}
	if lasted := now.Sub(w.failing); lasted >= e.config.Outage {
		w.end(&OutageError{After: lasted, Err: err})
		return
	}
	w.backoff = min(max(2*w.backoff, e.config.MinInterval), e.config.CheckInterval)
	w.check.set(e, max(e.jitter(w.backoff, 0.1), w.account.pause(e)), w.look)
}

// notify calls the subscriptions' notify functions.
func (w *watch) notify() {
	for s := range w.subscriptions {
		s.notify()
	}
}

// end ends the watch and all its subscriptions. The topic goes with its last watch.
func (w *watch) end(err error) {
	if w.ended != nil {
		return
	}
	w.ended = err
	w.cancel()
	w.check.stop()
	w.keep(0)
	w.content.close()
	e := w.topic.engine
	delete(w.account.watches, w.topic.key)
	e.watches--
	e.release(w.account)
	w.topic.remove(w)
	w.notify()
	if w.done != nil && !w.reading {
		close(w.done)
		w.done = nil
	}
}

// finished is closed when the read in flight has ended. The caller begins a read before.
func (w *watch) finished() <-chan struct{} {
	if w.done == nil {
		w.done = make(chan struct{})
	}
	return w.done
}
