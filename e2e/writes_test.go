package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

func TestMutationsRunInSeriesWithAllThatTheyAnswer(t *testing.T) {
	g := harness.Start(t, harness.Acme())
	harness.Ask[any](t, g, `mutation {
		a: jobCancel(input: { id: "gid://gitlab/Project/8/Job/811" }) { job { project { fullPath job(id: "811") { status } } } }
		b: jobRetry(input: { id: "gid://gitlab/Project/8/Job/811" }) { job { project { job(id: "811") { status } } } }
		c: jobErase(input: { id: "gid://gitlab/Project/8/Job/805" }) { job { log { size } } }
	}`, nil)
	calls := g.Upstream.CallsInOrder()
	slices.Sort(calls[1:3]) // what one mutation's answer asks for may come side by side
	want := []string{
		"POST /projects/8/jobs/811/cancel 201", "GET /projects/8 200", "GET /projects/8/jobs/811 200",
		"POST /projects/8/jobs/811/retry 201", "GET /projects/8/jobs/811 200",
		"POST /projects/8/jobs/805/erase 201", "GET /projects/8/jobs/805/trace 200",
	}
	if !slices.Equal(calls, want) {
		t.Errorf("calls\n%q, want\n%q", calls, want)
	}
}

func TestAWriteThatHangsPastTheRequestsTimeIsOfUnknownOutcome(t *testing.T) {
	g := harness.Start(t, harness.Acme(fakegitlab.Fault{Kind: fakegitlab.HangBeforeHeaders, Match: "POST /api/v4/projects/*/jobs/*/retry"}), "-request-timeout=100ms")
	body := g.Post(t, harness.Operation{Query: `mutation { jobRetry(input: { id: "gid://gitlab/Project/8/Job/806" }) { job { id } } }`}, harness.As(harness.MaintainerToken))
	if code := body.Code(); code != "OUTCOME_UNKNOWN" {
		t.Errorf("code %q, want OUTCOME_UNKNOWN: %s", code, body)
	}
	if calls := g.Upstream.CallsInOrder(); len(calls) != 1 {
		t.Errorf("calls %q, want one", calls)
	}
}

func TestAWriteThatNeverReachedGitLabHasAKnownOutcome(t *testing.T) {
	g := harness.StartAlone(t, "-gitlab-url=http://127.0.0.1:1") // nobody listens there
	body := g.Post(t, harness.Operation{Query: `mutation { jobRetry(input: { id: "gid://gitlab/Project/8/Job/806" }) { job { id } } }`}, harness.As(harness.MaintainerToken))
	if code := body.Code(); code != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("code %q, want UPSTREAM_UNAVAILABLE: %s", code, body)
	}
}

func TestMutationsNeverGoByGET(t *testing.T) {
	g := harness.Start(t, harness.Acme())
	response, err := g.Client.Get(g.Address + `/graphql?query=mutation{jobErase(input:{id:"gid://gitlab/Project/8/Job/805"}){job{id}}}`)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if calls := g.Upstream.CallsInOrder(); len(calls) > 0 || response.StatusCode == http.StatusOK {
		t.Errorf("status %d, calls %q", response.StatusCode, calls)
	}
}

func TestABulkWriteTakesAHundredJobsAndKeepsTheirOrder(t *testing.T) {
	g := harness.Start(t, harness.Acme())
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("gid://gitlab/Project/7/Job/%d", 71001+i)
	}
	type answer struct {
		JobsRetry struct {
			Results []struct {
				ID           string
				RetriedJobID string
				Job          struct{ DatabaseID int64 }
			}
		}
	}
	got := harness.Ask[answer](t, g, `mutation ($ids: [ID!]!) { jobsRetry(input: { ids: $ids }) { results { id retriedJobId job { databaseId } } } }`, map[string]any{"ids": ids})
	made := map[int64]bool{}
	for i, r := range got.JobsRetry.Results {
		if r.ID != ids[i] || r.RetriedJobID != ids[i] {
			t.Errorf("result %d is of %s, which retried %s; want %s", i, r.ID, r.RetriedJobID, ids[i])
		}
		made[r.Job.DatabaseID] = true
	}
	if len(made) != 100 || len(g.Upstream.CallsInOrder()) != 100 {
		t.Errorf("%d new jobs in %d calls, want 100 in 100", len(made), len(g.Upstream.CallsInOrder()))
	}
}
