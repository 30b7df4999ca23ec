//go:build linux

package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// late is how long a test waits before it fails.
const late = 20 * time.Second

// echo answers what the request was, and which server answers it.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Server", server(w))
	fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, body)
})

func server(w http.ResponseWriter) string {
	if _, ours := w.(*response); ours {
		return "http1"
	}
	return "net/http"
}

// served is a server with a clock that the test advances.
type served struct {
	*Server
	address string
	now     time.Time
	ticks   chan time.Time
	ended   chan error
	logged  *transcript
}

// transcript is what was logged.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *transcript) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *transcript) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve serves on loopback until the test ends, with the fast path.
func serve(t testing.TB, h *http.Server, connections int) *served {
	t.Helper()
	return serveWith(t, h, Options{FastPath: true, Connections: connections})
}

// serveWith serves on loopback until the test ends.
func serveWith(t testing.TB, h *http.Server, o Options) *served {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	logged := new(transcript)
	h.ErrorLog = log.New(logged, "", 0)
	s := &served{New(h, o), l.Addr().String(), time.Unix(1e9, 0), make(chan time.Time), make(chan error, 1), logged}
	s.Server.ticks = s.ticks
	go func() { s.ended <- s.Serve(l) }()
	s.ticks <- s.now
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("ended with %v", err)
		}
		<-s.Server.ended
	})
	return s
}

// pass advances the clock. What is due by then has been done when it returns.
func (s *served) pass(d time.Duration) {
	s.ticks <- s.now // whatever is new is seen now
	s.now = s.now.Add(d)
	s.ticks <- s.now
	s.ticks <- s.now
}

// await waits until so many connections are in a phase.
func (s *served) await(t testing.TB, p phase, n int) {
	t.Helper()
	for deadline := time.Now().Add(late); ; runtime.Gosched() {
		found := 0
		s.mu.Lock()
		for c := range s.open {
			c.mu.Lock()
			if c.phase == p {
				found++
			}
			c.mu.Unlock()
		}
		s.mu.Unlock()
		if found == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are in phase %d, not %d", found, p, n)
		}
	}
}

// client is one end of a connection.
type client struct {
	net.Conn
	*bufio.Reader
}

func (c client) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func dial(t testing.TB, address string) client {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(late))
	return client{c, bufio.NewReader(c)}
}

func (c client) send(t testing.TB, text string) {
	t.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		t.Fatal(err)
	}
}

// receive reads one answer.
func (c client) receive(t testing.TB) (*http.Response, string) {
	t.Helper()
	r, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

// mustAnswer reads an answer and checks whose it is.
func (c client) mustAnswer(t testing.TB, server, body string) {
	t.Helper()
	r, got := c.receive(t)
	if r.Header.Get("Server") != server || got != body {
		t.Fatalf("%s answers %q, not %s %q", r.Header.Get("Server"), got, server, body)
	}
}

// mustEnd checks that nothing more comes.
func (c client) mustEnd(t testing.TB) {
	t.Helper()
	if rest, err := io.ReadAll(c.Reader); len(rest) > 0 || isTimeout(err) {
		t.Errorf("the connection has not ended: %q %v", rest, err)
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// post is a plain request.
func post(path, body string, fields ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s", path, len(body), strings.Join(append(fields, ""), "\r\n"), body)
}

// odd is a request that only net/http answers.
const odd = "GET /get HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n"
