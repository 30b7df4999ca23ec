package fakegitlab

import (
	"slices"
	"time"
)

// event is a change that is due at a moment of the instance's clock.
type event struct {
	at     time.Time
	change func(*Builder)
}

// At puts off a change until the clock gets there: it is made before the first request from then
// on, with b.Now being the moment itself. A change may put off the next one, so that an instance
// stays alive for as long as it runs.
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

// due reports whether the agenda holds a change for this moment or before.
func (w *world) due(now time.Time) bool { return len(w.agenda) > 0 && !w.agenda[0].at.After(now) }

// catchUp makes all changes that are due.
func (w *world) catchUp(now time.Time) {
	for w.due(now) {
		next := w.agenda[0]
		w.agenda = w.agenda[1:]
		next.change(&Builder{world: w, now: next.at})
	}
}

// lock locks the world, up to date with the clock, and returns how to unlock it. What a writer
// changed is then published.
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
