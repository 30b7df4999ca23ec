package serving

import (
	"jobgraph/internal/http1"

	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// run serves on loopback until the test ends or stop is called; ended has Serve's result.
func run(t *testing.T, h http.Handler, health *Health, c Config) (address string, stop func(), ended chan error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, h, health, c) }()
	t.Cleanup(cancel)
	return listener.Addr().String(), cancel, ended
}

func dial(t *testing.T, address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })

// A plain http.Server waits for the rest of a request, and for the next one, for ever.
func TestConnectionsOfSlowSendersAreClosed(t *testing.T) {
	short := 50 * time.Millisecond
	for name, c := range map[string]struct {
		config Config
		sent   string
	}{
		"headers that do not end": {Config{ReadHeaderTimeout: short}, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow:"},
		"nothing at all":          {Config{ReadHeaderTimeout: short}, ""},
		"idle after a request":    {Config{IdleTimeout: short}, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		"a body nobody reads":     {Config{ReadTimeout: short}, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _, _ := run(t, ok, new(Health), c.config)
			conn := dial(t, address)
			_, _ = io.WriteString(conn, c.sent)
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection stays open")
			}
		})
	}
}

// A plain http.Server writes to a reader that does not read for ever.
func TestConnectionsOfSlowReadersAreClosed(t *testing.T) {
	cut := make(chan error, 1)
	address, _, _ := run(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for chunk := strings.Repeat("x", 1<<20); err == nil; {
			_, err = io.WriteString(w, chunk)
		}
		cut <- err
	}), new(Health), Config{WriteTimeout: 50 * time.Millisecond})
	_, _ = io.WriteString(dial(t, address), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case <-cut:
	case <-time.After(10 * time.Second):
		t.Error("the answer is still being written")
	}
}

func TestHeadersOverTheLimitAreRefused(t *testing.T) {
	address, _, _ := run(t, ok, new(Health), Config{HeaderBytes: 1 << 10})
	conn := dial(t, address)
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 10_000)+"\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%v %v", r, err)
	}
}

func TestConnectionsOverTheLimitWait(t *testing.T) {
	address, _, _ := run(t, ok, new(Health), Config{Options: http1.Options{Connections: 1}})
	first, second := dial(t, address), dial(t, address)
	_, _ = io.WriteString(first, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(first), nil); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(second, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Fatal("the second connection is served beside the first")
	}
	first.Close()
	_ = second.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := http.ReadResponse(bufio.NewReader(second), nil); err != nil {
		t.Errorf("the second connection is not served after the first: %v", err)
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

// At the end, readiness goes first, and what is in flight is answered.
func TestTheEndIsInOrder(t *testing.T) {
	delay, arrived, leave := make(chan time.Time), make(chan struct{}), make(chan struct{})
	asked := make(chan time.Duration, 1)
	health := new(Health)
	mux := http.NewServeMux()
	mux.HandleFunc("/readyz", health.Ready)
	mux.HandleFunc("/healthz", health.Live)
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-leave
		_, _ = io.WriteString(w, "finished")
	})
	c := Config{DrainDelay: time.Minute, ShutdownTimeout: time.Minute, After: func(d time.Duration) <-chan time.Time {
		asked <- d
		return delay
	}}
	address, stop, ended := run(t, mux, health, c)
	kept := dial(t, address)
	closes := func() bool {
		_, _ = io.WriteString(kept, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		r, err := http.ReadResponse(bufio.NewReader(kept), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Close
	}
	if get(t, "http://"+address+"/readyz") != http.StatusOK || closes() {
		t.Fatal("not ready, or the connection is not kept")
	}
	answered := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + address + "/slow")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answered <- string(body)
	}()
	<-arrived
	stop()
	if d := <-asked; d != time.Minute {
		t.Errorf("waits %s", d)
	}
	ready, live := get(t, "http://"+address+"/readyz"), get(t, "http://"+address+"/healthz")
	if ready != http.StatusServiceUnavailable || live != http.StatusOK {
		t.Errorf("while draining: ready %d, live %d", ready, live)
	}
	if !closes() {
		t.Error("while draining, a connection is kept after its answer")
	}
	delay <- time.Time{}
	close(leave)
	if got := <-answered; got != "finished" {
		t.Errorf("the request in flight: %s", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestWhatDoesNotFinishInTimeIsCutOff(t *testing.T) {
	arrived, cut := make(chan struct{}), make(chan struct{})
	address, stop, ended := run(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(cut)
	}), new(Health), Config{ShutdownTimeout: time.Millisecond})
	_, _ = io.WriteString(dial(t, address), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-arrived
	stop()
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	<-cut
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	for _, path := range []string{"/", "/nowhere"} {
		mux := http.NewServeMux()
		mux.Handle("/{$}", ok)
		w := httptest.NewRecorder()
		Secure(mux).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		h := w.Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", path, h)
		}
	}
}
