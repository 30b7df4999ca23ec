package e2e

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jobgraph/internal/config"
	assembly "jobgraph/internal/gateway"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// patience is how long a test waits for what must come, before it fails.
const patience = 20 * time.Second

// watched is a gateway that is watched for what it could leave behind or give away: connections, goroutines, words.
type watched struct {
	*gateway
	behind    string // the upstream's address
	sockets   *sockets
	transport *restclient.Transport
	printed   *transcript
}

// watch puts a gateway before an upstream, and checks at the test's end that nothing is left of it. configure, where it is not nil, changes how
// the gateway calls the upstream.
func watch(t testing.TB, upstream http.Handler, configure func(*restclient.Config), flags ...string) *watched {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })

	w := &watched{gateway: &gateway{upstream: &recorder{handler: upstream}}, sockets: newSockets(), transport: restclient.NewTransport(), printed: &transcript{}}
	behind := httptest.NewUnstartedServer(w.gateway.upstream)
	behind.Config.ConnState = w.sockets.note
	behind.Start()
	t.Cleanup(behind.Close)
	w.behind = behind.Listener.Addr().String()
	t.Cleanup(func() {
		w.transport.CloseIdleConnections()
		w.sockets.await(t, "every connection to the upstream is closed", func(open int) bool { return open == 0 })
	})

	config := restclient.Config{BaseURL: behind.URL, Transport: w.transport}
	if configure != nil {
		configure(&config)
	}
	front := httptest.NewUnstartedServer(wired(t, config, w.printed, flags))
	front.Config.ErrorLog = log.New(w.printed, "", 0)
	front.Start()
	t.Cleanup(front.Close)
	w.address, w.client = front.URL, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

// wired is the command's handler, with a client of the test's.
func wired(t testing.TB, upstream restclient.Config, logged *transcript, flags []string) http.Handler {
	t.Helper()
	c, err := config.Read(flags, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err := restclient.New(upstream)
	if err != nil {
		t.Fatal(err)
	}
	h, err := assembly.Handler(c, client, new(serving.Health), assembly.Process{Log: slog.New(slog.NewTextHandler(logged, nil)), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sockets are the connections that a server has open.
type sockets struct {
	mu      sync.Mutex
	open    map[net.Conn]bool
	made    int
	changed *sync.Cond
}

func newSockets() *sockets {
	c := &sockets{open: map[net.Conn]bool{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

func (c *sockets) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew {
		c.open[conn] = true
		c.made++
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.open, conn)
	}
	c.changed.Broadcast()
}

// total is how many there have been so far.
func (c *sockets) total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made
}

// await returns once so many connections are open as the test wants.
func (c *sockets) await(t testing.TB, what string, enough func(open int) bool) {
	t.Helper()
	late, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("waited too long"))
	defer cancel()
	defer context.AfterFunc(late, c.changed.Broadcast)()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !enough(len(c.open)) {
		if late.Err() != nil {
			t.Errorf("not yet: %s; %d are open", what, len(c.open))
			return
		}
		c.changed.Wait()
	}
}

// transcript is all that was written to it, by anyone.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *transcript) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *transcript) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// insides are words that only someone inside of the gateway can know.
var insides = regexp.MustCompile(`goroutine \d|\.go:\d|\*?restclient\.|\*?json\.|\*?url\.Error|\*?net\.|jobgraph/|runtime error|dial tcp|read tcp|write tcp|0x[0-9a-f]{6,}|/api/v4|invalid character|unexpected end of JSON|context deadline exceeded|context canceled|connection re`)

// giveaways are the secrets that a text tells: tokens, their beginnings, the upstream's address, words from inside.
func giveaways(text, upstream string) []string {
	found := insides.FindAllString(text, -1)
	_, port, _ := net.SplitHostPort(upstream)
	for _, secret := range []string{upstream, ":" + port, maintainerToken, adminToken, guestToken, readOnlyToken, revokedToken, jobToken, maintainerToken[:12], jobToken[:12]} {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}
