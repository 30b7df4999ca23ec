package http1

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// strictConn is a connection that net/http reads from. It passes on only requests whose framing
// every recipient reads alike (see framing), so that a proxy in front of the gateway and net/http
// never disagree about where a request ends. At the first byte that breaks the rules it ends the
// stream with bytes that net/http itself refuses: net/http then answers 400, after the answers to
// the requests before it, and closes the connection.
type strictConn struct {
	*link
	framing framing
	pending []byte // read and not yet checked: the beginning of a line
	checked []byte // checked and not yet passed on
	refused bool
	raw     atomic.Bool // the connection was hijacked: what follows is not HTTP/1.1
}

// newStrictConn returns a connection whose first bytes, at the beginning of a request, were read
// already.
func newStrictConn(l *link, read []byte, f framing) *strictConn {
	c := &strictConn{link: l, pending: read, framing: f}
	c.check()
	return c
}

// Read implements net.Conn. It may be called with room for one byte: net/http waits like that for a
// client to go away.
func (c *strictConn) Read(p []byte) (int, error) {
	for len(c.checked) == 0 {
		switch {
		case c.raw.Load() && len(c.pending) > 0:
			c.checked, c.pending = c.pending, nil
			continue
		case c.refused:
			return 0, io.EOF
		}
		n, err := c.link.Read(p)
		if c.raw.Load() || err == nil && c.framing.passes(p[:n]) {
			return n, err
		}
		c.pending = append(c.pending, p[:n]...)
		c.check()
		if err == io.EOF { // let net/http see that the request breaks off
			c.checked, c.pending = append(c.checked, c.pending...), nil
		}
		if err != nil && len(c.checked) == 0 {
			return 0, err
		}
	}
	n := copy(p, c.checked)
	if c.checked = c.checked[n:]; len(c.checked) == 0 {
		c.checked = nil // so that the bytes can be freed
	}
	return n, nil
}

// check moves what is well-framed from pending to checked.
func (c *strictConn) check() {
	checked, rest, refusal := c.framing.check(c.pending)
	c.checked, c.pending = checked[:len(checked):len(checked)], rest
	if refusal != "" {
		c.refused, c.pending = true, nil
		c.checked = append(c.checked, refusal...)
	}
	if len(c.pending) == 0 {
		c.pending = nil
	}
}

// lingerTime is how long a connection stays half-open after a refusal, so that the client can read
// why: closing it with unread bytes would reset it.
const lingerTime = 500 * time.Millisecond

// Close implements net.Conn.
func (c *strictConn) Close() error {
	if c.refused {
		c.link.linger()
	}
	return c.link.Close()
}

// watch keeps the connection's state up to date, as net/http reports it.
func (s *Server) watch(before func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		if strict, ok := c.(*strictConn); ok {
			switch state {
			case http.StateIdle:
				strict.link.idle()
			case http.StateHijacked:
				strict.raw.Store(true)
				strict.link.hijacked()
			}
		}
		if before != nil {
			before(c, state)
		}
	}
}
