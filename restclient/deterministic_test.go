package restclient

import (
	"bufio"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// watchful opens the breaker at the first failure.
func watchful(cfg *Config) {
	cfg.Breaker = BreakerPolicy{FailureRate: 0.1, MinCalls: 1, Period: time.Minute, Delay: time.Hour}
}

// malformed answers every request on every connection with bytes that are no answer.
func malformed(t *testing.T, calls *atomic.Int32, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(connection)); err == nil {
					calls.Add(1)
					_, _ = io.WriteString(connection, answer)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestAMalformedAnswerIsNeitherAskedForAgainNorAnOutage(t *testing.T) {
	transports := map[string]func() http.RoundTripper{
		"ours":     func() http.RoundTripper { return NewTransport() },
		"net/http": func() http.RoundTripper { return new(http.Transport) },
	}
	for name, answer := range map[string]string{
		"no status line":   "SSH-2.0-OpenSSH_9.6\r\n\r\n",
		"no header fields": "HTTP/1.1 200 OK\r\nContent Type json\r\n\r\n",
		"two lengths":      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]\n",
	} {
		for kind, transport := range transports {
			var calls atomic.Int32
			client := clientOf(t, malformed(t, &calls, answer), watchful, func(cfg *Config) { cfg.Transport = transport() })
			for range 3 {
				_, err := client.Fetch(t.Context(), token, "/job")
				if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != Malformed {
					t.Errorf("%s, %s: %v (%#v)", name, kind, err, err)
				}
			}
			_, err := client.Send(t.Context(), token, Erase("1", 7))
			if !OutcomeUnknown(err) {
				t.Errorf("%s, %s: the outcome of a write is known: %v", name, kind, err)
			}
			if calls.Load() != 4 {
				t.Errorf("%s, %s: %d calls, want 4", name, kind, calls.Load())
			}
		}
	}
}

func TestACertificateThatIsNotTrustedIsToldAndNotTriedAgain(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	client := clientOf(t, server.URL, watchful, func(cfg *Config) { cfg.Transport = nil })
	for range 3 {
		_, err := client.Fetch(t.Context(), token, "/job")
		wantTransport(t, err, Untrusted)
		if want := "GitLab's certificate is not trusted by the gateway"; err.Error() != want {
			t.Errorf("told %q", err)
		}
	}
	_, err := client.Send(t.Context(), token, Erase("1", 7))
	if wantTransport(t, err, Untrusted); OutcomeUnknown(err) {
		t.Error("a write that was never sent counts as sent")
	}
	if connections.Load() != 4 {
		t.Errorf("%d connections, want one a call", connections.Load())
	}
}

func TestAServerWithoutTLSIsToldAndNotTriedAgain(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called") }))
	t.Cleanup(plain.Close)
	client := clientOf(t, "https"+plain.URL[len("http"):], watchful, func(cfg *Config) { cfg.Transport = nil })
	for range 3 {
		_, err := client.Fetch(t.Context(), token, "/job")
		wantTransport(t, err, Handshake)
	}
}
