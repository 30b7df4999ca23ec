package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"time"

	"golang.org/x/net/http/httpguts"
)

// host is whom a connection speaks to.
type host struct {
	secure bool
	name   string // as the URL has it: the port only where it is not the scheme's own
}

func hostOf(u *url.URL) (host, error) {
	if u == nil || u.Hostname() == "" {
		return host{}, errors.New("http1: the request names no host")
	}
	switch u.Scheme {
	case "http":
		return host{name: u.Host}, nil
	case "https":
		return host{secure: true, name: u.Host}, nil
	}
	return host{}, errors.New("http1: the request's scheme is neither http nor https")
}

// address is the host's name without brackets, and its address to dial.
func (h host) address() (name, address string, err error) {
	u := url.URL{Host: h.name}
	if name, err = httpguts.PunycodeHostPort(u.Hostname()); err != nil {
		return "", "", errors.New("http1: the host's name has no ASCII form")
	}
	port := u.Port()
	switch {
	case port != "":
	case h.secure:
		port = "443"
	default:
		port = "80"
	}
	return name, net.JoinHostPort(name, port), nil
}

// handshakeTimeout is the error of a TLS handshake that took too long. It is a time-out as a net.Error.
type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "http1: TLS handshake timeout" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }

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
	name, address, err := to.address()
	if err != nil {
		return nil, err
	}
	socket, err := t.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, causeOr(ctx, err)
	}
	if !to.secure {
		return newConn(to, socket, socket), nil
	}
	secured, err := t.secure(ctx, socket, name)
	if err != nil {
		_ = socket.Close()
		return nil, causeOr(ctx, err)
	}
	return newConn(to, socket, secured), nil
}

func (t *Transport) secure(ctx context.Context, socket net.Conn, name string) (*tls.Conn, error) {
	within, cancel := context.WithTimeout(ctx, t.HandshakeTimeout)
	defer cancel()
	secured := tls.Client(socket, &tls.Config{ServerName: name, NextProtos: []string{"http/1.1"}, RootCAs: t.roots})
	err := secured.HandshakeContext(within)
	if err != nil && within.Err() != nil {
		return nil, handshakeTimeout{}
	}
	return secured, err
}

// causeOr is why the context ended, or err where it has not.
func causeOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
