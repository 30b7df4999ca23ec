package http1

import (
	"context"
	"errors"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/http/httpguts"
)

// host is the peer of a connection: the host of a URL, with its port unless that is 80.
type host string

func hostOf(u *url.URL) (host, error) {
	switch {
	case u == nil || u.Hostname() == "":
		return "", errors.New("http1: the request names no host")
	case u.Scheme != "http":
		return "", errors.New("http1: the request's scheme is not http")
	}
	return host(u.Host), nil
}

// address returns the host's address to dial.
func (h host) address() (string, error) {
	u := url.URL{Host: string(h)}
	name, err := httpguts.PunycodeHostPort(u.Hostname())
	if err != nil {
		return "", errors.New("http1: the host's name has no ASCII form")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(name, port), nil
}

// dialBy makes a connection by a time; the zero time is none.
func (t *Transport) dialBy(ctx context.Context, to host, by time.Time) (*conn, error) {
	if by.IsZero() {
		return t.dial(ctx, to)
	}
	ctx, cancel := context.WithDeadline(ctx, by)
	defer cancel()
	return t.dial(ctx, to)
}

// dial makes a connection.
func (t *Transport) dial(ctx context.Context, to host) (*conn, error) {
	address, err := to.address()
	if err != nil {
		return nil, err
	}
	socket, err := t.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, causeOr(ctx, err)
	}
	return newConn(to, socket), nil
}

// causeOr returns why the context ended, or err if it has not.
func causeOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
