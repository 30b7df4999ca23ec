package e2e

import (
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
	"jobgraph/restclient"
)

func TestAnUpstreamThatCannotBeReachedIsToldOncePerList(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	_ = listener.Close()
	for way, q := range twins() {
		t.Run(way, func(t *testing.T) {
			w := harness.Watch(t, http.NotFoundHandler(), func(c *restclient.Config) { impatient(c); c.BaseURL = "http://" + nobody })
			answer := askTwin(t, w, q.query)
			if len(answer.Errors) != 2 || strings.Count(answer.String(), `"UPSTREAM_UNAVAILABLE"`) != 2 {
				t.Errorf("got %s", answer)
			}
			if told := append(harness.Giveaways(answer.String(), nobody), harness.Tokens(w.Printed.String())...); told != nil {
				t.Errorf("tells %q: %s%s", told, answer, w.Printed)
			}
		})
	}
}

// TestARequestEndsWithItsTime has an upstream that would be waited for much longer.
func TestARequestEndsWithItsTime(t *testing.T) {
	for _, kind := range []fakegitlab.FaultKind{
		fakegitlab.HangBeforeHeaders, fakegitlab.HangAfterHeaders, fakegitlab.EndlessBody,
	} {
		for way, q := range twins() {
			t.Run(fmt.Sprintf("%s/%d", way, kind), func(t *testing.T) {
				gitlab := harness.SmallSimulator(fakegitlab.Newest)
				t.Cleanup(gitlab.Inject(fakegitlab.Fault{Kind: kind, Match: "GET " + q.failing}))
				w := harness.Watch(t, gitlab, func(c *restclient.Config) { c.MaxBody = 1 << 50 }, "-request-timeout=500ms")
				w.Client.Timeout = harness.Patience
				answer := askTwin(t, w, q.query)
				if string(answer.Spared.List) == "null" || len(answer.Errors) != 1 || !strings.Contains(answer.String(), `"REQUEST_TIMEOUT"`) {
					t.Errorf("got %s", answer)
				}
			})
		}
	}
}

func TestAnEndlessBodyTakesBoundedMemory(t *testing.T) {
	gitlab := harness.SmallSimulator(fakegitlab.Newest)
	t.Cleanup(gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.EndlessBody}))
	w := harness.Watch(t, gitlab, func(c *restclient.Config) { c.MaxBody = 1 << 20 })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	body := w.Query(t, twins()["by plan"].query).String()
	runtime.ReadMemStats(&after)
	if strings.Count(body, `"UPSTREAM_INVALID"`) != 2 {
		t.Errorf("got %s", body)
	}
	// Two bodies of 1 MiB, each read into a buffer that grows.
	if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
		t.Errorf("took %d MiB", took>>20)
	}
}

func TestAReadThatFailsOnceIsAnsweredAllTheSame(t *testing.T) {
	for _, f := range failures("") {
		if f.attempts != 3 {
			continue
		}
		for way, q := range twins() {
			t.Run(way+"/"+f.name, func(t *testing.T) {
				gitlab := harness.SmallSimulator(fakegitlab.Newest)
				f.fault.Match, f.fault.Times = "GET "+q.failing, 1
				t.Cleanup(gitlab.Inject(f.fault))
				w := harness.Watch(t, gitlab, impatient)
				if answer := askTwin(t, w, q.query); len(answer.Errors) > 0 {
					t.Errorf("got %s", answer)
				}
			})
		}
	}
}

// TestHeadersThatLieNeverBreakAnAnswer has an upstream whose rows are right and whose headers are
// not.
func TestHeadersThatLieNeverBreakAnAnswer(t *testing.T) {
	lies := map[string][]string{
		"X-Total":       {"", "0", "1", "-1", "7.5", "99999", "99999999999999999999", "many"},
		"X-Total-Pages": {"", "0", "-1", "99999999999999999999"},
		"X-Next-Page":   {"", "0", "1", "-7", "99999999999999999999", "next"},
		"X-Page":        {"", "0", "2", "-1"},
		"X-Per-Page":    {"", "0", "-1", "1000000"},
		"X-Next-Cursor": {"", "%", "eyJpZCI6IjEiLCJfa2QiOiJuIn0="},
		"X-Prev-Cursor": {"", "%", "eyJpZCI6IjEiLCJfa2QiOiJwIn0="},
		"Link": {"", "<", `<>; rel="next"`, `<http://evil.example/api/v4/projects/7/jobs?page=2>; rel="next"`, `</api/v4/projects/1?x=1>; rel=next`,
			`</api/v4/projects/7/jobs?cursor=%zz&per_page=-1>; rel="next"`, strings.Repeat(`<a>; rel="next", `, 1000)},
	}
	queries := []string{
		`{ project(id: "7") { jobs(first: 150) { nodes { databaseId } pageInfo { hasNextPage endCursor } totalCount } } }`,
		`{ project(id: "7") { jobs(last: 150) { nodes { databaseId } pageInfo { hasPreviousPage startCursor } } } }`,
		`{ pipeline(project: "7", id: "71") { jobs(first: 150) { nodes { databaseId } totalCount } bridges { totalCount } } }`,
		`{ pipeline(project: "7", id: "71") { jobs(last: 150) { nodes { databaseId } } } }`,
		`{ pipeline(project: "7", id: "71") { stages { name } jobCounts { status count } downstream { id } } }`,
	}
	gitlab := harness.Remembered(harness.Simulator(fakegitlab.Newest))
	for name, values := range lies {
		for _, value := range values {
			t.Run(fmt.Sprintf("%s: %.30s", name, value), func(t *testing.T) {
				w := harness.Watch(t, harness.Liar(gitlab, name, value), impatient, "-max-upstream-calls=100")
				for _, query := range queries {
					w.Upstream.Reset()
					body := w.Post(t, harness.Operation{Query: query}, harness.As(harness.MaintainerToken))
					if calls := len(w.Upstream.Calls()); calls > 30 {
						t.Errorf("%s: %d calls", query, calls)
					}
					if strings.Contains(body.String(), `"INTERNAL"`) {
						t.Errorf("%s: %s\n%s", query, body, w.Printed)
					}
				}
			})
		}
	}
}

// TestABoundOnConcurrencyHoldsForAllCallersTogether counts what the upstream has to do at the same
// time.
func TestABoundOnConcurrencyHoldsForAllCallersTogether(t *testing.T) {
	const bound, callers = 4, 40
	var running, most atomic.Int64
	gitlab := harness.SmallSimulator(fakegitlab.Newest)
	busy := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := running.Add(1)
		defer running.Add(-1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		gitlab.ServeHTTP(w, r)
	})
	w := harness.Watch(t, busy, func(c *restclient.Config) { c.MaxConcurrent = bound })
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			query := fmt.Sprintf(`{ a: project(id: "1") { jobs(first: %d) { nodes { name } } } b: pipeline(project: "1", id: "12") { stages { name } jobs(first: %[1]d) { nodes { name } } } }`, i+1)
			if body := w.Query(t, query); strings.Contains(body.String(), `"errors"`) {
				t.Errorf("got %s", body)
			}
		})
	}
	group.Wait()
	if most.Load() > bound {
		t.Errorf("%d calls at the same time, want %d at most", most.Load(), bound)
	}
}

// TestADrowningUpstreamIsLeftAlone has a breaker that opens after four failures, and an upstream
// that recovers as soon as it is left alone.
func TestADrowningUpstreamIsLeftAlone(t *testing.T) {
	gitlab := harness.SmallSimulator(fakegitlab.Newest)
	recover := gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ErrorStatus, Status: 503})
	w := harness.Watch(t, gitlab, func(c *restclient.Config) {
		c.Retry.MaxAttempts = 1
		c.Breaker = restclient.BreakerPolicy{
			FailureRate: 0.5, MinCalls: 4, Period: time.Minute, Delay: 300 * time.Millisecond,
		}
	})
	for range 4 {
		if told := askInOutage(t, w); told == nil || told.Code != "UPSTREAM_UNAVAILABLE" || told.RetryAfter != 0 {
			t.Errorf("got %+v", told)
		}
	}
	recover()
	w.Upstream.Reset()
	open := 0
	for told := askInOutage(t, w); told != nil; told = askInOutage(t, w) {
		if told.Code != "UPSTREAM_UNAVAILABLE" || told.RetryAfter != 1 || len(w.Upstream.Calls()) > 0 {
			t.Fatalf("got %+v, calls %q", told, w.Upstream.Calls())
		}
		open++
	}
	if open == 0 {
		t.Error("the breaker did not open")
	}
}

// outage is the error that a client gets when the upstream is down.
type outage struct {
	Code       string
	RetryAfter int
}

// askInOutage asks for a list and returns its error; nil where it is answered.
func askInOutage(t *testing.T, w *harness.Watched) *outage {
	t.Helper()
	answer := w.Query(t, `{ project(id: "1") { jobs(first: 1) { nodes { name } } } }`)
	if len(answer.Errors) == 0 {
		return nil
	}
	retryAfter, _ := answer.Errors[0].Extensions["retryAfter"].(float64)
	return &outage{Code: answer.Code(), RetryAfter: int(retryAfter)}
}
