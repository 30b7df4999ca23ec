// Package http1 serves the connections of a net/http server, and answers their most common requests itself, for about half of the CPU time that
// net/http takes: no goroutine, no timer and no system call for a request but those that read and write it.
//
// Only a plain request is answered here: a POST to a plain path whose head and body are together in one buffer and say nothing about how they are
// transferred (head.parse tells it exactly). At the first request that is anything else, that is not here whole within moments, or that cannot be
// understood, the connection goes to net/http with all its bytes unread, for the rest of its life. So net/http alone decides what is not plain,
// and a plain request means the same to both.
//
// Both call the same handler, with a request made anew each time; nothing but raw buffers is used twice. What net/http does with a timer or with a
// goroutine for each request, one sweeper does for all connections a few times in a second: it closes those whose time is up, gives those that are
// slow to net/http, and cancels the requests of clients that have gone.
//
// On systems other than Linux, and where the listener's connections are not plain TCP, net/http serves everything.
package http1

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"
)

// Server serves plain requests itself, and has net/http serve all others.
type Server struct {
	http        *http.Server
	connections int
	values      context.Context // what every request's context carries
	buffers     sync.Pool
	date        atomic.Pointer[string] // as the Date header has it
	ticks       <-chan time.Time       // what time it is, and when to sweep; the system's where nil

	limited net.Listener  // where connections come from
	handed  chan net.Conn // connections for net/http
	failed  chan error    // to accept a connection
	closing sync.Once     // of the next
	closed  chan struct{} // once no connection is taken any more
	ended   chan struct{} // once none is served here any more after that

	mu       sync.Mutex         // guards what follows
	open     map[*conn]struct{} // the connections served here
	draining bool
}

// New makes a server that answers with h's handler, within h's limits and times. No more than the given number of connections are served at the
// same time, whoever of the two serves them, and more wait; 0 is no limit. Hijack is for what only net/http answers, as are h's hooks on connections.
func New(h *http.Server, connections int) *Server {
	s := &Server{
		http: h, connections: connections, open: map[*conn]struct{}{},
		values: context.WithValue(context.Background(), http.ServerContextKey, h),
		handed: make(chan net.Conn), failed: make(chan error), closed: make(chan struct{}), ended: make(chan struct{}),
	}
	return s
}

// Serve serves connections until the server is shut down, when it returns http.ErrServerClosed, or none can be accepted any more. It is called once.
func (s *Server) Serve(l net.Listener) error {
	sockets := &sockets{Listener: l}
	s.limited = sockets
	if s.connections > 0 {
		s.limited = netutil.LimitListener(sockets, s.connections)
	}
	first, ticks := s.ticks, s.ticks
	if ticks == nil {
		first, ticks = time.After(0), time.Tick(sweepEvery)
	}
	s.setDate(<-first)
	go s.accept(sockets)
	go s.sweepUntilEnd(ticks)
	return s.http.Serve(handover{s})
}

// Shutdown ends the server in order: no connection is taken any more, those that wait for a request are closed, and those with one when it is
// answered. It returns when none is left, or with the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil { // closes the handover first, which begins the end here
		return err
	}
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the server at once: every connection is closed, and every request cancelled.
func (s *Server) Close() error {
	err := s.http.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		err = errors.Join(err, c.abort())
	}
	return err
}

// enter counts a connection in; false where the end has begun.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.open[c] = struct{}{}
	return true
}

// leave counts a connection out.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.endIfEmpty()
}

// drain begins the end.
func (s *Server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return
	}
	s.draining = true
	for c := range s.open {
		c.drain()
	}
	s.endIfEmpty()
}

// endIfEmpty is called under the lock whenever a connection has gone or the end has begun.
func (s *Server) endIfEmpty() {
	if s.draining && len(s.open) == 0 {
		close(s.ended)
	}
}

// isDraining reports whether the end has begun.
func (s *Server) isDraining() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// headLimit is how long a head may be.
func (s *Server) headLimit() int {
	if limit := s.http.MaxHeaderBytes; limit > 0 {
		return min(limit, maxHeadBytes)
	}
	return maxHeadBytes
}

// logf logs where net/http's server does.
func (s *Server) logf(format string, args ...any) {
	if s.http.ErrorLog != nil {
		s.http.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}
