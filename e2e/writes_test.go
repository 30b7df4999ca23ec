package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
)

// acme is the test company with faults.
func acme(faults ...fakegitlab.Fault) http.Handler {
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: company, Now: func() time.Time { return noon }, URL: "https://gitlab.example.com"})
	for _, f := range faults {
		gitlab.Inject(f)
	}
	return gitlab
}

// inOrder returns the calls so far, in the order in which they came.
func (u *recorder) inOrder() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	lines := make([]string, len(u.calls))
	for i, line := range u.calls {
		lines[i] = *line
	}
	return lines
}

func TestMutationsRunInSeriesWithAllThatTheyAnswer(t *testing.T) {
	g := startGateway(t, acme())
	ask[any](t, g, `mutation {
		a: jobCancel(input: { id: "gid://gitlab/Project/8/Job/811" }) { job { project { fullPath job(id: "811") { status } } } }
		b: jobRetry(input: { id: "gid://gitlab/Project/8/Job/811" }) { job { project { job(id: "811") { status } } } }
		c: jobErase(input: { id: "gid://gitlab/Project/8/Job/805" }) { job { log { size } } }
	}`, nil)
	calls := g.upstream.inOrder()
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
	g := startGateway(t, acme(fakegitlab.Fault{Kind: fakegitlab.HangBeforeHeaders, Match: "POST /api/v4/projects/*/jobs/*/retry"}), "-request-timeout=100ms")
	body := g.post(t, operation{Query: `mutation { jobRetry(input: { id: "gid://gitlab/Project/8/Job/806" }) { job { id } } }`}, as(maintainerToken))
	if code := firstCode(t, body); code != "OUTCOME_UNKNOWN" {
		t.Errorf("code %q, want OUTCOME_UNKNOWN: %s", code, body)
	}
	if calls := g.upstream.inOrder(); len(calls) != 1 {
		t.Errorf("calls %q, want one", calls)
	}
}

func TestAWriteThatNeverReachedGitLabHasAKnownOutcome(t *testing.T) {
	address := startCommand(t, "-gitlab-url=http://127.0.0.1:1") // nobody listens there
	g := &gateway{address: address, client: http.DefaultClient}
	body := g.post(t, operation{Query: `mutation { jobRetry(input: { id: "gid://gitlab/Project/8/Job/806" }) { job { id } } }`}, as(maintainerToken))
	if code := firstCode(t, body); code != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("code %q, want UPSTREAM_UNAVAILABLE: %s", code, body)
	}
}

func TestMutationsNeverGoByGET(t *testing.T) {
	g := startGateway(t, acme())
	response, err := g.client.Get(g.address + `/graphql?query=mutation{jobErase(input:{id:"gid://gitlab/Project/8/Job/805"}){job{id}}}`)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if calls := g.upstream.inOrder(); len(calls) > 0 || response.StatusCode == http.StatusOK {
		t.Errorf("status %d, calls %q", response.StatusCode, calls)
	}
}

func TestABulkWriteTakesAHundredJobsAndKeepsTheirOrder(t *testing.T) {
	g := startGateway(t, acme())
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
	got := ask[answer](t, g, `mutation ($ids: [ID!]!) { jobsRetry(input: { ids: $ids }) { results { id retriedJobId job { databaseId } } } }`, map[string]any{"ids": ids})
	made := map[int64]bool{}
	for i, r := range got.JobsRetry.Results {
		if r.ID != ids[i] || r.RetriedJobID != ids[i] {
			t.Errorf("result %d is of %s, which retried %s; want %s", i, r.ID, r.RetriedJobID, ids[i])
		}
		made[r.Job.DatabaseID] = true
	}
	if len(made) != 100 || len(g.upstream.inOrder()) != 100 {
		t.Errorf("%d new jobs in %d calls, want 100 in 100", len(made), len(g.upstream.inOrder()))
	}
}

// firstCode is the code of an answer's first error.
func firstCode(t *testing.T, body []byte) string {
	t.Helper()
	var answer struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) == 0 {
		t.Fatalf("%s: %v", body, err)
	}
	return answer.Errors[0].Extensions.Code
}
