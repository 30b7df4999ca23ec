package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/collector"
	"jobgraph/internal/fakegitlab"
)

// traced starts a gateway in a process of its own that sends its spans to a collector.
func traced(t *testing.T, upstream http.Handler, flags ...string) (*harness.Gateway, *collector.Collector) {
	t.Helper()
	c := collector.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	g, _ := harness.StartApart(t, upstream, append([]string{"-log-requests", "-log-format=json"}, flags...)...)
	return g, c
}

// named returns the spans with a name.
func named(spans []collector.Span, name string) (found []collector.Span) {
	for _, s := range spans {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

// awaitSpan returns the only span with a name once it is there, and all spans.
func awaitSpan(t *testing.T, c *collector.Collector, name string) (collector.Span, []collector.Span) {
	t.Helper()
	all := c.Await(t, harness.Patience, name, func(all []collector.Span) bool { return len(named(all, name)) > 0 })
	found := named(all, name)
	if len(found) != 1 {
		t.Fatalf("%d spans are named %s", len(found), name)
	}
	return found[0], all
}

// checkAttributes compares some of a span's attributes.
func checkAttributes(t *testing.T, s collector.Span, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if s.Attributes[key] != value {
			t.Errorf("%s: %s is %q, want %q", s.Name, key, s.Attributes[key], value)
		}
	}
}

// The trace that a client's request names, as W3C's Trace Context has it.
const (
	clientTrace = "0af7651916cd43dd8448eb211c80319c"
	clientSpan  = "b7ad6b7169203331"
)

// inTrace is the header of a request of the maintainer's that belongs to the trace.
func inTrace() http.Header {
	h := harness.As(harness.MaintainerToken)
	h.Set("traceparent", "00-"+clientTrace+"-"+clientSpan+"-01")
	h.Set("tracestate", "vendor=value")
	h.Set("baggage", "account=top-secret")
	h.Set("X-Request-Id", "request-of-the-client")
	return h
}

// unsteady is a GitLab that answers the first call with 503, the second with a redirect to the same
// address, and the others as another does. It keeps the calls' headers.
type unsteady struct {
	http.Handler
	mu      sync.Mutex
	headers []http.Header
}

func (u *unsteady) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.headers = append(u.headers, r.Header.Clone())
	n := len(u.headers)
	u.mu.Unlock()
	switch n {
	case 1:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 2:
		w.Header().Set("Location", r.URL.RequestURI())
		w.WriteHeader(http.StatusFound)
	default:
		u.Handler.ServeHTTP(w, r)
	}
}

func TestAnOperationIsATraceOfItsCalls(t *testing.T) {
	for _, fast := range []string{"true", "false"} {
		t.Run("fast-queries="+fast, func(t *testing.T) {
			gitlab := &unsteady{Handler: harness.SmallSimulator(fakegitlab.Newest)}
			g, c := traced(t, gitlab, "-fast-queries="+fast)
			a := g.Post(t, harness.Operation{
				Query:     `query Failed($p: ID!) { project(id: $p) { jobs(first: 2) { nodes { allowFailure } } } job(project: $p, id: "99999") { name } }`,
				Variables: json.RawMessage(`{"p":"1"}`),
			}, inTrace())
			if a.Code() != "NOT_FOUND" {
				t.Fatal(a)
			}
			operation, all := awaitSpan(t, c, "query Failed")
			if operation.Kind != "server" || operation.Trace != clientTrace || operation.Parent != clientSpan || !operation.Failed {
				t.Errorf("%+v", operation)
			}
			checkAttributes(t, operation, map[string]string{
				"graphql.operation.name": "Failed", "graphql.operation.type": "query", "jobgraph.transport": "http",
				"jobgraph.request_id": "request-of-the-client", "jobgraph.calls": "4", "error.type": "NOT_FOUND",
			})
			checkCalls(t, gitlab, operation, all)
			for _, secret := range []string{harness.MaintainerToken, "top-secret", "99999", "allowFailure"} {
				if strings.Contains(c.Raw(), secret) {
					t.Errorf("the spans have %q", secret)
				}
			}
			line := awaitLog(t, g, 1, `"msg":"request"`)[0]
			if !strings.Contains(line, `"trace_id":"`+clientTrace+`"`) {
				t.Errorf("the request's line has no trace ID: %s", line)
			}
		})
	}
}

// checkCalls compares the spans of the calls with the operation's, and with what GitLab was sent.
func checkCalls(t *testing.T, gitlab *unsteady, operation collector.Span, all []collector.Span) {
	t.Helper()
	list, single := named(all, "GET /projects/:id/jobs"), named(all, "GET /projects/:id/jobs/:job_id")
	if len(list) != 1 || len(single) != 1 {
		t.Fatalf("the calls are not a span each: %+v", all)
	}
	ids := map[string]bool{}
	events := map[string]string{}
	for _, s := range append(list, single...) {
		ids[s.ID] = true
		if s.Kind != "client" || s.Trace != clientTrace || s.Parent != operation.ID {
			t.Errorf("%+v", s)
		}
		checkAttributes(t, s, map[string]string{
			"http.request.method": "GET", "server.address": "127.0.0.1",
		})
		if id := s.Attributes["http.response.header.x-request-id"]; !strings.HasPrefix(id, "01JOBS") {
			t.Errorf("GitLab's request ID is %q", id)
		}
		for _, e := range s.Events {
			events[e.Name] = e.Attributes["jobgraph.after"]
		}
	}
	checkAttributes(t, list[0], map[string]string{"url.template": "/projects/:id/jobs", "http.response.status_code": "200"})
	checkAttributes(t, single[0], map[string]string{"http.response.status_code": "404", "error.type": "404"})
	if len(events) != 2 || events["retry"] != "503" || events["redirect"] != "302" {
		t.Errorf("events %v", events)
	}
	gitlab.mu.Lock()
	defer gitlab.mu.Unlock()
	for _, h := range gitlab.headers {
		parts := strings.Split(h.Get("Traceparent"), "-")
		if len(parts) != 4 || parts[1] != clientTrace || !ids[parts[2]] || h.Get("Tracestate") != "vendor=value" || h["Baggage"] != nil {
			t.Errorf("GitLab was sent %v", h)
		}
	}
}

func TestAnEventIsLinkedToThePollThatFoundIt(t *testing.T) {
	gitlab := liveSimulator()
	g, c := traced(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, `subscription Watch { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { pipeline { status } changedJobs { name status } } }`)
	s.Next()
	gitlab.FinishJob(61, fakegitlab.Success)
	s.Next()
	s.Close()
	operation, _ := awaitSpan(t, c, "subscription Watch")
	all := c.Await(t, harness.Patience, "two events and their polls", func(all []collector.Span) bool {
		linked := 0
		for _, e := range named(all, "event Watch") {
			for _, p := range named(all, "poll pipeline") {
				if slices.Contains(e.Links, p.ID) {
					linked++
				}
			}
		}
		return linked == 2
	})
	for _, e := range named(all, "event Watch") {
		if e.Parent != operation.ID || e.Trace != operation.Trace {
			t.Errorf("%+v", e)
		}
		for _, p := range named(all, "poll pipeline") {
			if p.ID != e.Links[0] {
				continue
			}
			if p.Parent != "" || p.Trace == operation.Trace || p.Attributes["jobgraph.poll.changed"] != "true" {
				t.Errorf("%+v", p)
			}
			if !slices.ContainsFunc(all, func(s collector.Span) bool { return s.Parent == p.ID && s.Kind == "client" }) {
				t.Errorf("the poll %s has no call", p.ID)
			}
		}
	}
}

func TestOperationsOverWebSocketAreOfTheTraceOfTheirConnection(t *testing.T) {
	g, c := traced(t, harness.SmallSimulator(fakegitlab.Newest))
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, response, err := d.Dial("ws"+strings.TrimPrefix(g.Address, "http")+"/graphql", inTrace())
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if got := response.Header.Get("X-Request-Id"); got != "request-of-the-client" {
		t.Errorf("the handshake's answer has request ID %q", got)
	}
	for _, message := range []string{
		`{"type":"connection_init"}`,
		`{"type":"subscribe","id":"1","payload":{"query":"query First { __typename }"}}`,
		`{"type":"subscribe","id":"2","payload":{"query":"query Second { __typename }"}}`,
	} {
		if err := socket.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[any]bool{}
	for _, line := range awaitLog(t, g, 2, `"msg":"request"`) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		ids[entry["request_id"]] = true
		if entry["connection"] != "request-of-the-client" || entry["trace_id"] != clientTrace {
			t.Errorf("the log has %s", line)
		}
	}
	if len(ids) != 2 || ids["request-of-the-client"] {
		t.Errorf("the operations have the request IDs %v", ids)
	}
	for _, name := range []string{"query First", "query Second"} {
		if s, _ := awaitSpan(t, c, name); s.Parent != clientSpan || s.Attributes["jobgraph.transport"] != "websocket" {
			t.Errorf("%+v", s)
		}
	}
}

func TestSpansThatAreQueuedAreSentAtShutdown(t *testing.T) {
	c := collector.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL+"/v1/traces")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
	t.Setenv("OTEL_SERVICE_NAME", "gateway-of-acme")
	g, p := harness.StartApart(t, harness.SmallSimulator(fakegitlab.Newest))
	g.Query(t, `query Last { __typename }`)
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	spans := c.Spans()
	if len(spans) != 1 || spans[0].Name != "query Last" || spans[0].Resource["service.name"] != "gateway-of-acme" {
		t.Errorf("%+v", spans)
	}
}

func TestNoRequestFailsForACollector(t *testing.T) {
	t.Run("that refuses", func(t *testing.T) {
		c := collector.Start(t)
		c.Refuse(http.StatusForbidden)
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
		t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "5")
		g, _ := harness.StartApart(t, harness.SmallSimulator(fakegitlab.Newest))
		for range 3 {
			if a := g.Query(t, `query Q { __typename }`); a.Errors != nil {
				t.Error(a)
			}
		}
		awaitLog(t, g, 1, "tracing has failed")
	})
	t.Run("that hangs", func(t *testing.T) {
		hangs := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hangs }))
		t.Cleanup(server.Close)
		t.Cleanup(func() { close(hangs) })
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
		t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
		t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4")
		t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")
		g, p := harness.StartApart(t, harness.SmallSimulator(fakegitlab.Newest))
		for range 20 { // more than the queue holds
			if a := g.Query(t, `query Q { __typename }`); a.Errors != nil {
				t.Error(a)
			}
		}
		began := time.Now()
		if err := p.End(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > harness.Patience {
			t.Errorf("the shutdown took %s", took)
		}
	})
}

func TestTracesAreOffUnlessTheEnvironmentAsksForThem(t *testing.T) {
	c := collector.Start(t)
	for name, environment := range map[string]map[string]string{
		"nothing is set":  {},
		"it is disabled":  {"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_SDK_DISABLED": "true"},
		"the exporter is": {"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_TRACES_EXPORTER": "none"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range environment {
				t.Setenv(variable, value)
			}
			gitlab := &unsteady{Handler: harness.SmallSimulator(fakegitlab.Newest)}
			g, p := harness.StartApart(t, gitlab, "-log-requests")
			g.Post(t, harness.Operation{Query: `{ job(project: 1, id: 1) { name } }`}, inTrace())
			if line := awaitLog(t, g, 1, "msg=request")[0]; strings.Contains(line, "trace_id") {
				t.Error(line)
			}
			if err := p.End(); err != nil {
				t.Error(err)
			}
			for _, h := range gitlab.headers {
				if h["Traceparent"] != nil || h["Tracestate"] != nil {
					t.Errorf("GitLab was sent %v", h)
				}
			}
		})
	}
	if spans := c.Spans(); len(spans) > 0 {
		t.Errorf("%+v", spans)
	}
}

func TestAnExporterThatIsNotSupportedIsRefusedAtStart(t *testing.T) {
	for variable, value := range map[string]string{
		"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
			t.Setenv(variable, value)
			out, err := harness.SelfCommand().CombinedOutput()
			if _, ended := err.(*exec.ExitError); !ended || !strings.Contains(string(out), variable) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestASamplerOfTheEnvironmentIsUsed(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
	g, c := traced(t, harness.SmallSimulator(fakegitlab.Newest))
	g.Query(t, `query NotSampled { __typename }`)
	g.Post(t, harness.Operation{Query: `query Sampled { __typename }`}, inTrace())
	if _, all := awaitSpan(t, c, "query Sampled"); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}
