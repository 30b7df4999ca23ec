package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/graph/errcode"
	"jobgraph/internal/fakegitlab"
)

const namedQuery = `query Job($id: ID!) { job(project: "1", id: $id) { name status } }`

// manifest writes a manifest of trusted documents in Apollo's form.
func manifest(t *testing.T, id, text string) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{
		"format": "apollo-persisted-query-manifest", "version": 1,
		"operations": []map[string]string{{"id": id, "name": "Job", "type": "query", "body": text}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// jobByID is the answer to namedQuery for the first job of the demo.
func jobByID(t *testing.T, g *harness.Gateway) string {
	t.Helper()
	variables := json.RawMessage(`{"id":"26549"}`)
	a := g.Post(t, harness.Operation{Query: namedQuery, Variables: variables}, harness.As(fakegitlab.TokenMaintainer))
	if a.Errors != nil {
		t.Fatal(a)
	}
	return string(a.Body)
}

func TestTrustedDocumentsAreNamedOverEachTransport(t *testing.T) {
	file := manifest(t, "job-v1", namedQuery)
	open := harness.Start(t, fakegitlab.New(fakegitlab.Options{}))
	want := jobByID(t, open)
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-trusted-documents="+file, "-unlisted-documents=refuse")
	token := harness.As(fakegitlab.TokenMaintainer)
	variables := url.QueryEscape(`{"id":"26549"}`)
	for name, a := range map[string]harness.Answer{
		"POST":            g.Send(t, http.MethodPost, "/graphql", `{"documentId":"job-v1","variables":{"id":"26549"}}`, token),
		"GET":             g.Send(t, http.MethodGet, "/graphql?documentId=job-v1&variables="+variables, "", token),
		"GET by its path": g.Send(t, http.MethodGet, "/graphql/job-v1?variables="+variables, "", token),
		"its text":        g.Post(t, harness.Operation{Query: namedQuery, Variables: json.RawMessage(`{"id":"26549"}`)}, token),
	} {
		if string(a.Body) != want {
			t.Errorf("%s: %s", name, a)
		}
	}
	w := g.Connect(t, `{"PRIVATE-TOKEN":"`+fakegitlab.TokenMaintainer+`"}`)
	w.Send(`{"type":"subscribe","id":"1","payload":{"documentId":"job-v1","variables":{"id":"26549"}}}`)
	w.Expect(`{"type":"next","id":"1","payload":` + want + `}`)
	w.Expect(`{"type":"complete","id":"1"}`)
	w.Send(`{"type":"subscribe","id":"2","payload":{"query":"{__typename}"}}`)
	w.Expect(`{"type":"error","id":"2","payload":[{"message":"only documents that the operator has listed are executed here",` +
		`"extensions":{"code":"QUERY_NOT_IN_SAFELIST"}}]}`)
	for name, want := range map[string]string{
		`{"query":"{__typename}"}`:     errcode.QueryNotInSafelist,
		`{"documentId":"job-v2"}`:      errcode.PersistedQueryNotFound,
		`{"documentId":"","query":""}`: errcode.BadRequest,
	} {
		if a := g.Send(t, http.MethodPost, "/graphql", name, token); a.Code() != want {
			t.Errorf("%s: %s, want %s", name, a, want)
		}
	}
	if a := g.Send(t, http.MethodGet, "/graphql/job-v1?variables="+variables, "", http.Header{"Private-Token": {"none"}}); a.Code() != errcode.Unauthenticated {
		t.Errorf("a trusted document gave access: %s", a)
	}
}

func TestAnAutomaticPersistedQueryIsSentOnce(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}))
	want := jobByID(t, g)
	sum := sha256.Sum256([]byte(namedQuery))
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(sum[:]) + `"}}`
	byHash := `{"variables":{"id":"26549"},"extensions":` + extensions + `}`
	token := harness.As(fakegitlab.TokenMaintainer)
	unknown := g.Send(t, http.MethodPost, "/graphql", byHash, token)
	if a := unknown; a.Code() != errcode.PersistedQueryNotFound || a.Errors[0].Message != "PersistedQueryNotFound" {
		t.Errorf("before it was sent: %s", a)
	}
	text, _ := json.Marshal(namedQuery)
	both := strings.Replace(byHash, "{", `{"query":`+string(text)+`,`, 1)
	if a := g.Send(t, http.MethodPost, "/graphql", both, token); string(a.Body) != want {
		t.Errorf("with its hash: %s", a)
	}
	if a := g.Send(t, http.MethodPost, "/graphql", byHash, token); string(a.Body) != want {
		t.Errorf("by its hash: %s", a)
	}
	query := "/graphql?variables=" + url.QueryEscape(`{"id":"26549"}`) + "&extensions=" + url.QueryEscape(extensions)
	if a := g.Send(t, http.MethodGet, query, "", token); string(a.Body) != want {
		t.Errorf("by GET: %s", a)
	}
}

// An answer that a client has already is not sent again, and no cache but its own keeps one.
func TestAnswersToNamedDocumentsAreRevalidated(t *testing.T) {
	file := manifest(t, "job-v1", namedQuery)
	gitlab := fakegitlab.New(fakegitlab.Options{})
	g := harness.Start(t, gitlab, "-trusted-documents="+file)
	path := "/graphql/job-v1?variables=" + url.QueryEscape(`{"id":"26549"}`)
	first := g.Send(t, http.MethodGet, path, "", harness.As(fakegitlab.TokenMaintainer))
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%v", first.Header)
	}
	for _, name := range []string{"Authorization", "PRIVATE-TOKEN", "JOB-TOKEN"} {
		if !strings.Contains(first.Header.Get("Vary"), name) {
			t.Errorf("Vary does not name %s: %s", name, first.Header.Get("Vary"))
		}
	}
	again := harness.As(fakegitlab.TokenMaintainer)
	again.Set("If-None-Match", `"other", `+tag)
	a := g.Send(t, http.MethodGet, path, "", again)
	if a.Status != http.StatusNotModified || len(a.Body) != 0 || a.Header.Get("ETag") != tag {
		t.Errorf("%d %s %v", a.Status, a, a.Header)
	}
	gitlab.ChangeJob(26549, func(j *fakegitlab.Job) { j.Name = "renamed" })
	a = g.Send(t, http.MethodGet, path, "", again)
	if a.Status != http.StatusOK || !strings.Contains(a.String(), "renamed") {
		t.Errorf("after a change: %d %s", a.Status, a)
	}
	for name, a := range map[string]harness.Answer{
		"an error": g.Send(t, http.MethodGet, "/graphql/job-v1", "", again),
		"a POST":   g.Send(t, http.MethodPost, "/graphql", `{"documentId":"job-v1","variables":{"id":"26549"}}`, again),
	} {
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" {
			t.Errorf("%s may be kept: %v", name, a.Header)
		}
	}
}
