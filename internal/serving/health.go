package serving

import (
	"io"
	"net/http"
	"sync/atomic"
)

// Health reports whether the server is alive, and whether it is ready for requests.
type Health struct {
	draining atomic.Bool
	// Detail returns a line that /readyz adds to its answer; nil adds none. It must be set before the
	// server runs.
	Detail func() string
}

// Drain makes the server not ready, for good.
func (h *Health) Drain() { h.draining.Store(true) }

// IsDraining reports whether shutdown has begun.
func (h *Health) IsDraining() bool { return h.draining.Load() }

// Live answers 200 as long as the server answers at all.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive\n") }

// Ready answers 200, and 503 once shutdown has begun.
func (h *Health) Ready(w http.ResponseWriter, _ *http.Request) {
	if h.IsDraining() {
		say(w, http.StatusServiceUnavailable, "draining\n")
		return
	}
	text := "ready\n"
	if h.Detail != nil {
		text += h.Detail() + "\n"
	}
	say(w, http.StatusOK, text)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
