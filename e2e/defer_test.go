package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

const (
	older       = "multipart/mixed;deferSpec=20220824"
	newer       = "multipart/mixed;incrementalSpec=v0.2"
	deferToken  = "glpat-deferring"
	partHead    = "\r\nContent-Type: application/json\r\n\r\n"
	partTail    = "\r\n--graphql"
	jobAndLog   = `{ job(project: 1, id: 101) { name ... @defer(label: "log") { log { text } } } }`
	tracePath   = "/api/v4/projects/1/jobs/101/trace"
	deferredJob = 101
)

// deferredJobs is a project with a pipeline of three jobs, of which two have a log.
func deferredJobs(b *fakegitlab.Builder) {
	user := b.User(fakegitlab.User{Username: "reader"})
	b.Token(deferToken, fakegitlab.Token{User: user, Scopes: []string{"api"}})
	project := b.Project(1, "group/app", fakegitlab.Project{})
	project.Member(user, fakegitlab.Maintainer)
	pipeline := project.Pipeline(11, fakegitlab.Pipeline{Ref: "main"})
	for i, log := range []string{"one <two>", "three", ""} {
		job := fakegitlab.Job{Name: "job-" + strconv.Itoa(i), Stage: "build"}
		if job.Log.Text = log; log == "" {
			job.Status, job.Log.None = fakegitlab.Running, true
		}
		pipeline.Job(deferredJob+int64(i), job)
	}
}

// deferring is a gateway before the deferred jobs.
func deferring(
	t *testing.T, o harness.HeldOptions, flags ...string,
) (*harness.Gateway, *harness.Held, *harness.Recorder) {
	t.Helper()
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: deferredJobs})
	recorder := &harness.Recorder{}
	recorder.Replace(gitlab)
	if o.Only == nil {
		o.Only = func(*http.Request) bool { return false }
	}
	held := harness.Hold(recorder, o)
	t.Cleanup(held.Release)
	return harness.Start(t, held, flags...), held, recorder
}

// asPart is how a payload goes over the wire, but for its boundaries.
func asParts(payloads ...string) string {
	var b strings.Builder
	b.WriteString("--graphql")
	for _, p := range payloads {
		b.WriteString(partHead + p + partTail)
	}
	return b.String() + "--\r\n"
}

func accepting(accept string) http.Header {
	return http.Header{"Accept": {accept}, "Private-Token": {deferToken}}
}

func TestDeferredFragmentsInBothFormats(t *testing.T) {
	const log = `{"log":{"text":"one <two>"}}`
	const first = `{"data":{"job":{"name":"job-0"}},`
	for _, server := range []string{"-fast-server=true", "-fast-server=false"} {
		g, _, _ := deferring(t, harness.HeldOptions{}, server)
		for name, c := range map[string]struct{ accept, query, want string }{
			"20220824": {older, jobAndLog, asParts(first+`"hasNext":true}`,
				`{"incremental":[{"data":`+log+`,"path":["job"],"label":"log"}],"hasNext":false}`)},
			"v0.2": {newer, jobAndLog, asParts(first+`"pending":[{"id":"0","path":["job"],"label":"log"}],"hasNext":true}`,
				`{"incremental":[{"id":"0","data":`+log+`}],"completed":[{"id":"0"}],"hasNext":false}`)},
			"at the root": {newer, `{ __typename ...f @defer } fragment f on Query { job(project: 1, id: 101) { name } }`,
				asParts(`{"data":{"__typename":"Query"},"pending":[{"id":"0","path":[]}],"hasNext":true}`,
					`{"incremental":[{"id":"0","data":{"job":{"name":"job-0"}}}],"completed":[{"id":"0"}],"hasNext":false}`)},
			"everything": {older, `{ job(project: 1, id: 101) { ... @defer { name } } }`,
				asParts(`{"data":{"job":{}},"hasNext":true}`,
					`{"incremental":[{"data":{"name":"job-0"},"path":["job"]}],"hasNext":false}`)},
			"what was sent is not sent again": {newer, `{ job(project: 1, id: 101) { name pipeline { status } ... @defer { name log { text } pipeline { status ref } } } }`,
				asParts(`{"data":{"job":{"name":"job-0","pipeline":{"status":"RUNNING"}}},"pending":[{"id":"0","path":["job"]}],"hasNext":true}`,
					`{"incremental":[{"id":"0","data":{"log":{"text":"one <two>"}}},{"id":"0","data":{"ref":"main"},"subPath":["pipeline"]}],"completed":[{"id":"0"}],"hasNext":false}`)},
			"each object of a list": {older, `{ project(id: 1) { jobs(first: 3) { nodes { name ... @defer(label: "l") { log { text } } } } } }`,
				asParts(`{"data":{"project":{"jobs":{"nodes":[{"name":"job-2"},{"name":"job-1"},{"name":"job-0"}]}}},"hasNext":true}`,
					`{"incremental":[{"data":{"log":{"text":""}},"path":["project","jobs","nodes",0],"label":"l"},`+
						`{"data":{"log":{"text":"three"}},"path":["project","jobs","nodes",1],"label":"l"},`+
						`{"data":`+log+`,"path":["project","jobs","nodes",2],"label":"l"}],"hasNext":false}`)},
			"nested": {newer, `{ job(project: 1, id: 101) { name ... @defer(label: "a") { stage ... @defer(label: "b") { log { text } } } } }`,
				asParts(first+`"pending":[{"id":"0","path":["job"],"label":"a"}],"hasNext":true}`,
					`{"pending":[{"id":"1","path":["job"],"label":"b"}],"incremental":[{"id":"0","data":{"stage":"build"}}],"completed":[{"id":"0"}],"hasNext":true}`,
					`{"incremental":[{"id":"1","data":`+log+`}],"completed":[{"id":"1"}],"hasNext":false}`)},
			"a fragment on another type": {older, `{ node(id: "gid://gitlab/Project/1/Job/101") { id ... on Bridge @defer { name } } }`,
				asParts(`{"data":{"node":{"id":"gid://gitlab/Project/1/Job/101"}},"hasNext":true}`, `{"hasNext":false}`)},
		} {
			t.Run(server+" "+name, func(t *testing.T) {
				a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(c.query), accepting(c.accept+", application/json"))
				if got := string(a.Body); got != c.want {
					t.Errorf("got  %q\nwant %q", got, c.want)
				}
				kind, spec, _ := strings.Cut(c.accept, ";")
				if want := kind + `;boundary="graphql";` + spec; a.Header.Get("Content-Type") != want {
					t.Errorf("Content-Type %q, want %q", a.Header.Get("Content-Type"), want)
				}
			})
		}
	}
}

// Without a format that the client names, and where nothing is deferred, there is one answer.
func TestOneAnswerWhereNothingIsDeferred(t *testing.T) {
	g, _, _ := deferring(t, harness.HeldOptions{})
	const whole = `{"data":{"job":{"name":"job-0","log":{"text":"one <two>"}}}}`
	off := strings.Replace(jobAndLog, `@defer(label: "log")`, "@defer(if: false)", 1)
	skipped := strings.Replace(jobAndLog, `@defer(label: "log")`, "@defer @include(if: false)", 1)
	missing := strings.Replace(jobAndLog, "id: 101", "id: 999", 1)
	for name, c := range map[string]struct{ accept, query, want string }{
		"JSON":                {"application/json", jobAndLog, whole},
		"anything":            {"*/*", jobAndLog, whole},
		"another version":     {"multipart/mixed;deferSpec=20991231, application/json", jobAndLog, whole},
		"refused":             {older + ";q=0, application/json", jobAndLog, whole},
		"switched off":        {newer + ", application/json", off, whole},
		"left out":            {newer + ", application/json", skipped, `{"data":{"job":{"name":"job-0"}}}`},
		"nothing to defer on": {older + ", application/json", missing, `{"errors":[{"message":"404 Not found","path":["job"],"locations":[{"line":1,"column":3}],"extensions":{"code":"NOT_FOUND"}}],"data":{"job":null}}`},
		"nothing but parts":   {newer, off, asParts(`{"data":{"job":{"name":"job-0","log":{"text":"one <two>"}}},"hasNext":false}`)},
		"a mutation":          {older + ", application/json", `mutation { jobCancel(input: {id: "gid://gitlab/Project/1/Job/103"}) { job { ... @defer { name } } } }`, `{"data":{"jobCancel":{"job":{"name":"job-2"}}}}`},
	} {
		a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(c.query), accepting(c.accept))
		if string(a.Body) != c.want {
			t.Errorf("%s: %s\nwant %s", name, a, c.want)
		}
	}
	for accept, format := range map[string]string{
		"multipart/mixed, application/json":                                       "deferSpec=20220824", // as urql sends
		older + ", " + newer + ", application/json":                               "incrementalSpec=v0.2",
		older + ", " + newer + ";q=0.5, application/json":                         "deferSpec=20220824",
		"application/json, text/event-stream, multipart/mixed":                    "deferSpec=20220824",
		`multipart/mixed;subscriptionSpec="1.0", ` + newer + ", application/json": "incrementalSpec=v0.2",
	} {
		a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(jobAndLog), accepting(accept))
		if !strings.HasSuffix(a.Header.Get("Content-Type"), format) {
			t.Errorf("%s: %s", accept, a.Header.Get("Content-Type"))
		}
	}
}

// parts are the parts of an answer as they arrive.
type parts struct {
	t    *testing.T
	body *bufio.Reader
}

// beginParts sends a query, and returns its answer once its head is there.
func beginParts(t *testing.T, g *harness.Gateway, accept, query string) (p *parts, goAway func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), harness.Patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.Address+"/graphql", strings.NewReader(harness.QueryBody(query)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = accepting(accept + ", application/json")
	r.Header.Set("Content-Type", "application/json")
	response, err := g.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	p = &parts{t, bufio.NewReader(response.Body)}
	p.expect("--graphql")
	return p, cancel
}

// expect reads as many bytes as the text has, which must be the text.
func (p *parts) expect(text string) {
	p.t.Helper()
	got := make([]byte, len(text))
	if n, err := io.ReadFull(p.body, got); err != nil || string(got) != text {
		p.t.Fatalf("got  %q, %v\nwant %q", got[:n], err, text)
	}
}

func (p *parts) next(payload string) { p.t.Helper(); p.expect(partHead + payload + partTail) }

func ofTrace(r *http.Request) bool { return r.URL.Path == tracePath }

// The first part is there while GitLab has not answered for the log.
func TestTheFirstPartDoesNotWaitForWhatIsDeferred(t *testing.T) {
	for _, server := range []string{"-fast-server=true", "-fast-server=false"} {
		g, held, recorder := deferring(t, harness.HeldOptions{Only: ofTrace}, server)
		p, _ := beginParts(t, g, older, jobAndLog)
		p.next(`{"data":{"job":{"name":"job-0"}},"hasNext":true}`)
		harness.Receive(t, "the call for the log", held.Arrived)
		held.Release()
		p.next(`{"incremental":[{"data":{"log":{"text":"one <two>"}},"path":["job"],"label":"log"}],"hasNext":false}`)
		p.expect("--\r\n")
		if calls := recorder.Calls(); !slices.Equal(calls, []string{"GET /projects/1/jobs/101 200", "GET /projects/1/jobs/101/trace 200"}) {
			t.Errorf("calls %q", calls)
		}
	}
}

// Of two fragments, the one that is ready first is sent first.
func TestFragmentsAreSentAsTheyAreReady(t *testing.T) {
	g, held, _ := deferring(t, harness.HeldOptions{Only: ofTrace})
	p, _ := beginParts(t, g, newer, `{ job(project: 1, id: 101) { name ... @defer { log { text } } pipeline { ... @defer { ref } } } }`)
	p.next(`{"data":{"job":{"name":"job-0","pipeline":{}}},"pending":[{"id":"0","path":["job"]},{"id":"1","path":["job","pipeline"]}],"hasNext":true}`)
	p.next(`{"incremental":[{"id":"1","data":{"ref":"main"}}],"completed":[{"id":"1"}],"hasNext":true}`)
	held.Release()
	p.next(`{"incremental":[{"id":"0","data":{"log":{"text":"one <two>"}}}],"completed":[{"id":"0"}],"hasNext":false}`)
	p.expect("--\r\n")
}

// What was read for one part is not read for another, by either engine, and a list that leads to a
// fragment is one list whatever else is selected beside it.
func TestPartsShareTheirReads(t *testing.T) {
	const query = `{ pipeline(project: 1, id: 11) { jobs(first: 1) { nodes { name ... @defer { stage webUrl } ... @defer { pipeline { ref } } } } ` +
		`all: jobs(first: 100) { nodes { id } } stages { name } } }`
	for _, engine := range []string{"-fast-queries=true", "-fast-queries=false"} {
		g, _, recorder := deferring(t, harness.HeldOptions{}, engine)
		a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(query), accepting(older+", application/json"))
		if n := strings.Count(string(a.Body), `"path":["pipeline","jobs","nodes",0]`); n != 2 {
			t.Errorf("%s: %s", engine, a)
		}
		calls := recorder.Calls()
		if slices.Sort(calls); len(slices.Compact(calls)) != len(recorder.Calls()) {
			t.Errorf("%s: a path is read twice: %q", engine, recorder.Calls())
		}
	}
}

// The bill of a part is that of the request so far.
func TestThePartsHaveOneBill(t *testing.T) {
	g, _, _ := deferring(t, harness.HeldOptions{})
	body := strings.TrimSuffix(harness.QueryBody(jobAndLog), "}") + `,"extensions":{"upstream":true}}`
	a := g.Send(t, http.MethodPost, "/graphql", body, accepting(older+", application/json"))
	first, last, _ := strings.Cut(string(a.Body), partTail+partHead)
	if !strings.Contains(first, `"calls":1`) || !strings.Contains(last, `"calls":2`) || strings.Contains(first+last, "Pending") {
		t.Errorf("%s", a)
	}
}

func TestErrorsOfDeferredFragments(t *testing.T) {
	const failure = `{"message":"Forbidden","path":["job","log"],"locations":[{"line":1,"column":62}],"extensions":{"code":"FORBIDDEN"}}`
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: deferredJobs})
	g := harness.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ofTrace(r) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		gitlab.ServeHTTP(w, r)
	}))
	for accept, want := range map[string]string{
		older: asParts(`{"data":{"job":{"name":"job-0"}},"hasNext":true}`,
			`{"incremental":[{"errors":[`+failure+`],"data":{"log":null},"path":["job"],"label":"log"}],"hasNext":false}`),
		newer: asParts(`{"data":{"job":{"name":"job-0"}},"pending":[{"id":"0","path":["job"],"label":"log"}],"hasNext":true}`,
			`{"incremental":[{"id":"0","errors":[`+failure+`],"data":{"log":null}}],"completed":[{"id":"0"}],"hasNext":false}`),
	} {
		a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(jobAndLog), accepting(accept+", application/json"))
		if string(a.Body) != want {
			t.Errorf("got  %q\nwant %q", a.Body, want)
		}
	}
}

// One deadline holds for all parts of a request, and a part that misses it has an error.
func TestTheTimeOfARequestIsThatOfItsParts(t *testing.T) {
	g, _, _ := deferring(t, harness.HeldOptions{Only: ofTrace}, "-request-timeout=500ms")
	p, _ := beginParts(t, g, older, jobAndLog)
	p.next(`{"data":{"job":{"name":"job-0"}},"hasNext":true}`)
	p.next(`{"incremental":[{"errors":[{"message":"the request took longer than 500ms","path":["job","log"],"locations":[{"line":1,"column":62}],` +
		`"extensions":{"code":"REQUEST_TIMEOUT","limit":"request-timeout","value":"500ms"}}],"data":{"log":null},"path":["job"],"label":"log"}],"hasNext":false}`)
	p.expect("--\r\n")
}

// A client that goes away in the middle ends what is read for it.
func TestAClientThatLeavesEndsItsParts(t *testing.T) {
	for _, server := range []string{"-fast-server=true", "-fast-server=false"} {
		g, held, _ := deferring(t, harness.HeldOptions{Only: ofTrace}, server)
		p, goAway := beginParts(t, g, newer, jobAndLog)
		p.next(`{"data":{"job":{"name":"job-0"}},"pending":[{"id":"0","path":["job"],"label":"log"}],"hasNext":true}`)
		harness.Receive(t, "the call for the log", held.Arrived)
		goAway()
		harness.Receive(t, "the end of the call for the log", held.Gone)
	}
}

func TestLimitsOfDeferredFragments(t *testing.T) {
	g, _, _ := deferring(t, harness.HeldOptions{}, "-max-answer-bytes=70")
	a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(
		`{ job(project: 1, id: 101) { name ... @defer { id webUrl } } }`), accepting(older+", application/json"))
	if !strings.Contains(string(a.Body), `"name":"job-0"`) || !strings.Contains(string(a.Body), "ANSWER_TOO_LARGE") {
		t.Errorf("the length of all parts: %s", a)
	}
	var many strings.Builder
	for i := range 21 {
		fmt.Fprintf(&many, "a%d: job(project: 1, id: 101) { ...f } ", i)
	}
	for name, c := range map[string]struct{ query, code string }{
		"too many":            {"{ " + many.String() + "} fragment f on Job { ... @defer { name } }", "QUERY_TOO_COMPLEX"},
		"a root of mutation":  {`mutation { ... @defer { jobCancel(input: {id: "1"}) { job { id } } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a subscription":      {`subscription { jobUpdated(id: "1") { ... @defer { name } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a label twice":       {`{ ... @defer(label: "a") { __typename } ... @defer(label: "a") { __typename } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a label that varies": {`query($l: String) { ... @defer(label: $l) { __typename } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a field":             {`{ job(project: 1, id: 101) @defer { name } }`, "GRAPHQL_VALIDATION_FAILED"},
	} {
		if a := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(c.query), accepting("application/json")); a.Code() != c.code {
			t.Errorf("%s: %s", name, a)
		}
	}
}

// A trusted document may defer too.
func TestATrustedDocumentIsAnsweredInParts(t *testing.T) {
	file := manifest(t, "job-and-log", jobAndLog)
	g, _, _ := deferring(t, harness.HeldOptions{}, "-trusted-documents="+file, "-unlisted-documents=refuse")
	for _, path := range []string{"/graphql/job-and-log", "/graphql?documentId=job-and-log"} {
		a := g.Send(t, http.MethodGet, path, "", accepting(newer+", application/json"))
		if strings.Count(string(a.Body), "hasNext") != 2 || a.Header.Get("ETag") != "" || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%v %s", a.Header, a)
		}
	}
}
