// Package http1 speaks HTTP/1.1 to an upstream, for a gateway that makes many small calls.
//
// [Transport] is an http.RoundTripper. Where net/http's own gives every connection two goroutines that pass each message
// on to the caller's, this one writes and reads in the caller's goroutine: one write a request, most often one read an
// answer, and an idle connection costs its socket and nothing else. It does less, too: no HTTP/2, no proxies, no
// compression, no HEAD, no Expect, no upgrade, no trailers, and request bodies of known length only, which are read
// before anything is sent. What it does not do it refuses; it never sends something else.
//
// How it is laid out, along the way of a call:
//
//	http1.go     Transport and its call: a connection, an exchange, perhaps a second one
//	request.go   a request's bytes, refused where they would not mean what the caller means
//	pool.go      connections that wait for the next call
//	dial.go      new connections
//	conn.go      a connection, and whether an idle one is fit for use
//	exchange.go  one request and the head of its answer over one connection
//	head.go      the answer's head, parsed strictly
//	length.go    where the answer's body ends
//	body.go      the body, which gives the connection back at its end
//
// An answer belongs to the request before it on its connection, so a connection is used again only where nothing can be
// left over on it: the last body was read to its end, not one byte came after it, and the framing left no doubt where that
// end was. An answer whose framing can be read in two ways is an error.
package http1

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// Config is what a [Transport] is made from. Everything is needed.
type Config struct {
	DialContext      func(ctx context.Context, network, address string) (net.Conn, error)
	HandshakeTimeout time.Duration // of TLS
	IdleTimeout      time.Duration // for which a connection is kept unused, at most
	MaxIdle          int           // connections kept unused, for all hosts together
	MaxHeadBytes     int           // of one answer's status line and header
}

// Transport is an http.RoundTripper for HTTP/1.1 over TCP and TLS. It is safe for concurrent use.
//
// A call ends with its context at every stage, that of reading the answer's body included; its error then is the
// context's cause. A read (GET) that met a connection which the server had just closed is sent once more, over a new
// one; anything else only where not one byte of it was written.
//
// Of a request's httptrace hooks it calls GetConn before it has a connection and GotConn once it has one: between them
// nothing was sent. The dialer calls those of its own.
type Transport struct {
	Config
	idle  *pool
	now   func() time.Time
	roots *x509.CertPool // nil = the system's
}

// New makes a transport.
func New(c Config) *Transport {
	return &Transport{Config: c, idle: newPool(c.MaxIdle, c.IdleTimeout), now: time.Now}
}

// CloseIdleConnections closes the connections that no call uses, and until the next call also those that become idle.
func (t *Transport) CloseIdleConnections() { t.idle.closeAll() }

// RoundTrip sends the request and returns its answer as soon as its header is there. The answer's body must be closed;
// read to its end, it leaves its connection to other calls.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	return t.RoundTripWithin(request, 0)
}

// RoundTripWithin is RoundTrip for a call that may take so long, its answer's body included, or a sixteenth longer; 0 is
// as long as its context allows. Past it the error is a time-out as a net.Error. A context with the deadline would cost
// each call a timer.
func (t *Transport) RoundTripWithin(request *http.Request, limit time.Duration) (*http.Response, error) {
	var by time.Time
	if limit > 0 {
		by = t.now().Add(limit)
	}
	if request.Body != nil {
		defer func() { _ = request.Body.Close() }()
	}
	ctx := request.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	message := takeScratch()
	defer message.release()
	to, err := message.compose(request)
	if err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(to.name)
	}
	c := t.idle.take(to)
	if c != nil {
		tellGotConn(trace, c, true)
		c.endBy(by, limit)
		answer, again, err := t.exchange(c, request, message.bytes)
		if !again {
			return answer, err
		}
	}
	if c, err = t.dialBy(ctx, to, by); err != nil {
		return nil, err
	}
	tellGotConn(trace, c, false)
	c.endBy(by, limit)
	answer, _, err := t.exchange(c, request, message.bytes)
	return answer, err
}

func tellGotConn(trace *httptrace.ClientTrace, c *conn, reused bool) {
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn, Reused: reused, WasIdle: reused})
	}
}
