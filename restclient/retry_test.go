package restclient

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadsAreRepeatedWhereThatMayHelp(t *testing.T) {
	reset := func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }
	abort := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "50")
		answer(w, 200, "[")
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answer(w, code, "{}") }
	}
	wait := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		answer(w, 429, "{}")
	}
	cases := []struct {
		name     string
		fail     http.HandlerFunc
		failures int32
		attempts int
		ok       bool
	}{
		{"a reset", reset, 1, 2, true},
		{"a body that broke off", abort, 2, 3, true},
		{"too many requests, for so long", wait, 2, 3, true},
		{"too many requests", status(429), 2, 1, false},
		{"bad gateway", status(502), 1, 2, true},
		{"unavailable", status(503), 1, 2, true},
		{"gateway time-out", status(504), 1, 2, true},
		{"in vain", status(503), 9, 3, false},
		{"a fault of GitLab's own", status(500), 1, 1, false},
		{"not found", status(404), 1, 1, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) <= c.failures {
					c.fail(w, r)
					return
				}
				answer(w, 200, "[]")
			})
			_, err := client.Fetch(t.Context(), token, "/projects/1/jobs")
			if (err == nil) != c.ok || int(calls.Load()) != c.attempts {
				t.Fatalf("%d calls, %v; want %d", calls.Load(), err, c.attempts)
			}
		})
	}
}

func TestTheWaitIsWhatWasAskedForWithinBounds(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	client := clientOf(t, "http://h", func(cfg *Config) {
		cfg.Retry = RetryPolicy{
			MaxAttempts: 9, BaseDelay: 100 * time.Millisecond, MaxDelay: time.Second, MaxRetryAfter: 5 * time.Second,
		}
	})
	client.now = func() time.Time { return now }
	client.random = func() float64 { return 0.5 }
	far := func() (context.Context, context.CancelFunc) {
		return context.WithDeadline(t.Context(), now.AddDate(100, 0, 0))
	}
	cases := []struct {
		name     string
		err      error
		attempts int
		want     time.Duration // 0 = no further attempt
	}{
		{"first", &Error{Status: 503}, 1, 75 * time.Millisecond},
		{"doubled", &Error{Status: 503}, 2, 150 * time.Millisecond},
		{"at most", &Error{Status: 503}, 8, 750 * time.Millisecond},
		{"far past the most", &Error{Status: 503}, 100, 750 * time.Millisecond},
		{"as asked for", &Error{Status: 429, RetryAfter: 2 * time.Second}, 1, 2075 * time.Millisecond},
		{"too long", &Error{Status: 429, RetryAfter: 6 * time.Second}, 1, 0},
	}
	for _, c := range cases {
		ctx, cancel := far()
		result := outcome{err: c.err}
		client.plan(ctx, &call{method: http.MethodGet, attempts: c.attempts}, &result)
		cancel()
		if result.again != (c.want > 0) || result.wait != c.want {
			t.Errorf("%s: %t after %s, want %s", c.name, result.again, result.wait, c.want)
		}
	}
}

func TestAWaitPastTheDeadlineIsNotBegun(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "4")
		answer(w, 429, `{"message":"slow down"}`)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	_, err := client.Fetch(ctx, token, "/job")
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 4*time.Second {
		t.Errorf("%+v", err)
	}
	if ctx.Err() != nil {
		t.Error("waited until the deadline")
	}
}

func TestAWaitEndsWithTheCallersContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "4")
		answer(w, 503, "{}")
		time.AfterFunc(10*time.Millisecond, cancel)
	})
	started := time.Now()
	_, err := client.Fetch(ctx, token, "/job")
	wantTransport(t, err, Canceled)
	if time.Since(started) > 2*time.Second {
		t.Error("waited on")
	}
}

func TestAWriteIsSentAtMostOnce(t *testing.T) {
	cases := []struct {
		name    string
		fail    http.HandlerFunc
		unknown bool
	}{
		{"reset after it was read", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, true},
		{"broken off answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			answer(w, 201, "{")
		}, true},
		{"no answer in time", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, true},
		{"a page for an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(200)
		}, true},
		{"bad gateway", func(w http.ResponseWriter, _ *http.Request) { answer(w, 502, "") }, true},
		{"a fault of GitLab's own", func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, "") }, true},
		{"unavailable", func(w http.ResponseWriter, _ *http.Request) { answer(w, 503, "") }, false},
		{"too many requests", func(w http.ResponseWriter, _ *http.Request) { answer(w, 429, "") }, false},
		{"refused", func(w http.ResponseWriter, _ *http.Request) { answer(w, 403, `{"message":"403 Forbidden"}`) }, false},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/api/v4/job", 307) }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				// The body is read, so that the server notices when the client goes away.
				_, _ = bufio.NewReader(r.Body).Discard(1 << 10)
				c.fail(w, r)
			}, func(cfg *Config) { cfg.Timeout = 100 * time.Millisecond })
			_, err := client.Send(t.Context(), token, Retry("1", 7, map[string]any{"a": 1}))
			if err == nil || calls.Load() != 1 {
				t.Fatalf("%d arrived, %v", calls.Load(), err)
			}
			if OutcomeUnknown(err) != c.unknown {
				t.Errorf("%v: outcome unknown %t, want %t", err, !c.unknown, c.unknown)
			}
		})
	}
}

func TestAWriteIsSentAsItIs(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 100)
		n, _ := r.Body.Read(body)
		if r.Method != http.MethodPost || r.RequestURI != "/api/v4/projects/a%2Fb/jobs/7/cancel" || string(body[:n]) != `{"force":true}` ||
			r.Header.Get("Content-Type") != "application/json" || r.Header.Get(HeaderPrivateToken) != token.Value {
			t.Errorf("sent %s %s %s %v", r.Method, r.RequestURI, body[:n], r.Header)
		}
		answer(w, 201, `{"id":7}`)
	})
	response, err := client.Send(t.Context(), token, Cancel("a/b", 7, true))
	if err != nil || response.Status != 201 {
		t.Errorf("%+v, %v", response, err)
	}
	if _, err := client.Send(t.Context(), token, Cancel("..", 7, true)); err == nil || OutcomeUnknown(err) {
		t.Errorf("a bad argument: %v", err)
	}
}

func TestAWriteThatNeverLeftIsRepeated(t *testing.T) {
	var dials, arrivals atomic.Int32
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		arrivals.Add(1)
		answer(w, 201, `{"id":7}`)
	}, func(cfg *Config) {
		dialWith(cfg, func(dial dialFunc) dialFunc {
			return func(ctx context.Context, network, address string) (net.Conn, error) {
				if dials.Add(1) == 1 {
					return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
				}
				return dial(ctx, network, address)
			}
		})
	})
	response, err := client.Send(t.Context(), token, Erase("1", 7))
	if err != nil || arrivals.Load() != 1 || dials.Load() != 2 || response == nil {
		t.Errorf("%d dials, %d arrivals, %v", dials.Load(), arrivals.Load(), err)
	}
}

func TestAWriteThatCouldNotBeSentHasAKnownOutcome(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	_, err = clientOf(t, "http://"+address).Send(t.Context(), token, Erase("1", 7))
	if transport := wantTransport(t, err, Unreachable); transport.Sent || OutcomeUnknown(err) {
		t.Errorf("%+v counts as sent", transport)
	}
}

// silentTransport fails without saying how far it came.
type silentTransport struct{ calls atomic.Int32 }

func (s *silentTransport) RoundTrip(*http.Request) (*http.Response, error) {
	s.calls.Add(1)
	return nil, &net.OpError{Op: "dial", Err: errors.New("refused, it says")}
}

func TestAWriteOverATransportThatTellsNothingCountsAsSent(t *testing.T) {
	transport := &silentTransport{}
	client := clientOf(t, "http://h", func(cfg *Config) { cfg.Transport = transport })
	_, err := client.Send(t.Context(), token, Erase("1", 7))
	if !OutcomeUnknown(err) || transport.calls.Load() != 1 {
		t.Errorf("%d calls, %v", transport.calls.Load(), err)
	}
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0)
	_ = connection.Close()
}
