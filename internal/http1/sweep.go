package http1

import (
	"net/http"
	"time"
)

const (
	sweepEvery = 100 * time.Millisecond
	// patience is how long the rest of a request may take before net/http reads it, whose own times begin then.
	patience = 100 * time.Millisecond
)

// longAgo is a deadline that is past.
func longAgo() time.Time { return time.Unix(1, 0) }

// sweepUntilEnd looks after all connections, until the last one has gone.
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

// setDate renews what Date headers say.
func (s *Server) setDate(now time.Time) {
	date := now.UTC().Format(http.TimeFormat)
	if last := s.date.Load(); last == nil || *last != date {
		s.date.Store(&date)
	}
}

// sweep does what time asks for. A phase's time begins when it is first seen, so that whatever is done is done late by a sweep, never early.
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
			_ = c.socket.Close()
		}
	case reading:
		if spent >= patience {
			c.phase = slow
			_ = c.socket.SetReadDeadline(longAgo())
		}
	case handling:
		if limit := c.server.http.WriteTimeout; limit > 0 && spent >= limit && !c.ownDeadline {
			c.phase = over
			_ = c.socket.SetWriteDeadline(longAgo()) // the handler is told when it writes, as by net/http
		}
		if c.socket.gone() {
			c.cancel()
		}
	}
}

// idleLimit is how long the first byte of a request may take to come, as net/http has it.
func (c *conn) idleLimit() time.Duration {
	h := c.server.http
	limit := h.IdleTimeout
	if c.first {
		limit = h.ReadHeaderTimeout
	}
	if limit == 0 {
		limit = h.ReadTimeout
	}
	return limit
}
