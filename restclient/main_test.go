package restclient

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"
)

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
	transport := NewTransport()
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

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

var token = Credential{Header: HeaderPrivateToken, Value: "glpat-not-for-print"}
