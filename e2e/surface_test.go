package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// Each limit is named by its flag's name and value, before any upstream call. A plain gqlgen server
// has none of them.
func TestEveryLimitOfADocumentHasAFlag(t *testing.T) {
	const jobs = `{ project(id: "1") { jobs(first: 2) { nodes { name } } } }`
	for flag, query := range map[string]string{
		"max-query-bytes": jobs, "max-tokens": jobs, "max-depth": jobs, "max-fields": jobs, "max-complexity": jobs,
		"max-aliases":     `{ a: currentJob { name } b: currentJob { name } c: currentJob { name } }`,
		"max-root-fields": `{ currentJob { name } a: currentJob { name } b: currentJob { name } }`,
		"max-directives":  `{ currentJob @skip(if: false) { name @skip(if: false) id @skip(if: false) } }`,
		"max-fragments":   `{ currentJob { ...a ...b ...c } } fragment a on Job { id } fragment b on Job { id } fragment c on Job { id }`,
		"max-spreads":     `{ currentJob { ... { id } ... { id } ... { id } } }`,
		"max-variables":   `query($a: ID!, $b: ID!, $c: ID!) { a: project(id: $a) { id } b: project(id: $b) { id } c: project(id: $c) { id } }`,
	} {
		t.Run(flag, func(t *testing.T) {
			a := harness.Start(t, harness.Untouched(t), "-"+flag+"=2").Send(t, "POST", "/graphql", harness.QueryBody(query), nil)
			if e := a.Errors[0].Extensions; a.Code() != "QUERY_TOO_COMPLEX" || "max-"+e["limit"].(string) != flag || e["value"] != 2.0 {
				t.Errorf("%s", a.Body)
			}
		})
	}
}

// Every way in is limited: a few hundred kilobytes of brackets end a plain gqlgen server with a
// stack overflow.
func TestHostileRequestsAreRefusedOnEveryWayIn(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	brackets := strings.Repeat("[", 200_000)
	for name, c := range map[string]struct {
		method, path, body, code string
		status                   int
	}{
		"brackets in a document":       {"POST", "/graphql", harness.QueryBody("{job(id:" + brackets), "GRAPHQL_PARSE_FAILED", 200},
		"braces in a document":         {"POST", "/graphql", harness.QueryBody("{" + strings.Repeat("a{", 100_000)), "GRAPHQL_PARSE_FAILED", 200},
		"brackets in variables":        {"POST", "/graphql", `{"query":"{__typename}","variables":{"a":` + brackets, "BAD_REQUEST", 400},
		"brackets in an unknown value": {"POST", "/graphql", `{"query":"{__typename}","a":` + brackets, "BAD_REQUEST", 400},
		"brackets in a query string":   {"GET", "/graphql?query=" + url.QueryEscape("{job(id:"+brackets[:10_000]), "", "GRAPHQL_PARSE_FAILED", 200},
		"brackets in GET variables":    {"GET", "/graphql?query={__typename}&variables=" + url.QueryEscape(`{"a":`+brackets[:10_000]), "", "BAD_REQUEST", 400},
		"a body over the limit":        {"POST", "/graphql", `{"query":"` + strings.Repeat(" ", 2<<20) + `"}`, "PAYLOAD_TOO_LARGE", 413},
		"a form":                       {"POST", "/graphql", "", "UNSUPPORTED_MEDIA_TYPE", 415},
		"a mutation by GET":            {"GET", "/graphql?query=" + url.QueryEscape(`mutation{jobCancel(input:{id:"gid://gitlab/Project/1/Job/1"}){job{id}}}`), "", "METHOD_NOT_ALLOWED", 405},
		"an unknown persisted hash": {"GET", `/graphql?extensions={"persistedQuery":{"version":1,"sha256Hash":"` +
			strings.Repeat("0", 64) + `"}}`, "", "PERSISTED_QUERY_NOT_FOUND", 200},
		"an integer in quotes":    {"POST", "/graphql", `{"query":"query($n:Int){project(id:1){jobs(first:$n){totalCount}}}","variables":{"n":"5"}}`, "BAD_USER_INPUT", 200},
		"an integer past 32 bits": {"POST", "/graphql", harness.QueryBody(`{project(id:1){jobs(first:4294967296){totalCount}}}`), "BAD_USER_INPUT", 200},
		"bytes after the value":   {"POST", "/graphql", harness.QueryBody("{__typename}") + "x", "BAD_REQUEST", 400},
	} {
		t.Run(name, func(t *testing.T) {
			a := g.Send(t, c.method, c.path, c.body, nil)
			if a.Status != c.status || a.Code() != c.code || a.Data != nil || len(a.Body) > 1000 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}

// A header that would be sent on to GitLab must be one that can be. net/http itself refuses CR, LF
// and NUL before any handler; the rest is ours.
func TestBadCredentialsAreRefusedBeforeAnyUpstreamCall(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for _, value := range []string{"a\rb", "a\x00b", "a\nb", "tökén", "\xff"} {
		for _, name := range []string{"PRIVATE-TOKEN", "Authorization", "JOB-TOKEN"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(g.Address, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			body := harness.QueryBody("{currentJob{id}}")
			_, _ = io.WriteString(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 28\r\n"+name+": "+value+"\r\n\r\n"+body)
			r, err := http.ReadResponse(bufio.NewReader(conn), nil)
			conn.Close()
			if err != nil || r.StatusCode != http.StatusBadRequest {
				t.Errorf("%s: %q: %v %v", name, value, r, err)
			}
		}
	}
}

func TestARequestPastItsTimeNamesTheLimit(t *testing.T) {
	g := harness.Start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "-request-timeout=100ms")
	a := g.Send(t, "POST", "/graphql", harness.QueryBody(`{ a: job(project: 1, id: 1) { name } b: job(project: 1, id: 2) { name } }`), nil)
	if len(a.Errors) != 1 || a.Code() != "REQUEST_TIMEOUT" || a.Errors[0].Extensions["limit"] != "request-timeout" || a.Errors[0].Extensions["value"] != "100ms" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// One upstream call that fails is one error, however many fields wanted it.
func TestAFailingCallIsOneError(t *testing.T) {
	g := harness.Start(t, http.NotFoundHandler())
	a := g.Send(t, "POST", "/graphql", harness.QueryBody(`{ b: job(project: 1, id: 1) { name } a: job(project: 1, id: 1) { name } c: job(project: 1, id: 2) { name } }`), nil)
	if len(a.Errors) != 2 || a.Errors[0].Path[0] != "a" || a.Errors[1].Path[0] != "c" ||
		len(a.Errors[0].Extensions["paths"].([]any)) != 1 {
		t.Errorf("%s", a.Body)
	}
}

func TestACallerPastItsRateIsToldWhenToComeBack(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-max-rate=0.1", "-max-burst=1", "-max-address-rate=1")
	token := http.Header{"Private-Token": {"one"}}
	if a := g.Send(t, "POST", "/graphql", harness.QueryBody("{__typename}"), token); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := g.Send(t, "POST", "/graphql", harness.QueryBody("{__typename}"), token); a.Status != 429 || a.Code() != "RATE_LIMITED" || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := g.Send(t, "POST", "/graphql", harness.QueryBody("{__typename}"), http.Header{"Private-Token": {"two"}}); a.Status != 200 {
		t.Errorf("another caller: %d %s", a.Status, a.Body)
	}
}

func TestIntrospectionAndGraphiQLCanBeSwitchedOff(t *testing.T) {
	on, off := harness.Start(t, harness.Untouched(t)), harness.Start(t, harness.Untouched(t), "-introspection=false", "-graphiql=false")
	for _, path := range []string{"/", "/schema.graphql"} {
		if status := on.Get(t, path).Status; status != 200 {
			t.Errorf("on: %s: %d", path, status)
		}
		if status := off.Get(t, path).Status; status != 404 {
			t.Errorf("off: %s: %d", path, status)
		}
	}
	ask := harness.QueryBody("{ __schema { queryType { name } } }")
	if a := on.Send(t, "POST", "/graphql", ask, nil); a.Code() != "" {
		t.Error(a.Body)
	}
	if a := off.Send(t, "POST", "/graphql", ask, nil); a.Code() != "GRAPHQL_VALIDATION_FAILED" || a.Data != nil {
		t.Error(a.Body)
	}
	if a := off.Send(t, "POST", "/graphql", harness.QueryBody("{ jo }"), nil); strings.Contains(a.String(), "mean") {
		t.Error(a.Body)
	}
}

func TestEveryPageHasSecurityHeaders(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for _, path := range []string{"/", "/graphql", "/schema.graphql", "/healthz", "/readyz", "/nowhere", "/assets/graphiql/nothing"} {
		h := g.Get(t, path).Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestTheGatewayIsAliveAndReady(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for _, path := range []string{"/healthz", "/readyz"} {
		if status := g.Get(t, path).Status; status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestAWildcardForEveryOriginIsRefusedAtStart(t *testing.T) {
	err := harness.Run(t.Context(), []string{"-addr=127.0.0.1:0", "-cors-origins=*"}, io.Discard, io.Discard)
	if err == nil || !strings.HasPrefix(err.Error(), "cors-origins: ") {
		t.Error(err)
	}
}

// GraphQL over HTTP, from a page of a listed origin: the preflight, and the answer that the page
// may read.
func TestAPageOfAListedOriginMayAsk(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-cors-origins=https://app.example.com")
	for origin, want := range map[string]string{"https://app.example.com": "https://app.example.com", "https://evil.example.com": ""} {
		a := g.Send(t, "POST", "/graphql", harness.QueryBody("{__typename}"), http.Header{"Origin": {origin}})
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: %q", origin, got)
		}
	}
}
