package restclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// netHTTP is net/http's transport, in parts that differ in their protocols. It sends a write at
// most once: net/http's HTTP/1.1 does not repeat a POST (without an Idempotency-Key, which is never
// sent) of which a byte was written, but its HTTP/2 repeats one without a body that the server says
// it refused. So writes use HTTP/1.1, and for a server that has only HTTP/2 a body that cannot be
// read again.
type netHTTP struct {
	reads  *http.Transport // HTTP/2 or HTTP/1.1
	writes *http.Transport // HTTP/1.1, which a TLS server must agree to
	http2  *http.Transport // HTTP/2, likewise
	plain  *http.Transport // HTTP/1.1 to a TLS server that agrees to no protocol

	agreesToNone atomic.Bool // the server is such a one
}

func newNetHTTP(n *Network, proxy *url.URL, compress bool) *netHTTP {
	t := &netHTTP{
		reads:  netHTTPPart(n, proxy, compress, (*http.Protocols).SetHTTP1, (*http.Protocols).SetHTTP2),
		writes: netHTTPPart(n, proxy, compress, (*http.Protocols).SetHTTP1),
		http2:  netHTTPPart(n, proxy, compress, (*http.Protocols).SetHTTP2),
		plain:  netHTTPPart(n, proxy, compress, (*http.Protocols).SetHTTP1),
	}
	agree(t.writes, "http/1.1", proxy)
	agree(t.http2, "h2", proxy)
	return t
}

func netHTTPPart(n *Network, proxy *url.URL, compress bool, protocols ...func(*http.Protocols, bool)) *http.Transport {
	t := &http.Transport{
		DialContext:            newDialer().DialContext,
		Proxy:                  proxyFor(proxy),
		OnProxyConnectResponse: checkProxy,
		TLSClientConfig:        n.tls(),
		TLSHandshakeTimeout:    handshakeTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		MaxResponseHeaderBytes: maxHeadBytes,
		DisableCompression:     !compress,
		Protocols:              new(http.Protocols),
		// A connection that carries many calls must not lose them all for long when it breaks silently.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
	for _, set := range protocols {
		set(t.Protocols, true)
	}
	return t
}

// errNotAgreed ends a handshake in which the server did not agree to the protocol. Nothing was
// sent.
var errNotAgreed = errors.New("the server did not agree to the protocol")

// agree makes a part offer one protocol to a TLS server, and use no connection where it was not
// chosen. A server that has only another one may choose none, take the connection and hang.
func agree(t *http.Transport, protocol string, proxy *url.URL) {
	t.TLSClientConfig.NextProtos = []string{protocol}
	t.TLSClientConfig.VerifyConnection = func(c tls.ConnectionState) error {
		isProxy := proxy != nil && proxy.Scheme == "https" && c.ServerName == proxy.Hostname()
		if c.NegotiatedProtocol != protocol && !isProxy {
			return errNotAgreed
		}
		return nil
	}
}

// noApplicationProtocol is the alert of a server that has none of the protocols that it was
// offered.
const noApplicationProtocol tls.AlertError = 120

func isNotAgreed(err error) bool {
	alert, ok := errors.AsType[tls.AlertError](err)
	return ok && alert == noApplicationProtocol || errors.Is(err, errNotAgreed)
}

// RoundTrip sends the request.
func (t *netHTTP) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet {
		return t.reads.RoundTrip(request)
	}
	if t.agreesToNone.Load() {
		return t.plain.RoundTrip(request)
	}
	response, err := t.writes.RoundTrip(request)
	if !isNotAgreed(err) {
		return response, err
	}
	once, bodyErr := unrepeatable(request)
	if bodyErr != nil {
		return nil, err
	}
	response, err = t.http2.RoundTrip(once)
	if !isNotAgreed(err) {
		return response, err
	}
	t.agreesToNone.Store(true)
	if once, bodyErr = unrepeatable(request); bodyErr != nil {
		return nil, err
	}
	once.Body, once.ContentLength = orNoBody(once.Body, request), request.ContentLength
	return t.plain.RoundTrip(once)
}

// orNoBody returns no body for a request that has none: HTTP/1.1 would send an empty one in chunks.
func orNoBody(body io.ReadCloser, request *http.Request) io.ReadCloser {
	if request.GetBody == nil {
		return http.NoBody
	}
	return body
}

// CloseIdleConnections closes the connections that no call uses.
func (t *netHTTP) CloseIdleConnections() {
	t.reads.CloseIdleConnections()
	t.writes.CloseIdleConnections()
	t.http2.CloseIdleConnections()
	t.plain.CloseIdleConnections()
}

// unrepeatable returns the request with a body that is there, if empty, and can be read once only.
func unrepeatable(request *http.Request) (*http.Request, error) {
	var body io.ReadCloser = io.NopCloser(strings.NewReader(""))
	if request.GetBody != nil {
		var err error
		if body, err = request.GetBody(); err != nil {
			return nil, err
		}
	}
	once := request.WithContext(request.Context())
	once.Body, once.GetBody = body, nil
	return once, nil
}

// checkProxy returns an error for a proxy that makes no connection.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: fmt.Errorf("the proxy answered %d", answer.StatusCode)}
}
