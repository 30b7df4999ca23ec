package http1

import (
	"context"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
)

// phase is what a connection is doing.
type phase int

const (
	waiting  phase = iota // for the first byte of a request
	reading               // the rest of a request
	handling              // a request, and sending the answer
	slow                  // final: the rest has taken too long and is net/http's to read
	over                  // final: the deadline has passed
)

// conn is a connection that is served here.
type conn struct {
	server *Server
	link   *link
	socket *socket // the link's TCP connection
	remote string
	values context.Context // what its requests' contexts carry
	handed bool            // to net/http
	blank  int             // bytes of empty lines that may be skipped before the next request

	mu          sync.Mutex // guards what follows, which the sweeper looks at
	phase       phase
	since       time.Time // when the sweeper first saw the phase; zero where it has not yet
	first       bool      // no request has come yet
	ownDeadline bool      // the handler has set the write deadline itself
	cancel      func()    // cancels the context of the current request, or of the last one
}

// newConn returns the connection ready to be served, or nil if it cannot be served here.
func (s *Server) newConn(k *link) *conn {
	socket := newSocket(k.Conn, &s.buffers)
	if socket == nil {
		return nil
	}
	c := &conn{server: s, link: k, socket: socket, remote: k.RemoteAddr().String(), first: true, cancel: func() {}}
	c.values = context.WithValue(s.values, http.LocalAddrContextKey, k.LocalAddr())
	return c
}

// serve answers one request after the other. It returns when the connection is closed, or net/http
// has it.
func (c *conn) serve() {
	defer c.end()
	if !c.server.enter(c) {
		return
	}
	defer c.server.leave(c)
	h := head{limit: c.server.headLimit()}
	for c.become(waiting) {
		v := c.read(&h)
		if v == plain && c.become(handling) {
			if !c.answer(&h) {
				c.link.linger()
				return
			}
			c.link.idle()
			continue
		}
		if len(c.socket.in.bytes) > 0 && !c.isOver() {
			c.handed = true
			read := slices.Clone(c.socket.in.bytes)
			c.socket.in.give(&c.server.buffers)
			c.server.handOver(c.link, read, c.blank)
		}
		return
	}
}

// end closes the connection, also after a handler's panic, unless net/http has it.
func (c *conn) end() {
	if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
		stack := make([]byte, 64<<10)
		c.server.logf("http: panic serving %v: %v\n%s", c.remote, cause, stack[:runtime.Stack(stack, false)])
	}
	if !c.handed {
		_ = c.link.Close()
		c.socket.in.give(&c.server.buffers)
	}
}

// maxReads is how many pieces a request may come in: it is parsed from its beginning for each.
const maxReads = 16

// read reads until there is a complete plain request, or it is clear that there will be none.
func (c *conn) read(h *head) verdict {
	for range maxReads {
		c.skipBlank()
		if v := h.parse(c.socket.in.bytes); v != partial {
			return v
		}
		if len(c.socket.in.bytes) > 0 && !c.become(reading) {
			return other
		}
		if err := c.socket.receive(); err != nil {
			return other // net/http answers a request that has broken off
		}
	}
	return other
}

// skipBlank drops empty lines before a request, as framing does for net/http.
func (c *conn) skipBlank() {
	in, n := c.socket.in.bytes, 0
	for n < len(in) && c.blank > 0 && (in[n] == '\r' || in[n] == '\n') {
		n++
		c.blank--
	}
	if n > 0 {
		c.socket.in.drop(n)
		c.socket.in.giveIfEmpty(&c.server.buffers)
	}
}

// answer calls the handler for the request at the beginning of the buffer. It reports whether
// another request may follow.
func (c *conn) answer(h *head) bool {
	ctx, cancel := c.begin()
	defer cancel()
	e := &exchange{response: response{conn: c, length: undeclared, header: make(http.Header, usualFields)}}
	if !c.link.shown.Load() && h.showsCredential(c.socket.in.bytes, c.link) {
		c.link.showCredential()
	}
	c.link.begin()
	c.blank = blankAfter(h.method)
	r := e.request(ctx, c.remote, h, c.socket.in.bytes)
	c.socket.in.drop(h.size + h.length)
	c.socket.in.giveIfEmpty(&c.server.buffers) // the handler may wait long for GitLab
	done := false
	defer func() {
		if !done {
			e.response.abandon()
		}
	}()
	c.server.http.Handler.ServeHTTP(&e.response, r)
	done = true
	return e.response.finish()
}

// begin returns a request's context, which is cancelled when the request is answered or its client
// has gone. No context above it can be cancelled, so that it needs no registration there.
func (c *conn) begin() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(c.values)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	if c.phase == over {
		cancel()
	}
	return ctx, cancel
}

// abort closes the connection and cancels its request.
func (c *conn) abort() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = over
	c.cancel()
	return c.link.Close()
}

// become changes the phase. It returns false if the sweeper or the server's shutdown has ended the
// connection meanwhile.
func (c *conn) become(p phase) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.phase == over, c.phase == slow:
		return false
	case p == waiting && !c.first && c.server.isDraining():
		return false
	case p == handling:
		c.first = false
	}
	if c.phase != p {
		c.phase, c.since = p, time.Time{}
	}
	if c.ownDeadline {
		c.ownDeadline = false
		return c.socket.SetWriteDeadline(time.Time{}) == nil
	}
	return true
}

func (c *conn) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phase == over
}

// drain closes the connection if it waits for another request. Otherwise it is closed after the
// answer, or by the sweeper if its first request does not come soon: a proxy may have sent one
// already that it must not send again.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == waiting && !c.first {
		c.phase = over
		_ = c.link.Close()
	}
}

// writeBy sets the write deadline of the current answer.
func (c *conn) writeBy(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ownDeadline = true
	return c.socket.SetWriteDeadline(t)
}
