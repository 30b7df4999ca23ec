// Package serving runs an HTTP server that can face strangers: no connection is kept for a client that sends or reads too slowly, and an end
// that is asked for is an end in order.
package serving

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"jobgraph/internal/http1"
)

// Config bounds what one connection may take. 0 is no bound, but for HeaderBytes, where it is that of net/http.
type Config struct {
	ReadHeaderTimeout time.Duration // from the first byte of a request to the end of its headers
	ReadTimeout       time.Duration // to the end of its body
	WriteTimeout      time.Duration // from the end of the headers to the end of the answer: what a handler may take must fit in
	IdleTimeout       time.Duration // between two requests
	HeaderBytes       int           // of all headers, the request line included
	Connections       int           // at the same time; more wait until one ends

	NetHTTP bool // net/http serves every connection, instead of internal/http1 the plain ones

	DrainDelay      time.Duration // how long to go on as before, but for readiness, once the end is asked for
	ShutdownTimeout time.Duration // how long requests in flight may then take

	After func(time.Duration) <-chan time.Time // time.After where nil
}

// Serve serves until ctx ends. Then readiness goes first; after the drain delay no connection is taken any more, and requests in flight may
// finish. Those that do not in time are cut off, and the error is context.DeadlineExceeded.
func Serve(ctx context.Context, listener net.Listener, h http.Handler, health *Health, c Config) error {
	server, listener := newServer(listener, h, c)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	health.Drain()
	if c.DrainDelay > 0 {
		after := c.After
		if after == nil {
			after = time.After
		}
		select {
		case err := <-failed:
			return err
		case <-after(c.DrainDelay):
		}
	}
	return shutdown(server, c.ShutdownTimeout)
}

// server is what http1.Server and http.Server have in common.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

// newServer returns a server with its listener.
func newServer(listener net.Listener, h http.Handler, c Config) (server, net.Listener) {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: c.ReadHeaderTimeout,
		ReadTimeout:       c.ReadTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.HeaderBytes,
	}
	if !c.NetHTTP {
		return http1.New(s, c.Connections), listener
	}
	if c.Connections > 0 {
		listener = netutil.LimitListener(listener, c.Connections)
	}
	return s, listener
}

// shutdown shuts a server down gracefully, or closes it when the time is up.
func shutdown(server server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	return err
}
