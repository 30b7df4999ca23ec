package http1

import (
	"context"
	"net"
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
	reading               // the rest of it
	handling              // it, and sending the answer
	slow                  // nothing more: the rest has taken too long, net/http shall read it
	over                  // nothing more: its time is up
)

// conn is a connection that is served here.
type conn struct {
	server *Server
	outer  net.Conn // what the listener gave: closing it makes room for another one
	socket *socket  // what is beneath
	remote string
	values context.Context // what its requests' contexts carry
	handed bool            // to net/http

	mu          sync.Mutex // guards what follows, which the sweeper looks at
	phase       phase
	since       time.Time // when the sweeper first saw the phase; zero where it has not yet
	first       bool      // no request has come yet
	ownDeadline bool      // the handler has set the time to write by itself
	cancel      func()    // ends the context of the request that is handled, or of the last one
}

// newConn makes the connection ready to be served; nil where it cannot be served here.
func (s *Server) newConn(outer, beneath net.Conn) *conn {
	socket := newSocket(beneath, &s.buffers)
	if socket == nil {
		return nil
	}
	c := &conn{server: s, outer: outer, socket: socket, remote: outer.RemoteAddr().String(), first: true, cancel: func() {}}
	c.values = context.WithValue(s.values, http.LocalAddrContextKey, outer.LocalAddr())
	return c
}

// serve answers one request after the other. It ends when the connection is closed, or net/http has it.
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
				return
			}
			continue
		}
		if len(c.socket.in.bytes) > 0 && !c.isOver() {
			c.handed = true
			read := slices.Clone(c.socket.in.bytes)
			c.socket.in.give(&c.server.buffers)
			c.server.handOver(c.outer, read)
		}
		return
	}
}

// end closes the connection, unless net/http has it, also after a handler's panic.
func (c *conn) end() {
	if cause := recover(); cause != nil && cause != http.ErrAbortHandler {
		stack := make([]byte, 64<<10)
		c.server.logf("http: panic serving %v: %v\n%s", c.remote, cause, stack[:runtime.Stack(stack, false)])
	}
	if !c.handed {
		_ = c.outer.Close()
		c.socket.in.give(&c.server.buffers)
	}
}

// maxReads is how many pieces a request may come in: each is looked at from the beginning of the request.
const maxReads = 16

// read reads until there is a whole request, or it is clear that there will be none to be answered here.
func (c *conn) read(h *head) verdict {
	for range maxReads {
		if v := h.parse(c.socket.in.bytes); v != partial {
			return v
		}
		if len(c.socket.in.bytes) > 0 && !c.become(reading) {
			return other
		}
		if err := c.socket.receive(); err != nil {
			return other // if it broke off within a request, net/http knows what to say
		}
	}
	return other
}

// answer has the handler answer the request at the beginning of the buffer; false where no other one may follow.
func (c *conn) answer(h *head) bool {
	ctx, cancel := c.begin()
	defer cancel()
	e := &exchange{response: response{conn: c, length: undeclared, header: make(http.Header, usualFields)}}
	r := e.request(ctx, c.remote, h, c.socket.in.bytes)
	c.socket.in.drop(h.size + h.length)
	c.socket.in.giveIfEmpty(&c.server.buffers) // whoever waits for an upstream needs none
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

// begin makes a request's context, which ends when it is answered, or its client has gone. Nothing above it can end, so that nothing has to be told of it.
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

// abort closes the connection and ends its request.
func (c *conn) abort() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = over
	c.cancel()
	return c.socket.Close()
}

// become changes the phase; false where the sweeper, or the server's end, has decided otherwise.
func (c *conn) become(p phase) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.phase == over, c.phase == slow:
		return false
	case p == waiting && c.server.isDraining():
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

// drain closes the connection if it waits for a request. Any other is closed after its answer.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == waiting {
		c.phase = over
		_ = c.socket.Close()
	}
}

// writeBy sets the time to write by, for the answer in the making.
func (c *conn) writeBy(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ownDeadline = true
	return c.socket.SetWriteDeadline(t)
}
