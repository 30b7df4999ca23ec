// Package http1 speaks HTTP/1.1 to an upstream, for a gateway that makes many small calls.
//
// [Transport] is an http.RoundTripper. While net/http's own gives every connection two goroutines
// that pass each message on to the caller's, this one writes and reads in the caller's goroutine:
// one write a request, most often one read an answer, and an idle connection costs its socket and
// nothing else. It does less, too: no TLS, no HTTP/2, no proxies, no compression, no HEAD, no
// Expect, no upgrade, no trailers, and request bodies of known length only, which are read before
// anything is sent. What it does not do it refuses; it never sends something else.
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
// An answer belongs to the request before it on its connection, so a connection is used again only
// where nothing can be left over on it: the last body was read to its end, not one byte came after
// it, and the framing left no doubt where that end was. An answer whose framing can be read in two
// ways is an error.
package http1

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Config is what a [Transport] is made from. Everything is needed.
type Config struct {
	DialContext  func(ctx context.Context, network, address string) (net.Conn, error)
	IdleTimeout  time.Duration // for which a connection is kept unused, at most
	MaxIdle      int           // connections kept unused, for all hosts together
	MaxHeadBytes int           // of one answer's status line and header
}

// Transport is an http.RoundTripper for HTTP/1.1 over TCP. It is safe for concurrent use.
//
// A call ends with its context at every stage, that of reading the answer's body included; its
// error then is the context's cause. A read (GET) that met a connection which the server had just
// closed is sent once more, over a new one; anything else only where not one byte of it was
// written.
type Transport struct {
	Config
	idle *pool
	now  func() time.Time
}

// New makes a transport.
func New(c Config) *Transport {
	return &Transport{Config: c, idle: newPool(c.MaxIdle, c.IdleTimeout), now: time.Now}
}

// CloseIdleConnections closes the connections that no call uses, and until the next call also those
// that become idle.
func (t *Transport) CloseIdleConnections() { t.idle.closeAll() }

// RoundTrip sends the request and returns its answer as soon as its header is there. The answer's
// body must be closed; read to its end, it leaves its connection to other calls.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, _, err := t.RoundTripWithin(request, 0)
	return answer, err
}

// RoundTripWithin is RoundTrip with a time limit for the call, the answer's body included; 0 is
// none. The limit is kept with up to 6 % slack. Past it the error is a time-out as a net.Error. A
// context with a deadline would cost each call a timer.
//
// It also returns how often the request was sent, in part at least: 0 if no byte of it left.
func (t *Transport) RoundTripWithin(
	request *http.Request, limit time.Duration,
) (answer *http.Response, sent int, err error) {
	var by time.Time
	if limit > 0 {
		by = t.now().Add(limit)
	}
	if request.Body != nil {
		defer func() { _ = request.Body.Close() }()
	}
	ctx := request.Context()
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	message := takeScratch()
	defer message.release()
	to, err := message.compose(request)
	if err != nil {
		return nil, 0, err
	}
	c := t.idle.take(to)
	if c != nil {
		c.endBy(by, limit)
		answer, again, wrote, err := t.exchange(c, request, message.bytes)
		if wrote {
			sent++
		}
		if !again {
			return answer, sent, err
		}
	}
	if c, err = t.dialBy(ctx, to, by); err != nil {
		return nil, sent, err
	}
	c.endBy(by, limit)
	answer, _, wrote, err := t.exchange(c, request, message.bytes)
	if wrote {
		sent++
	}
	return answer, sent, err
}
