// Package http1 serves HTTP/1.1 connections for a net/http server, with three additions.
//
//   - The fast path answers plain requests itself, for about half of the CPU time that net/http
//     takes: per request it uses no goroutine, no timer, and no system call but those that read and
//     write. A plain request is a GET, or a POST whose head and body are together in one buffer,
//     without any field that concerns its transfer (head.parse defines it exactly). At the first
//     request that is anything else, or that is not complete within moments, the connection goes to
//     net/http with all its bytes unread, for the rest of its life. So net/http alone handles what
//     is not plain, and a plain request means the same to both.
//   - Requests that two recipients could delimit or address differently are refused (see framing).
//   - Connections are bounded, and those without a credential more tightly (see links).
//
// Both paths call the same handler, with a request made anew each time; nothing but raw buffers is
// reused. What net/http does with a timer or a goroutine for each request, one sweeper does for all
// connections of the fast path a few times a second: it closes those whose deadline has passed,
// gives slow ones to net/http, and cancels the requests of clients that have gone.
//
// On systems other than Linux, where the listener's connections are not plain TCP, and where the
// fast path is switched off, net/http serves everything.
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
)

// Options say how connections are served. 0 is no limit.
type Options struct {
	FastPath          bool     // answer plain requests here; otherwise net/http answers all
	Connections       int      // most connections at the same time; more wait until one is closed
	Anonymous         int      // most of them that have not shown a credential in a complete head
	CredentialHeaders []string // headers that carry one
	SendBuffer        int      // bytes of a socket's send buffer in the kernel
}

// Server serves plain requests itself, and has net/http serve all others.
type Server struct {
	http    *http.Server
	options Options
	links   *links
	values  context.Context // what every request's context carries
	buffers sync.Pool
	date    atomic.Pointer[string] // as the Date header has it
	ticks   <-chan time.Time       // when to sweep, and what time it is then; the system's where nil

	listener net.Listener
	handed   chan net.Conn // connections for net/http
	failed   chan error    // errors of accepting a connection
	closing  sync.Once     // guards the close of closed
	closed   chan struct{} // closed when no connection is accepted any more
	ended    chan struct{} // closed when none is served here any more after that

	mu       sync.Mutex         // guards what follows
	open     map[*conn]struct{} // the connections served here
	draining bool
}

// New returns a server that answers with h's handler, within h's limits and deadlines. Only
// requests that net/http serves can be hijacked, and h.ConnState is called for their connections
// alone.
func New(h *http.Server, o Options) *Server {
	s := &Server{
		http: h, options: o, links: newLinks(o), open: map[*conn]struct{}{},
		values: context.WithValue(context.Background(), http.ServerContextKey, h),
		handed: make(chan net.Conn), failed: make(chan error), closed: make(chan struct{}), ended: make(chan struct{}),
	}
	h.ConnState = s.watch(h.ConnState)
	return s
}

// Serve serves connections until the server is shut down, when it returns http.ErrServerClosed, or
// none can be accepted any more. It is called once.
func (s *Server) Serve(l net.Listener) error {
	s.listener = l
	first, ticks := s.ticks, s.ticks
	if ticks == nil {
		first, ticks = time.After(0), time.Tick(sweepEvery)
	}
	s.setDate(<-first)
	go s.accept(l)
	go s.sweepUntilEnd(ticks)
	return s.http.Serve(handover{s})
}

// Shutdown ends the server gracefully: no connection is accepted any more, idle ones are closed,
// and the others after their answer. It returns when none is left, or with the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil { // closes the handover first, which begins the draining here
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

// enter registers a connection of the fast path; false once none is served any more.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining && len(s.open) == 0 {
		return false
	}
	s.open[c] = struct{}{}
	return true
}

// leave is the end of enter.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.endIfEmpty()
}

// drain closes idle connections, and has the others closed after their answer. A connection that
// was accepted just before has a moment for its request.
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

// endIfEmpty is called under the lock whenever a connection has gone or draining has begun.
func (s *Server) endIfEmpty() {
	if s.draining && len(s.open) == 0 {
		close(s.ended)
	}
}

// isDraining reports whether no connection is accepted any more.
func (s *Server) isDraining() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// headLimit is how long a head of the fast path may be.
func (s *Server) headLimit() int { return min(s.maxHeaderBytes(), maxHeadBytes) }

// lineLimit is how long one line of a head may be before net/http answers 431 whatever follows it.
func (s *Server) lineLimit() int {
	const slop = 4096 // that net/http allows past the limit
	return s.maxHeaderBytes() + slop
}

func (s *Server) maxHeaderBytes() int {
	if limit := s.http.MaxHeaderBytes; limit > 0 {
		return limit
	}
	return http.DefaultMaxHeaderBytes
}

// logf logs where net/http's server does.
func (s *Server) logf(format string, args ...any) {
	if s.http.ErrorLog != nil {
		s.http.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}
