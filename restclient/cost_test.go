package restclient

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counted returns a context with the Cost that counts its calls.
func counted(t *testing.T) (context.Context, *Cost) {
	t.Helper()
	cost := new(Cost)
	return WithCost(t.Context(), cost), cost
}

// TestTheCostIsWhatWasSent uses this package's transport and net/http's.
func TestTheCostIsWhatWasSent(t *testing.T) {
	bounce := func(hops int, failures int32) func() http.HandlerFunc {
		return func() http.HandlerFunc {
			var failed atomic.Int32
			return func(w http.ResponseWriter, r *http.Request) {
				hop, _ := strconv.Atoi(r.URL.Query().Get("hop"))
				switch {
				case hop < hops:
					http.Redirect(w, r, r.URL.Path+"?hop="+strconv.Itoa(hop+1), http.StatusFound)
				case failed.Add(1) <= failures:
					answer(w, 502, "")
				default:
					answer(w, 200, "[]")
				}
			}
		}
	}
	always := func(serve http.HandlerFunc) func() http.HandlerFunc {
		return func() http.HandlerFunc { return serve }
	}
	cases := []struct {
		name  string
		serve func() http.HandlerFunc
		want  Counts
	}{
		{"an answer", bounce(0, 0), Counts{Calls: 1}},
		{"502 for ever", bounce(0, 99), Counts{Calls: 3, Retries: 2}},
		{"four hops", bounce(4, 0), Counts{Calls: 5, Redirects: 4}},
		{"hops and failures", bounce(2, 1), Counts{Calls: 6, Retries: 1, Redirects: 4}},
		{"a circle", bounce(99, 0), Counts{Calls: 6, Redirects: 5}},
		{"broken connections", always(func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }), Counts{Calls: 3, Retries: 2}},
		{"refused", always(func(w http.ResponseWriter, _ *http.Request) { answer(w, 404, "{}") }), Counts{Calls: 1}},
	}
	for _, c := range cases {
		for name, transport := range map[string]func(*Config){
			"ours": func(*Config) {},
			"net/http": func(cfg *Config) {
				transport := new(http.Transport)
				t.Cleanup(transport.CloseIdleConnections)
				cfg.Transport = transport
			},
		} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				ctx, cost := counted(t)
				_, _ = newClient(t, c.serve(), transport).Fetch(ctx, token, "/projects/1/jobs")
				if d := cmp.Diff(c.want, cost.Counts()); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

func TestAReadThatTheTransportRepeatsIsCountedTwice(t *testing.T) {
	var calls atomic.Int32
	serve := func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 2 {
			hangUp(w) // as a server whose time for idle connections ends just then
			return
		}
		answer(w, 200, "[]")
	}
	for name, transport := range map[string]http.RoundTripper{"ours": nil, "net/http": new(http.Transport)} {
		calls.Store(0)
		client := newClient(t, serve, func(cfg *Config) {
			if transport != nil {
				cfg.Transport = transport
				t.Cleanup(transport.(*http.Transport).CloseIdleConnections)
			}
		})
		ctx, cost := counted(t)
		for range 2 {
			if _, err := client.Fetch(ctx, token, "/job"); err != nil {
				t.Fatal(err)
			}
		}
		if want := (Counts{Calls: 3, Retries: 1}); cost.Counts() != want || calls.Load() != 3 {
			t.Errorf("%s: %+v for %d calls, want %+v", name, cost.Counts(), calls.Load(), want)
		}
	}
}

func TestWhatIsNotSentCostsNothing(t *testing.T) {
	ctx, cost := counted(t)
	client := clientOf(t, "http://h", func(cfg *Config) {
		dialWith(cfg, func(dialFunc) dialFunc {
			return func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
			}
		})
	})
	_, err := client.Fetch(ctx, token, "/job")
	wantTransport(t, err, Unreachable)
	if cost.Counts() != (Counts{}) {
		t.Errorf("%+v", cost.Counts())
	}
}

func TestALogIsCounted(t *testing.T) {
	ctx, cost := counted(t)
	var calls atomic.Int32
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) < 3 {
			answer(w, 503, "")
		}
	})
	stream, err := client.Trace(ctx, token, "1", 8, TraceRange{})
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Close()
	if want := (Counts{Calls: 3, Retries: 2}); cost.Counts() != want {
		t.Errorf("%+v, want %+v", cost.Counts(), want)
	}
}
