package restclient

import (
	"net"
	"net/http"
	"time"
)

// NewTransport makes a transport for a gateway: one upstream, many callers.
//
//   - Connections are kept in plenty, for the default of two a host would open thousands a second under load.
//   - They are dropped after 30 s without use, sooner than GitLab's own front ends drop them (puma after 20 s is the
//     exception, but stands behind one): a write that meets a connection being closed has an unknown outcome.
//   - HTTP/1.1 only: a connection that breaks fails one call, not a hundred.
//   - No compression: near its GitLab, packing and unpacking a page costs more than sending it, and without it the
//     answer's length is known before it is read. Give Config a transport of your own where the way is long.
//   - No proxy from the environment: credentials go where the configuration says and nowhere else.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    1024,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}
