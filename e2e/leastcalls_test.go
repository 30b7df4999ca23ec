package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
)

func TestFiftyJobsTheirPipelinesAndThoseJobsAreOneAndFiveCalls(t *testing.T) {
	g := startGateway(t, simulator(fakegitlab.Newest))
	data := ask[struct {
		Project struct {
			Jobs struct {
				Nodes []struct {
					Pipeline struct {
						Jobs struct{ Nodes []struct{ Name string } }
					}
				}
			}
		}
	}](t, g, `{ project(id: "6") { jobs(first: 50) { nodes { pipeline { jobs(first: 100) { nodes { name } } } } } } }`, nil)
	for i, job := range data.Project.Jobs.Nodes {
		if got := len(job.Pipeline.Jobs.Nodes); got != 10 {
			t.Errorf("the pipeline of job %d has %d jobs, want 10", i, got)
		}
	}
	want := []string{
		"GET /projects/6/jobs?pagination=keyset&order_by=id&sort=desc&per_page=50 200",
		"GET /projects/6/pipelines/61/jobs?page=1&per_page=100 200",
		"GET /projects/6/pipelines/62/jobs?page=1&per_page=100 200",
		"GET /projects/6/pipelines/63/jobs?page=1&per_page=100 200",
		"GET /projects/6/pipelines/64/jobs?page=1&per_page=100 200",
		"GET /projects/6/pipelines/65/jobs?page=1&per_page=100 200",
	}
	if got := g.upstream.sorted(); len(data.Project.Jobs.Nodes) != 50 || !slices.Equal(got, want) {
		t.Errorf("%d jobs by these calls:\n%s", len(data.Project.Jobs.Nodes), strings.Join(got, "\n"))
	}
}

// barrier is an upstream that answers no job before so many are asked for side by side.
type barrier struct {
	http.Handler
	mu      sync.Mutex
	missing int
	all     chan struct{}
}

func (u *barrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	if u.missing--; u.missing == 0 {
		close(u.all)
	}
	u.mu.Unlock()
	select {
	case <-u.all:
		u.Handler.ServeHTTP(w, r)
	case <-time.After(10 * time.Second):
		http.Error(w, `{"message":"500 the others did not come"}`, http.StatusInternalServerError)
	}
}

func TestTwentyUnrelatedJobsAreTwentyCallsSideBySide(t *testing.T) {
	const n = 20
	g := startGateway(t, &barrier{Handler: simulator(fakegitlab.Newest), missing: n, all: make(chan struct{})})
	var query strings.Builder
	for i := range n {
		fmt.Fprintf(&query, "j%d: job(project: \"7\", id: \"%d\") { name } ", i, 70001+20*i)
	}
	data := ask[map[string]struct{ Name string }](t, g, "{ "+query.String()+"}", nil)
	if len(data) != n || len(g.upstream.sorted()) != n {
		t.Errorf("%d jobs in %d calls", len(data), len(g.upstream.sorted()))
	}
}

func TestNodesAreFetchedSideBySide(t *testing.T) {
	const n = 20
	g := startGateway(t, &barrier{Handler: simulator(fakegitlab.Newest), missing: n, all: make(chan struct{})})
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("gid://gitlab/Project/7/Job/%d", 70001+i)
	}
	data := ask[struct{ Nodes []struct{ ID string } }](t, g, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": ids})
	for i, node := range data.Nodes {
		if node.ID != ids[i] {
			t.Errorf("node %d is %s, want %s", i, node.ID, ids[i])
		}
	}
}

// TestNoTimerIsWaitedFor: dataloader's usual window of 16 ms a level would make three levels take 48 ms. The fastest of many runs is free of what else
// the machine does.
func TestNoTimerIsWaitedFor(t *testing.T) {
	g := startGateway(t, smallSimulator(fakegitlab.Newest))
	const query = `{ pipeline(project: "1", id: "10") { jobs(first: 1) { nodes { name pipeline { bridges(first: 1) { nodes { downstreamPipeline { jobs(first: 1) { nodes { name } } } } } } } } } }`
	fastest := time.Hour
	for range 100 {
		began := time.Now()
		ask[any](t, g, query, nil)
		fastest = min(fastest, time.Since(began))
	}
	if calls := len(g.upstream.sorted()); calls != 300 {
		t.Errorf("%d calls of 100 queries, want three a query", calls)
	}
	if fastest > 5*time.Millisecond {
		t.Errorf("the fastest of 100 queries that nest three calls took %v, want less than 5 ms", fastest)
	} else {
		t.Logf("three nested calls: %v", fastest)
	}
}
