package restclient

import (
	"context"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// overNetHTTP runs the package's tests over net/http's transport, which must make no difference.
var overNetHTTP = flag.Bool("nethttp", false, "run the tests over net/http's transport")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient makes a client of a server that answers with the handler. It retries without waiting.
func newClient(t testing.TB, handler http.HandlerFunc, change ...func(*Config)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, change...)
}

func clientOf(t testing.TB, address string, change ...func(*Config)) *Client {
	t.Helper()
	var transport idleCloser = NewTransport()
	if *overNetHTTP {
		transport = newNetHTTP(new(Network), nil, false)
	}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := Config{BaseURL: address, Transport: transport, Retry: RetryPolicy{BaseDelay: time.Nanosecond}}
	for _, f := range change {
		f(&cfg)
	}
	client, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// dialWith has the client dial by a function.
func dialWith(cfg *Config, wrap func(dial dialFunc) dialFunc) {
	switch transport := cfg.Transport.(type) {
	case *Transport:
		transport.DialContext = wrap(transport.DialContext)
	case *netHTTP:
		for _, part := range []*http.Transport{transport.reads, transport.writes, transport.http2, transport.plain} {
			part.DialContext = wrap(part.DialContext)
		}
	}
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

var token = Credential{Header: HeaderPrivateToken, Value: "glpat-not-for-print"}
