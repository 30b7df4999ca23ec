package restclient

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Network is how GitLab is reached. The zero value reaches a GitLab at http:// by [NewTransport]
// and one at https:// by net/http's transport, with HTTP/2 and compression, and without a proxy.
type Network struct {
	RootCAs     *x509.CertPool   // what a certificate is checked against; nil = the system's
	Certificate *tls.Certificate // the gateway's own, for a GitLab that asks for one

	HTTPSProxy string // URL of a proxy for a GitLab at https://; by CONNECT, so that it sees no token
	HTTPProxy  string // URL of a proxy for a GitLab at http://: it sees tokens
	NoProxy    string // hosts that are reached without, as in the environment's NO_PROXY

	Compression Compression
	NetHTTP     bool // use net/http's transport always
}

// Compression is when answers are requested in gzip.
type Compression string

// The values of Compression. The empty one is CompressionAuto.
const (
	CompressionAuto   Compression = "auto"   // over https, which mostly means a long way
	CompressionAlways Compression = "always" // also over http
	CompressionNever  Compression = "never"
)

// transport returns the transport to base.
func (n *Network) transport(base *url.URL) (idleCloser, error) {
	proxy, err := n.proxy(base)
	if err != nil {
		return nil, err
	}
	compress := base.Scheme == "https"
	switch n.Compression {
	case "", CompressionAuto:
	case CompressionAlways:
		compress = true
	case CompressionNever:
		compress = false
	default:
		return nil, &ArgumentError{Name: "Compression", Problem: "it is none of auto, always and never"}
	}
	if base.Scheme == "http" && proxy == nil && !compress && !n.NetHTTP {
		return NewTransport(), nil
	}
	return newNetHTTP(n, proxy, compress), nil
}

// proxy returns the URL of the proxy on the way to base, or nil. Hosts on the loopback are never
// reached by one.
func (n *Network) proxy(base *url.URL) (*url.URL, error) {
	for name, address := range map[string]string{"HTTPSProxy": n.HTTPSProxy, "HTTPProxy": n.HTTPProxy} {
		if address == "" {
			continue
		}
		// A bare host and port is fit for use; the scheme is then http.
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
			return nil, &ArgumentError{Name: name, Problem: "it is not the URL of a proxy"} // which may have a password
		}
	}
	c := httpproxy.Config{HTTPProxy: n.HTTPProxy, HTTPSProxy: n.HTTPSProxy, NoProxy: n.NoProxy}
	return c.ProxyFunc()(base)
}

// tls returns the TLS configuration of a transport. Sessions are resumed: a handshake over a long
// way costs more than most calls.
func (n *Network) tls() *tls.Config {
	c := &tls.Config{RootCAs: n.RootCAs, ClientSessionCache: tls.NewLRUClientSessionCache(64)}
	if n.Certificate != nil {
		c.Certificates = []tls.Certificate{*n.Certificate}
	}
	return c
}

// proxyFor returns the function that net/http asks, for a proxy that is known already.
func proxyFor(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	if proxy == nil {
		return nil
	}
	return http.ProxyURL(proxy)
}
