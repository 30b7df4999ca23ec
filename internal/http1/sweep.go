package http1

import (
	"net/http"
	"time"
)

const (
	sweepEvery = 100 * time.Millisecond
	// patience is how long the rest of a request may take before net/http reads it, within its own
	// deadlines.
	patience = 100 * time.Millisecond
	// firstTime is how long the first request of a connection may take to come once the server is
	// draining.
	firstTime = 300 * time.Millisecond
)

// longAgo is a deadline that has passed.
func longAgo() time.Time { return time.Unix(1, 0) }

// sweepUntilEnd sweeps all connections at every tick, until the last one has gone.
func (s *Server) sweepUntilEnd(ticks <-chan time.Time) {
	for {
		select {
		case now := <-ticks:
			s.setDate(now)
			s.sweep(now)
		case <-s.ended:
			return
		}
	}
}

func (s *Server) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		c.sweep(now)
	}
}

// setDate renews the value of Date headers.
func (s *Server) setDate(now time.Time) {
	date := now.UTC().Format(http.TimeFormat)
	if last := s.date.Load(); last == nil || *last != date {
		s.date.Store(&date)
	}
}

// sweep enforces the deadlines. A phase's time begins when it is first seen, so that deadlines are
// enforced late by up to a sweep, never early.
func (c *conn) sweep(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		c.since = now
		return
	}
	spent := now.Sub(c.since)
	switch c.phase {
	case waiting:
		if limit := c.idleLimit(); limit > 0 && spent >= limit {
			c.phase = over
			_ = c.link.Close()
		}
	case reading:
		if spent >= patience {
			c.phase = slow
			_ = c.socket.SetReadDeadline(longAgo())
		}
	case handling:
		if limit := c.server.http.WriteTimeout; limit > 0 && spent >= limit && !c.ownDeadline {
			c.phase = over
			_ = c.socket.SetWriteDeadline(longAgo()) // the handler's next write fails, as with net/http
		}
		if c.socket.gone() {
			c.cancel()
		}
	}
}

// idleLimit is how long the first byte of a request may take to come, by net/http's rules.
func (c *conn) idleLimit() time.Duration {
	h := c.server.http
	limit := h.IdleTimeout
	if c.first {
		limit = h.ReadHeaderTimeout
	}
	if limit == 0 {
		limit = h.ReadTimeout
	}
	if c.server.isDraining() && (limit == 0 || limit > firstTime) {
		limit = firstTime
	}
	return limit
}
