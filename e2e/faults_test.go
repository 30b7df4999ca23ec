package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
	"jobgraph/restclient"
)

// failure is one way in which an upstream fails, and what becomes of it.
type failure struct {
	name     string
	fault    fakegitlab.Fault
	code     string // of the error; "" where the answer is right all the same
	attempts int    // calls made
	detail   string // a part of the error's extensions
}

// failures are every way to fail that the simulator has. elsewhere is another server's address.
func failures(elsewhere string) []failure {
	status := func(code int) fakegitlab.Fault { return fakegitlab.Fault{Kind: fakegitlab.ErrorStatus, Status: code} }
	kind := func(k fakegitlab.FaultKind) fakegitlab.Fault { return fakegitlab.Fault{Kind: k} }
	return []failure{
		{"reset connection", kind(fakegitlab.ResetConnection), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"reset in mid-body", kind(fakegitlab.ResetMidBody), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"answer lost", kind(fakegitlab.AnswerLost), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"silence", kind(fakegitlab.HangBeforeHeaders), "UPSTREAM_TIMEOUT", 1, ""},
		{"silence after the headers", kind(fakegitlab.HangAfterHeaders), "UPSTREAM_TIMEOUT", 1, ""},
		{"slow drip", fakegitlab.Fault{Kind: fakegitlab.SlowDrip, Every: time.Minute}, "UPSTREAM_TIMEOUT", 1, ""},
		{"truncated JSON", kind(fakegitlab.TruncatedJSON), "UPSTREAM_INVALID", 1, ""},
		{"invalid JSON", kind(fakegitlab.InvalidJSON), "UPSTREAM_INVALID", 1, ""},
		{"another content type", kind(fakegitlab.WrongContentType), "UPSTREAM_INVALID", 1, ""},
		{"an HTML page", fakegitlab.Fault{Kind: fakegitlab.HTMLPage, Status: 200}, "UPSTREAM_INVALID", 1, ""},
		{"an HTML error page", kind(fakegitlab.HTMLPage), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"an endless body", kind(fakegitlab.EndlessBody), "UPSTREAM_INVALID", 1, ""},
		{"a redirect elsewhere", fakegitlab.Fault{Kind: fakegitlab.Redirect, Location: elsewhere}, "UPSTREAM_INVALID", 1, ""},
		{"a redirect in circles", fakegitlab.Fault{Kind: fakegitlab.Redirect, Location: "?again"}, "UPSTREAM_INVALID", 6, ""},
		{"a redirect to nowhere", kind(fakegitlab.Redirect), "UPSTREAM_INVALID", 1, ""},
		{"500", status(500), "UPSTREAM_UNAVAILABLE", 1, ""},
		{"502", status(502), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"503", status(503), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"503 for a minute", fakegitlab.Fault{Kind: fakegitlab.ErrorStatus, Status: 503, RetryAfter: "60"}, "UPSTREAM_UNAVAILABLE", 1, `"retryAfter":60`},
		{"504", status(504), "UPSTREAM_UNAVAILABLE", 3, ""},
		{"429 of an endpoint", kind(fakegitlab.ThrottledByEndpoint), "RATE_LIMITED", 1, `"retryAfter":15`},
		{"429 for a minute", fakegitlab.Fault{Kind: fakegitlab.ThrottledByRack, RetryAfter: "60"}, "RATE_LIMITED", 1, `"retryAfter":60`},
		{"429 until a date", fakegitlab.Fault{Kind: fakegitlab.ThrottledByRack, RetryAfter: "Fri, 31 Dec 2100 23:59:59 GMT"}, "RATE_LIMITED", 1, `"retryAfter":`},
		{"429 with nonsense", fakegitlab.Fault{Kind: fakegitlab.ThrottledByRack, RetryAfter: "soon"}, "RATE_LIMITED", 1, `"retryAfter":`},
		{"401", status(401), "UNAUTHENTICATED", 1, ""},
		{"403", status(403), "FORBIDDEN", 1, ""},
		{"404", status(404), "NOT_FOUND", 1, ""},
		{"418", status(418), "UPSTREAM_INVALID", 1, ""},
		{"slow, but whole", kind(fakegitlab.SlowDrip), "", 1, ""},
		{"a nonsensical Link", kind(fakegitlab.GarbageLink), "", 1, ""},
		{"a page that repeats", kind(fakegitlab.RepeatedPage), "", 1, ""},
	}
}

// twins are queries for two lists of which one fails, by each way that the gateway executes
// queries.
func twins() map[string]struct{ query, failing string } {
	return map[string]struct{ query, failing string }{
		"by plan": {
			`{ hit: project(id: "1") { list: jobs(first: 5) { nodes { databaseId name } pageInfo { hasNextPage } } } spared: project(id: "2") { list: jobs(first: 5) { nodes { databaseId name } } } }`,
			"/api/v4/projects/1/jobs",
		},
		"by executor": {
			`{ hit: pipeline(project: "1", id: "12") { list: stages { name jobs { name } } } spared: pipeline(project: "2", id: "20") { list: stages { name jobs { name } } } }`,
			"/api/v4/projects/1/pipelines/12/jobs",
		},
	}
}

// impatient waits little and repeats quickly.
func impatient(c *restclient.Config) {
	c.Timeout, c.MaxBody = 400*time.Millisecond, 1<<20
	if harness.RaceDetector { // which makes a slow answer slower still
		c.Timeout *= 5
	}
	c.Retry = restclient.RetryPolicy{BaseDelay: time.Millisecond, MaxDelay: 2 * time.Millisecond}
}

// sparedFirst answers the list that fails once the other one has been asked for. GitLab refuses a
// caller on an endpoint over all projects, so that a list which is asked for later is refused too.
type sparedFirst struct {
	upstream http.Handler
	failing  string

	mu    sync.Mutex
	asked chan struct{} // closed when the other list is asked for
	once  *sync.Once
}

// begin prepares for a query.
func (s *sparedFirst) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.once = make(chan struct{}), new(sync.Once)
}

func (s *sparedFirst) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	asked, once := s.asked, s.once
	s.mu.Unlock()
	switch {
	case r.URL.Path == s.failing:
		select {
		case <-asked:
		case <-r.Context().Done():
		}
	case strings.HasPrefix(r.URL.Path, "/api/v4/projects/2/"):
		once.Do(func() { close(asked) })
	}
	s.upstream.ServeHTTP(w, r)
}

// twinAnswer is the answer to a twin.
type twinAnswer struct {
	harness.Answer
	Hit, Spared struct{ List json.RawMessage }
}

func askTwin(t *testing.T, w *harness.Watched, query string) twinAnswer {
	t.Helper()
	return asTwin(t, w.Query(t, query))
}

func asTwin(t *testing.T, a harness.Answer) twinAnswer {
	t.Helper()
	twin := harness.Decode[twinAnswer](t, a)
	twin.Answer = a
	return twin
}

func TestOneListFailsInEveryWayAndTheOtherIsAnswered(t *testing.T) {
	var strayed atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	t.Cleanup(elsewhere.Close)
	for way, q := range twins() {
		for _, f := range failures(elsewhere.URL) {
			t.Run(way+"/"+f.name, func(t *testing.T) {
				gitlab := harness.SmallSimulator(fakegitlab.Newest)
				ordered := &sparedFirst{upstream: gitlab, failing: q.failing}
				w := harness.Watch(t, ordered, impatient)
				ordered.begin()
				healthy := askTwin(t, w, q.query)
				ordered.begin()
				w.Upstream.Reset()
				f.fault.Match = "GET " + q.failing
				t.Cleanup(gitlab.Inject(f.fault))
				answer := askTwin(t, w, q.query)
				f.check(t, answer, healthy)
				// net/http itself goes on to the next connection where one that was kept is broken.
				most := f.attempts
				if most > 1 {
					most += w.Sockets.Total()
				}
				if got := w.Upstream.CallsOf(q.failing); got < f.attempts || got > most {
					t.Errorf("%d calls, want %d", got, f.attempts)
				}
				leaks := harness.Giveaways(answer.String(), w.Behind)
				if leaks = append(leaks, harness.Tokens(w.Printed.String())...); leaks != nil {
					t.Errorf("leaks %q: %s%s", leaks, answer, w.Printed)
				}
			})
		}
	}
	if strayed.Load() > 0 {
		t.Errorf("%d calls went to another host", strayed.Load())
	}
}

// check compares with the answer to the same query in good times.
func (f *failure) check(t *testing.T, got, healthy twinAnswer) {
	t.Helper()
	if !bytes.Equal(got.Spared.List, healthy.Spared.List) {
		t.Errorf("the other list: %s", got.Spared.List)
	}
	if f.code == "" {
		if len(got.Errors) > 0 || !bytes.Equal(got.Hit.List, healthy.Hit.List) {
			t.Errorf("got %+v", got)
		}
		return
	}
	if string(got.Hit.List) != "null" || len(got.Errors) != 1 {
		t.Fatalf("got %+v", got)
	}
	e := got.Errors[0]
	extensions, err := json.Marshal(e.Extensions)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Path, []any{"hit", "list"}) || e.Code() != f.code || !strings.Contains(string(extensions), f.detail) {
		t.Errorf("got %v: %s %v; want %s %s", e.Path, e.Message, extensions, f.code, f.detail)
	}
}
