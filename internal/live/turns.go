package live

import (
	"context"
	"slices"
	"time"
)

// topic is a thing that is watched, with any number of credentials.
type topic struct {
	engine  *Engine
	key     topicKey
	watches []*watch

	version int64       // grows with everything new that a read has found
	known   []knownView // the latest new views, so that a watch that finds one of them later reports no change

	turn    int       // whose turn the fast poll was, as a place in watches
	poller  *watch    // whose fast poll is in flight
	pace    pace      // how long until the next one
	next    alarm     // the next one
	later   alarm     // a wake-up that came too soon after another
	wokenAt time.Time // when a wake-up last made one come early
	leased  bool      // this replica held the lease when it asked last
	hooks   hooks

	queue   []*watch // watches that a change makes read, in this order
	reading int      // of them, now
	lagging alarm    // the next look for watches that have not read since a change

	wanted  map[int64]int // jobs of a pipeline that subscriptions are for, with the number of subscriptions
	bridges int           // of these, trigger jobs
	whole   int           // subscriptions to the pipeline itself
	latest  []entry       // of a pipeline or project: what was read last, to share what is equal to the byte
}

// knownView is a view that a read has found.
type knownView struct {
	details uint64
	version int64 // the topic's, since it was found
}

func newTopic(e *Engine, key topicKey) *topic {
	t := &topic{engine: e, key: key, version: 1, wanted: map[int64]int{}}
	if key.Kind == Log {
		t.pace = &logPace{min: e.config.LogInterval}
	} else {
		t.pace = &statePace{min: e.config.MinInterval, max: e.config.MaxInterval}
	}
	return t
}

// remove drops a watch that has ended; the last one takes the topic with it.
func (t *topic) remove(w *watch) {
	at := slices.Index(t.watches, w)
	t.watches = slices.Delete(t.watches, at, at+1)
	if t.turn > at {
		t.turn--
	}
	if w.queued {
		t.queue = slices.DeleteFunc(t.queue, func(q *watch) bool { return q == w })
	}
	if len(t.watches) == 0 {
		t.next.stop()
		t.later.stop()
		t.lagging.stop()
		delete(t.engine.topics, t.key)
		t.release()
	}
}

// schedule plans the next fast poll.
func (t *topic) schedule() { t.next.set(t.engine, t.engine.jitter(t.interval(), 0.1), t.tick) }

// interval is the time until the next fast poll.
func (t *topic) interval() time.Duration {
	d := t.pace.interval()
	if t.hooks.trusted(t.engine.clock.Now()) {
		d = max(d, 2*t.engine.config.CheckInterval) // each watch's own check is the safety net
	}
	return d
}

// tick makes the fast poll, where this replica holds its lease.
func (t *topic) tick() {
	e := t.engine
	if len(t.watches) == 0 || t.poller != nil {
		return
	}
	if e.config.Store == nil {
		t.poll(polling)
		return
	}
	ttl := t.interval() * 7 / 4 // so that another replica polls within two intervals of the last poll
	e.background(func() {
		busy, err := e.config.Store.Lease(e.ctx, t.key.leaseName(), ttl)
		e.mu.Lock()
		defer e.mu.Unlock()
		t.leased = busy == 0 && err == nil
		switch {
		case len(t.watches) == 0:
			t.release()
		case busy == 0 || err != nil:
			t.poll(polling)
		default:
			t.next.setEarlier(e, busy, t.tick)
		}
	})
}

// release ends the lease of a topic that this replica does not watch any more, and lets the others
// take it at once.
func (t *topic) release() {
	if !t.leased {
		return
	}
	t.leased = false
	t.engine.background(func() {
		ctx := context.WithoutCancel(t.engine.ctx) // also while the engine closes
		if t.engine.config.Store.Release(ctx, t.key.leaseName()) == nil {
			_ = t.engine.config.Store.Publish(ctx, free+" "+t.key.Topic.String())
		}
	})
}

// poll reads with the credential whose turn it is. If its budget or a Retry-After forbids that, it
// waits or another credential takes the turn.
func (t *topic) poll(why reason) {
	e := t.engine
	if t.poller != nil || len(t.watches) == 0 {
		return
	}
	w, wait := t.takeTurn()
	switch wait = max(wait, e.config.MinInterval); {
	case w == nil && why == woken: // whoever holds the lease, this replica has to read
		t.later.set(e, wait, t.wakeNow)
		return
	case w == nil:
		t.next.set(e, wait, t.tick)
		return
	}
	if w.reading { // that read began before: the poll is what is pending
		w.pending = true
		t.schedule()
		return
	}
	t.poller = w
	t.later.stop() // this read begins after whatever that wake-up was about
	seen := t.version
	w.read(why, func() {
		t.poller = nil
		switch {
		case len(t.watches) == 0:
		case w.ended != nil: // it may have been cancelled: another one takes the turn
			t.poll(why)
		default:
			t.pace.observe(t.version != seen, w.lastErr == nil, e.clock.Now())
			t.schedule()
		}
	})
}

// takeTurn picks the next watch among those with the most complete view, in the same states: a
// caller with fewer rights must not hide changes from the others. It returns nil and how long to
// wait if none of them may read now.
func (t *topic) takeTurn() (*watch, time.Duration) {
	var best *watch
	for _, w := range t.watches {
		if !w.ok {
			continue
		}
		if best == nil || w.content.view().weight > best.content.view().weight ||
			w.content.view().weight == best.content.view().weight && w.readAt.After(best.readAt) {
			best = w
		}
	}
	if best == nil {
		return nil, 0
	}
	reference, least := best.content.view(), time.Duration(-1)
	for i := range t.watches {
		at := (t.turn + 1 + i) % len(t.watches)
		w := t.watches[at]
		if v := w.content.view(); !w.ok || v.weight != reference.weight || v.states != reference.states {
			continue
		}
		wait := w.account.wait(t.engine)
		if wait == 0 {
			t.turn = at
			return w, 0
		}
		if least < 0 || wait < least {
			least = wait
		}
	}
	return nil, least
}

// knownViews is how many views are remembered. Callers with different rights have different views;
// more than a few at once are rare, and cost one more round of reads.
const knownViews = 16

// news records a view that a watch has now and did not have when it last read, at a version of the
// topic. Unless another watch has found the view since, the others read too, each with its own
// credential.
func (t *topic) news(w *watch, last int64, why reason, c change) {
	details := w.content.view().details
	at := slices.IndexFunc(t.known, func(k knownView) bool { return k.details == details })
	if at >= 0 && t.known[at].version > last {
		return
	}
	if at >= 0 { // what is watched is again as it was
		t.known = slices.Delete(t.known, at, at+1)
	}
	t.version++
	w.seen = t.version
	t.known = append(t.known, knownView{details, t.version})
	if len(t.known) > knownViews {
		t.known = slices.Delete(t.known, 0, 1)
	}
	for _, other := range t.watches {
		if other != w && other.seen == t.version-1 && !other.reading && !other.content.wants(c) {
			other.seen, other.skipped = t.version, true // the change does not concern it
		}
	}
	t.wakeLagging()
	if why == woken && !t.leased || t.version == 2 {
		return // reported already, or found by the fast poll of another replica, or the first read of all
	}
	t.hooks.missed()
	t.engine.publish(look, t.key.Topic)
	if why == checking {
		t.pace.hurry()
		t.schedule()
	}
}

// wakeLagging makes the watches read that have not done so since the last news: at once the first
// time, then once an interval at most.
func (t *topic) wakeLagging() {
	e, now := t.engine, t.engine.clock.Now()
	for _, w := range t.watches {
		if w.seen == 0 || w.seen >= t.version || w.queued || w.pending || !w.ok {
			continue
		}
		due := w.wokenAt.Add(e.config.MinInterval)
		if !w.wokenAt.IsZero() && due.After(now) {
			t.lagging.setEarlier(e, due.Sub(now), t.wakeLagging)
			continue
		}
		w.wokenAt = now
		if w.reading { // it began before the news
			w.pending = true
			continue
		}
		w.queued = true
		t.queue = append(t.queue, w)
	}
	t.drain()
}

// drain begins woken reads, a bounded number at a time, so that they do not reach GitLab all at
// once.
func (t *topic) drain() {
	for t.reading < t.engine.config.Parallel && len(t.queue) > 0 {
		w := t.queue[0]
		t.queue = t.queue[1:]
		w.queued = false
		if w.reading {
			continue // that read began after the news
		}
		if pause := w.account.pause(t.engine); pause > 0 {
			t.lagging.setEarlier(t.engine, pause, t.wakeLagging)
			continue
		}
		t.reading++
		w.read(woken, func() {
			t.reading--
			t.drain()
		})
	}
}

// wake reads the topic now: at once the first time, then once an interval at most.
func (t *topic) wake() {
	e, now := t.engine, t.engine.clock.Now()
	if due := t.wokenAt.Add(e.config.MinInterval); !t.wokenAt.IsZero() && due.After(now) {
		t.later.setEarlier(e, due.Sub(now), t.wakeNow)
		return
	}
	t.wakeNow()
}

func (t *topic) wakeNow() {
	t.wokenAt = t.engine.clock.Now()
	t.pace.hurry()
	if t.poller != nil {
		t.poller.pending = true // its read may have begun before the change
		return
	}
	t.poll(woken)
}
