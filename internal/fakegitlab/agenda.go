package fakegitlab

import (
	"slices"
	"time"
)

// event is a change that is due at a time of the instance's clock.
type event struct {
	at     time.Time
	change func(*Builder)
}

// At schedules a change for time t of the instance's clock. It is made before the first request at
// or after t, with a builder whose Now is t. A change may schedule the next one, so that an
// instance keeps changing for as long as it runs.
func (b *Builder) At(t time.Time, change func(*Builder)) {
	agenda := b.world.agenda
	at, _ := slices.BinarySearchFunc(agenda, t, func(e event, t time.Time) int {
		if e.at.After(t) {
			return 1
		}
		return -1
	})
	b.world.agenda = slices.Insert(agenda, at, event{t, change})
}

// due reports whether the agenda has a change for now or earlier.
func (w *world) due(now time.Time) bool { return len(w.agenda) > 0 && !w.agenda[0].at.After(now) }

// catchUp makes all changes that are due.
func (w *world) catchUp(now time.Time) {
	for w.due(now) {
		next := w.agenda[0]
		w.agenda = w.agenda[1:]
		next.change(&Builder{world: w, now: next.at})
	}
}

// lock brings the world up to date with the clock, locks it, and returns the function that unlocks
// it. Unlocking after a write first publishes the changes to the webhooks.
func (s *Server) lock(write bool) (now time.Time, unlock func()) {
	now = s.options.Now()
	if !write {
		s.mu.RLock()
		if !s.world.due(now) {
			return now, s.mu.RUnlock
		}
		s.mu.RUnlock()
	}
	s.mu.Lock()
	s.world.catchUp(now)
	return now, func() {
		s.publish(now)
		s.mu.Unlock()
	}
}
