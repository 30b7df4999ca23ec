package e2e

import (
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// TestRefusedRequestsAreCountedAndLogged: what is refused before it is read as GraphQL is seen like
// any other operation that failed.
func TestRefusedRequestsAreCountedAndLogged(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-max-rate=0.001", "-max-burst=1", "-log-requests",
		"-cors-origins=https://app.example.com")
	as := harness.As("a token")
	as.Set("Origin", "https://app.example.com")
	first := g.Post(t, harness.Operation{Query: `{ __typename }`}, as)
	if exposed := first.Header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "X-Request-Id") {
		t.Errorf("pages of other origins may read %q", exposed)
	}
	limited := g.Post(t, harness.Operation{Query: `{ __typename }`}, as)
	if limited.Status != http.StatusTooManyRequests {
		t.Fatal(limited.Status, limited)
	}
	foreign := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(`{ __typename }`),
		http.Header{"Sec-Fetch-Site": {"cross-site"}})
	malformed := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(`{ __typename }`),
		http.Header{"Private-Token": {"two", "tokens"}})
	for outcome, answer := range map[string]harness.Answer{
		"RATE_LIMITED": limited, "BAD_REQUEST": foreign, "BAD_USER_INPUT": malformed,
	} {
		if answer.Code() != outcome {
			t.Errorf("got %s, want %s", answer, outcome)
		}
		awaitMetric(t, g, `jobgraph_operations_total{code="`+outcome+`",kind="unknown",operation="anonymous",transport="http"} 1`)
		id := answer.Header.Get("X-Request-Id")
		if line := awaitLog(t, g, 1, "outcome="+outcome)[0]; id == "" || !strings.Contains(line, "request_id="+id) {
			t.Errorf("request %q is logged as %s", id, line)
		}
	}
	awaitMetric(t, g, `jobgraph_limits_hit_total{limit="rate"} 1`)
}
