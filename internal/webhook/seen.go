package webhook

import (
	"sync"
	"time"
)

// seen keeps the IDs of events for as long as their timestamps are accepted, up to a maximum
// number.
type seen struct {
	mu    sync.Mutex
	limit int
	ids   map[string]struct{}
	order []entry // oldest first
}

type entry struct {
	id string
	at time.Time
}

func newSeen(limit int) *seen { return &seen{limit: limit, ids: map[string]struct{}{}} }

// add reports whether an ID is new, and keeps it.
func (s *seen) add(id string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.order) > 0 && (len(s.order) >= s.limit || now.Sub(s.order[0].at) > 2*window) {
		delete(s.ids, s.order[0].id)
		s.order = s.order[1:]
	}
	if _, found := s.ids[id]; found {
		return false
	}
	s.ids[id] = struct{}{}
	s.order = append(s.order, entry{id, now})
	return true
}
