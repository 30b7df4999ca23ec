package e2e

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// bill is the content of extensions.upstream.
type bill struct{ Calls, Retries, Redirects, Coalesced int }

func billOf(t *testing.T, g *harness.Gateway, query string) bill {
	t.Helper()
	operation := harness.Operation{Query: query, Extensions: json.RawMessage(`{"upstream":true}`)}
	answer := g.Post(t, operation, harness.As(harness.MaintainerToken))
	var extensions struct{ Upstream *bill }
	if err := json.Unmarshal(answer.Extensions, &extensions); err != nil || extensions.Upstream == nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return *extensions.Upstream
}

// bouncing sends every call around in a circle so often, and then on.
func bouncing(hops int, to http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		hop, _ := strconv.Atoi(query.Get("hop"))
		if hop == hops {
			to.ServeHTTP(w, r)
			return
		}
		query.Set("hop", strconv.Itoa(hop+1))
		w.Header().Set("Location", r.URL.EscapedPath()+"?"+query.Encode())
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
}

func TestTheBillTellsWhatWasSent(t *testing.T) {
	failing := func() http.Handler {
		gitlab := harness.Simulator(fakegitlab.Newest)
		gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ErrorStatus, Status: 502})
		return gitlab
	}
	queries := map[string]string{
		"by plan":     `{ project(id: "1") { jobs(first: 5) { nodes { name } } } }`,
		"by executor": `{ job(project: "1", id: "101") { log { raw } } }`,
	}
	cases := map[string]struct {
		upstream http.Handler
		plan     bill
		executor bill // which reads the job and then its log
	}{
		"502 sent three times": {failing(), bill{Calls: 3, Retries: 2}, bill{Calls: 3, Retries: 2}},
		"four hops": {
			bouncing(4, harness.Simulator(fakegitlab.Newest)),
			bill{Calls: 5, Redirects: 4},
			bill{Calls: 10, Redirects: 8},
		},
	}
	for name, c := range cases {
		g := harness.Start(t, c.upstream, "-breaker-failure-rate=0")
		for way, want := range map[string]bill{"by plan": c.plan, "by executor": c.executor} {
			if got := billOf(t, g, queries[way]); got != want {
				t.Errorf("%s, %s: told %+v, want %+v", name, way, got, want)
			}
		}
	}
}

func TestABurstPastGitLabsLimitCostsItOneRefusal(t *testing.T) {
	var calls atomic.Int32
	gitlab := harness.Simulator(fakegitlab.Newest)
	gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ThrottledByEndpoint})
	g := harness.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		gitlab.ServeHTTP(w, r)
	}))
	told := 0
	for i := range 10 {
		told += billOf(t, g, `{ project(id: "`+strconv.Itoa(1+i%3)+`") { jobs(first: `+strconv.Itoa(i+1)+`) { nodes { name } } } }`).Calls
	}
	if calls.Load() != 1 || told != 1 {
		t.Errorf("%d calls, of which %d are told; want 1", calls.Load(), told)
	}
}
