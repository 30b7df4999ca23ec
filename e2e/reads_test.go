package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

func TestFiftyJobsTheirPipelinesAndThoseJobsAreOneAndFiveCalls(t *testing.T) {
	g := harness.Start(t, harness.Simulator(fakegitlab.Newest))
	data := harness.Ask[struct {
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
	if got := g.Upstream.Calls(); len(data.Project.Jobs.Nodes) != 50 || !slices.Equal(got, want) {
		t.Errorf("%d jobs by these calls:\n%s", len(data.Project.Jobs.Nodes), strings.Join(got, "\n"))
	}
}

func TestTwentyUnrelatedJobsAreTwentyCallsSideBySide(t *testing.T) {
	const n = 20
	g := harness.Start(t, harness.Barrier(harness.Simulator(fakegitlab.Newest), n))
	var query strings.Builder
	for i := range n {
		fmt.Fprintf(&query, "j%d: job(project: \"7\", id: \"%d\") { name } ", i, 70001+20*i)
	}
	data := harness.Ask[map[string]struct{ Name string }](t, g, "{ "+query.String()+"}", nil)
	if len(data) != n || len(g.Upstream.Calls()) != n {
		t.Errorf("%d jobs in %d calls", len(data), len(g.Upstream.Calls()))
	}
}

func TestNodesAreFetchedSideBySide(t *testing.T) {
	const n = 20
	g := harness.Start(t, harness.Barrier(harness.Simulator(fakegitlab.Newest), n))
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("gid://gitlab/Project/7/Job/%d", 70001+i)
	}
	data := harness.Ask[struct{ Nodes []struct{ ID string } }](t, g, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": ids})
	for i, node := range data.Nodes {
		if node.ID != ids[i] {
			t.Errorf("node %d is %s, want %s", i, node.ID, ids[i])
		}
	}
}

// TestNoTimerIsWaitedFor: dataloader's usual window of 16 ms a level would make three levels take
// 48 ms. The fastest of many runs is free of what else the machine does.
func TestNoTimerIsWaitedFor(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest))
	const query = `{ pipeline(project: "1", id: "10") { jobs(first: 1) { nodes { name pipeline { bridges(first: 1) { nodes { downstreamPipeline { jobs(first: 1) { nodes { name } } } } } } } } } }`
	fastest := time.Hour
	for range 100 {
		began := time.Now()
		harness.Ask[any](t, g, query, nil)
		fastest = min(fastest, time.Since(began))
	}
	if calls := len(g.Upstream.Calls()); calls != 300 {
		t.Errorf("%d calls of 100 queries, want three a query", calls)
	}
	if fastest > 5*time.Millisecond {
		t.Errorf("the fastest of 100 queries that nest three calls took %v, want less than 5 ms", fastest)
	} else {
		t.Logf("three nested calls: %v", fastest)
	}
}
