package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// awaitMetric scrapes until a line is there: an operation is counted just after it was answered.
func awaitMetric(t *testing.T, g *harness.Gateway, line string) {
	t.Helper()
	deadline := time.Now().Add(harness.Patience)
	for {
		scrape := g.Get(t, "/metrics").String()
		if strings.Contains(scrape, "\n"+line+"\n") {
			return
		}
		if time.Now().After(deadline) {
			name, _, _ := strings.Cut(line, "{")
			t.Fatalf("no line %s among:\n%s", line, strings.Join(linesOf(scrape, name), "\n"))
		}
	}
}

func linesOf(scrape, prefix string) (found []string) {
	for line := range strings.Lines(scrape) {
		if strings.HasPrefix(line, prefix) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// awaitLog returns the lines of the log with a text once there are so many: a request is logged
// just after it was answered.
func awaitLog(t *testing.T, g *harness.Gateway, n int, text string) []string {
	t.Helper()
	for deadline := time.Now().Add(harness.Patience); ; g.Get(t, "/healthz") {
		var found []string
		for line := range strings.Lines(g.Printed.String()) {
			if strings.Contains(line, text) {
				found = append(found, line)
			}
		}
		if len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("the log has no %d lines with %s: %s", n, text, g.Printed)
		}
	}
}

func TestMetricsCountWhatClientsAskAndWhatGitLabIsAsked(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), "-max-depth=5")
	const list = `query Failed { project(id: "1") { jobs(first: 5) { nodes { name } } } }`
	for range 3 {
		g.Post(t, harness.Operation{Query: list}, harness.As(harness.MaintainerToken))
	}
	g.Query(t, `query Gone { job(project: "1", id: "99999") { name } }`)
	g.Query(t, `{ project(id: "1") { id } }`)
	g.Query(t, `query Deep { project(id: "1") { jobs { nodes { pipeline { jobs { nodes { name } } } } } } }`)
	g.Query(t, `{ no }`)
	socket := g.Connect(t, `{"PRIVATE-TOKEN":"`+harness.MaintainerToken+`"}`)
	socket.Send(`{"id":"1","type":"subscribe","payload":{"query":"query Socket { __typename }"}}`)
	socket.Expect(`{"type":"next","id":"1","payload":{"data":{"__typename":"Query"}}}`)
	stream := harness.As(harness.MaintainerToken)
	stream.Set("Accept", "text/event-stream")
	g.Post(t, harness.Operation{Query: `query Streamed { __typename }`}, stream)

	for _, line := range []string{
		`jobgraph_operations_total{code="ok",kind="query",operation="Failed",transport="http"} 3`,
		`jobgraph_operation_duration_seconds_count{kind="query",operation="Failed",transport="http"} 3`,
		`jobgraph_operations_total{code="NOT_FOUND",kind="query",operation="Gone",transport="http"} 1`,
		`jobgraph_operations_total{code="ok",kind="query",operation="anonymous",transport="http"} 1`,
		`jobgraph_operations_total{code="QUERY_TOO_COMPLEX",kind="unknown",operation="anonymous",transport="http"} 1`,
		`jobgraph_operations_total{code="GRAPHQL_VALIDATION_FAILED",kind="unknown",operation="anonymous",transport="http"} 1`,
		`jobgraph_operations_total{code="ok",kind="query",operation="Socket",transport="websocket"} 1`,
		`jobgraph_operations_total{code="ok",kind="query",operation="Streamed",transport="sse"} 1`,
		`jobgraph_limits_hit_total{limit="depth"} 1`,
		`jobgraph_upstream_requests_total{attempt="1",method="GET",route="/projects/:id/jobs",status="200"} 3`,
		`jobgraph_upstream_requests_total{attempt="1",method="GET",route="/projects/:id/jobs/:job_id",status="404"} 1`,
		`jobgraph_upstream_breaker_state{state="closed"} 1`,
		`jobgraph_upstream_calls_in_flight 0`,
		`jobgraph_websocket_connections_open 1`,
	} {
		awaitMetric(t, g, line)
	}
	scrape := g.Get(t, "/metrics").String()
	if lines := linesOf(scrape, "jobgraph_documents_cached "); len(lines) != 1 || strings.HasSuffix(lines[0], " 0") {
		t.Errorf("documents cached: %q", lines)
	}
	if strings.Contains(scrape, harness.MaintainerToken) {
		t.Error("the scrape has a token")
	}
}

func TestNamesOfOperationsAreBoundedInMetrics(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest))
	for i := range 250 {
		g.Query(t, fmt.Sprintf("query Name%d { __typename }", i))
	}
	awaitMetric(t, g, `jobgraph_operations_total{code="ok",kind="query",operation="other",transport="http"} 50`)
	if n := len(linesOf(g.Get(t, "/metrics").String(), "jobgraph_operations_total{")); n != 201 {
		t.Errorf("%d series, want 201", n)
	}
}

func TestGitLabsThrottlingIsSeenInMetrics(t *testing.T) {
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("RateLimit-Limit", "600")
		w.Header().Set("RateLimit-Remaining", "0")
		w.Header().Set("Retry-After", "42")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	g := harness.Start(t, upstream)
	for range 2 {
		if a := g.Query(t, `query Q { job(project: "1", id: "1") { name } }`); a.Code() != "RATE_LIMITED" {
			t.Fatal(a)
		}
	}
	for _, line := range []string{
		`jobgraph_upstream_throttled_total 1`, `jobgraph_upstream_rate_limit 600`, `jobgraph_upstream_rate_limit_remaining 0`,
		`jobgraph_upstream_retry_after_seconds 42`, `jobgraph_upstream_unsent_calls_total{reason="throttled"} 1`,
	} {
		awaitMetric(t, g, line)
	}
}

func TestMetricsCanHaveAPortOfTheirOwn(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), "-metrics-addr=127.0.0.1:0")
	if a := g.Get(t, "/metrics"); a.Status != http.StatusNotFound {
		t.Errorf("the open port has /metrics: %d", a.Status)
	}
	address := regexp.MustCompile(`metrics are at (http://[^/]+)`).FindStringSubmatch(awaitLog(t, g, 1, "metrics are at http://")[0])
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		response, err := http.Get(address[1] + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
}

func TestARequestIsOneLineInTheLogWithoutASecret(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), "-log-requests", "-log-format=json")
	header := harness.As(harness.MaintainerToken)
	header.Set("X-Request-Id", "from-the-client")
	a := g.Post(t, harness.Operation{
		Query:     `query Watched($p: ID!) { project(id: $p) { jobs(first: 2) { nodes { name } } } job(project: $p, id: "99999") { name } }`,
		Variables: json.RawMessage(`{"p":"1"}`),
	}, header)
	if got := a.Header.Get("X-Request-Id"); got != "from-the-client" {
		t.Errorf("the answer has request ID %q", got)
	}
	made := g.Query(t, `{ __typename }`).Header.Get("X-Request-Id")
	lines := awaitLog(t, g, 2, `"msg":"request"`)
	var first, second map[string]any
	for line, into := range map[string]*map[string]any{lines[0]: &first, lines[1]: &second} {
		if err := json.Unmarshal([]byte(line), into); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
	if second["request_id"] != made || len(made) != 32 {
		t.Errorf("the answer has %q, the log %v", made, second["request_id"])
	}
	if d, _ := first["duration"].(float64); d <= 0 {
		t.Errorf("duration %v", first["duration"])
	}
	for _, key := range []string{"time", "level", "msg", "duration"} {
		delete(first, key)
	}
	want := map[string]any{
		"operation": "Watched", "kind": "query", "transport": "http", "outcome": "NOT_FOUND",
		"calls": 2.0, "shared": false, "request_id": "from-the-client",
	}
	if !maps.Equal(first, want) {
		t.Errorf("got %v, want %v", first, want)
	}
	for _, secret := range []string{harness.MaintainerToken, "99999", "nodes"} {
		if i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, secret) }); i >= 0 {
			t.Errorf("the log has %q: %s", secret, lines[i])
		}
	}
}

func TestAnEventStreamIsLoggedUnderTheIDOfItsRequest(t *testing.T) {
	g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), "-log-requests")
	header := harness.As(harness.MaintainerToken)
	header.Set("Accept", "text/event-stream")
	header.Set("X-Request-Id", "id-of-the-stream")
	a := g.Post(t, harness.Operation{Query: `query Streamed { __typename }`}, header)
	line := awaitLog(t, g, 1, "msg=request")[0]
	if a.Header.Get("X-Request-Id") != "id-of-the-stream" || !strings.Contains(line, "transport=sse") || !strings.Contains(line, "request_id=id-of-the-stream") {
		t.Errorf("the answer has %v, the log %s", a.Header, line)
	}
}
