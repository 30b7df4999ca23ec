// Package serving runs an HTTP server on the open internet: no connection is kept for a client that
// sends or reads too slowly, connections are bounded, and shutdown is graceful.
package serving

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"jobgraph/internal/http1"
)

// Config bounds connections. 0 is no bound, but for HeaderBytes, where it is net/http's default.
type Config struct {
	http1.Options

	ReadHeaderTimeout time.Duration // from the first byte of a request to the end of its headers
	ReadTimeout       time.Duration // to the end of its body
	WriteTimeout      time.Duration // from the end of the headers to the end of the answer, the handler's time included
	IdleTimeout       time.Duration // between two requests
	HeaderBytes       int           // of all headers, the request line included

	DrainDelay      time.Duration // between the first failing /readyz and the closed listener
	ShutdownTimeout time.Duration // how long requests in flight may take after that

	// EndStreams ends streams and hijacked connections, which the server does not track. It is called
	// when shutdown begins and returns once all have ended, or at the latest with its context.
	EndStreams func(context.Context) error

	After func(time.Duration) <-chan time.Time // time.After where nil
}

// Serve serves until ctx ends. Then /readyz fails first; after the drain delay no connection is
// accepted any more, and requests in flight may finish. Those that do not finish in time are cut
// off, and the error is context.DeadlineExceeded.
func Serve(ctx context.Context, listener net.Listener, h http.Handler, health *Health, c Config) error {
	server := http1.New(&http.Server{
		Handler:           closing(h, health),
		ReadHeaderTimeout: c.ReadHeaderTimeout, ReadTimeout: c.ReadTimeout,
		WriteTimeout: c.WriteTimeout, IdleTimeout: c.IdleTimeout,
		MaxHeaderBytes: c.HeaderBytes,
	}, c.Options)
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
	return shutdown(server, c.EndStreams, c.ShutdownTimeout)
}

// closing makes every answer after the beginning of a shutdown the last one of its connection, so
// that load balancers keep none that is about to be closed.
func closing(next http.Handler, health *Health) http.Handler {
	last := []string{"close"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if health.IsDraining() {
			w.Header()["Connection"] = last
		}
		next.ServeHTTP(w, r)
	})
}

// shutdown ends a server gracefully, or at once when the timeout has passed.
func shutdown(server *http1.Server, endStreams func(context.Context) error, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		if endStreams == nil {
			ended <- nil
			return
		}
		ended <- endStreams(ctx)
	}()
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	return errors.Join(err, <-ended)
}
