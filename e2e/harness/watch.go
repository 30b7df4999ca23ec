package harness

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"jobgraph/e2e/harness/process"
	"jobgraph/internal/config"
	"jobgraph/internal/gateway"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Watched is a gateway of which nothing may be left when the test ends: no connection, no
// goroutine.
type Watched struct {
	*Gateway
	Sockets *Sockets // the connections to the upstream
}

// Watch serves the gateway's handler in front of an upstream, and checks at the test's end that
// nothing is left of it. configure, where it is not nil, changes how the gateway calls the
// upstream.
func Watch(t testing.TB, upstream http.Handler, configure func(*restclient.Config), flags ...string) *Watched {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })

	g := &Gateway{Upstream: &Recorder{handler: upstream}, Printed: &process.Transcript{}, Client: newClient()}
	w := &Watched{Gateway: g, Sockets: newSockets()}
	behind := httptest.NewUnstartedServer(g.Upstream)
	behind.Config.ConnState = w.Sockets.note
	behind.Start()
	t.Cleanup(behind.Close)
	g.Behind = behind.Listener.Addr().String()
	transport := restclient.NewTransport()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		w.Sockets.await(t, "every connection to the upstream is closed", func(open int) bool { return open == 0 })
	})

	c := restclient.Config{BaseURL: behind.URL, Transport: transport}
	if configure != nil {
		configure(&c)
	}
	front := httptest.NewUnstartedServer(handler(t, c, g.Printed, flags))
	front.Config.ErrorLog = log.New(g.Printed, "", 0)
	front.Start()
	t.Cleanup(front.Close)
	g.Address = front.URL
	t.Cleanup(g.Client.CloseIdleConnections)
	return w
}

// handler returns the gateway's handler, with a client of the test's.
func handler(t testing.TB, upstream restclient.Config, printed *process.Transcript, flags []string) http.Handler {
	t.Helper()
	c, err := config.Read(flags, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := restclient.New(upstream)
	if err != nil {
		t.Fatal(err)
	}
	h, err := gateway.Handler(c, client, new(serving.Health), inProcess(printed, printed))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Sockets are the connections that a server has open.
type Sockets struct {
	mu      sync.Mutex
	open    map[net.Conn]bool
	made    int
	changed *sync.Cond
}

func newSockets() *Sockets {
	s := &Sockets{open: map[net.Conn]bool{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *Sockets) note(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.open[conn] = true
		s.made++
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(s.open, conn)
	}
	s.changed.Broadcast()
}

// Total returns how many there have been so far.
func (s *Sockets) Total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made
}

// await returns once the number of open connections is as wanted.
func (s *Sockets) await(t testing.TB, what string, wanted func(open int) bool) {
	t.Helper()
	late, cancel := context.WithTimeoutCause(context.Background(), Patience, errors.New("waited too long"))
	defer cancel()
	defer context.AfterFunc(late, s.changed.Broadcast)()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !wanted(len(s.open)) {
		if late.Err() != nil {
			t.Errorf("still waiting for: %s; %d are open", what, len(s.open))
			return
		}
		s.changed.Wait()
	}
}
