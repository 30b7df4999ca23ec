package restclient

import (
	"net"
	"time"

	"jobgraph/restclient/internal/http1"
)

// Transport is what [NewTransport] makes: an http.RoundTripper for HTTP/1.1 that can be told to close its idle
// connections, and whose DialContext can be replaced before its first call.
type Transport = http1.Transport

// NewTransport makes a transport for a gateway: one upstream, many callers.
//
//   - It is not net/http's, which spends more on handing messages between goroutines than on sending them. Reading and
//     writing happen in the goroutine of the call.
//   - Connections are kept in plenty, for with a few a host it would open thousands a second under load.
//   - They are dropped after 30 s without use at most, sooner than GitLab's own front ends drop them (puma after 20 s is the
//     exception, but stands behind one): a write that meets a connection being closed has an unknown outcome.
//   - HTTP/1.1 only: a connection that breaks fails one call, not a hundred.
//   - No compression: near its GitLab, packing and unpacking a page costs more than sending it, and without it the
//     answer's length is known before it is read. Give Config a transport of your own where the way is long.
//   - No proxy from the environment: credentials go where the configuration says and nowhere else.
//   - Certificates are checked against the system's roots.
func NewTransport() *Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return http1.New(http1.Config{
		DialContext:      dialer.DialContext,
		HandshakeTimeout: 5 * time.Second,
		IdleTimeout:      30 * time.Second,
		MaxIdle:          1024,
		MaxHeadBytes:     256 << 10,
	})
}
