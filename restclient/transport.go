package restclient

import (
	"net/http"
	"time"

	"jobgraph/restclient/internal/http1"
)

// What every transport to GitLab has in common.
const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	maxHeadBytes     = 256 << 10

	// maxIdle connections are kept, for with a few a host a gateway would open thousands a second
	// under load. They are dropped after idleTimeout, sooner than GitLab's own front ends drop them
	// (puma, after 20 s, is the exception, but stands behind one): a write that meets a connection
	// being closed has an unknown outcome.
	maxIdle     = 1024
	idleTimeout = 30 * time.Second
)

// Transport is what [NewTransport] makes: an http.RoundTripper for HTTP/1.1 without TLS that can
// close its idle connections, and whose DialContext can be replaced before its first call.
type Transport = http1.Transport

// NewTransport makes the transport for a GitLab nearby: plain HTTP/1.1, without TLS, proxies and
// compression. It reads and writes in the goroutine of the call, where net/http's spends more on
// handing messages between goroutines than on sending them.
func NewTransport() *Transport {
	return http1.New(http1.Config{
		DialContext:  newDialer().DialContext,
		IdleTimeout:  idleTimeout,
		MaxIdle:      maxIdle,
		MaxHeadBytes: maxHeadBytes,
	})
}

// idleCloser is a transport that can close its idle connections.
type idleCloser interface {
	http.RoundTripper
	CloseIdleConnections()
}
