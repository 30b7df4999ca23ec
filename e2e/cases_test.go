package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

var update = flag.Bool("update", false, "rewrite what the end-to-end cases want, and the generated parts of the documents")

// A case is a folder of testdata/cases:
//
//	query.graphql   what is asked
//	variables.json  its variables, where it has some
//	headers.json    the request's headers; the maintainer's token where the file is missing
//	setup.json      how upstream and gateway differ from the usual, where they do
//	want.json       the answer, its errors in order of their path
//	calls.txt       every REST call that it may make, sorted: method, path below /api/v4, status
//
// To add one, write the query and run: go test ./e2e -run TestCases -update
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) < 40 {
		t.Errorf("%d cases, want 40 and more", len(folders))
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			runCase(t, folder)
		})
	}
}

// setup is what setup.json may say.
type setup struct {
	Release  string   // "older17", or the newest
	OwnLinks bool     // GitLab's links lead to the address that it is called by, not to its configured one
	Flags    []string // of the gateway
	Faults   []fault
	Answers  map[string]json.RawMessage // what some paths below /api/v4 answer in the simulator's place
}

// fault is a fakegitlab.Fault with its kind as a word.
type fault struct {
	Kind                        string
	Match, RetryAfter, Location string
	Times, Status               int
}

var faultKinds = map[string]fakegitlab.FaultKind{
	"reset": fakegitlab.ResetConnection, "truncated": fakegitlab.TruncatedJSON, "invalid": fakegitlab.InvalidJSON, "html": fakegitlab.HTMLPage,
	"status": fakegitlab.ErrorStatus, "lost": fakegitlab.AnswerLost, "redirect": fakegitlab.Redirect,
	"hang": fakegitlab.HangBeforeHeaders, "throttled": fakegitlab.ThrottledByRack,
	"endpoint": fakegitlab.ThrottledByEndpoint,
}

// pages are the cases that both engines have to answer, with the same calls.
var pages = []string{
	"a-job-that-its-list-has-brought", "a-node-of-each-kind", "a-pipeline-of-480-jobs", "a-pipeline-with-every-field",
	"attempts", "bridges-beside-downstream", "jobs-beside-their-pipelines-list", "page-a-job-and-those-around-it",
	"page-attempts", "page-descendants", "page-failing-now", "page-pipeline", "page-pipelines", "page-runner",
	"page-what-can-be-done", "pipelines",
}

// The pages that frontends draw are projected, as the metrics tell, and the executor answers them
// with the same calls.
func TestPagesAreProjected(t *testing.T) {
	for _, name := range pages {
		for flag, count := range map[string]int{"-fast-queries=true": 1, "-fast-queries=false": 0} {
			t.Run(name+" "+flag, func(t *testing.T) {
				t.Parallel()
				metrics := runCase(t, filepath.Join("testdata/cases", name), flag).Get(t, "/metrics").String()
				want := fmt.Sprintf(`jobgraph_engine_operations_total{engine="projection",reason=""} %d`, count)
				if !strings.Contains(metrics, want) {
					t.Errorf("the metrics lack %s", want)
				}
			})
		}
	}
}

// runCase compares the answer and the calls of a case with its files, and returns the gateway.
func runCase(t *testing.T, folder string, flags ...string) *harness.Gateway {
	query, err := os.ReadFile(filepath.Join(folder, "query.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	header := harness.As(harness.MaintainerToken)
	if given := optional[map[string]string](t, folder, "headers.json"); given != nil {
		header = http.Header{}
		for name, value := range *given {
			header.Set(name, value)
		}
	}
	var variables json.RawMessage
	if given := optional[json.RawMessage](t, folder, "variables.json"); given != nil {
		variables = *given
	}
	s := optional[setup](t, folder, "setup.json")
	if s == nil {
		s = &setup{}
	}
	g := harness.Start(t, s.upstream(), append(flags, s.Flags...)...)
	body := g.Post(t, harness.Operation{Query: string(query), Variables: variables}, header)
	golden(t, filepath.Join(folder, "want.json"), readable(t, body.Body))
	golden(t, filepath.Join(folder, "calls.txt"), []byte(strings.Join(append(g.Upstream.Calls(), ""), "\n")))
	return g
}

func (s *setup) upstream() http.Handler {
	o := fakegitlab.Options{Dataset: harness.Company, Now: func() time.Time { return harness.Noon }, URL: "https://gitlab.example.com"}
	if s.Release == "older17" {
		o.Release = fakegitlab.Older17
	}
	if s.OwnLinks {
		o.URL = ""
	}
	gitlab := fakegitlab.New(o)
	for _, f := range s.Faults {
		gitlab.Inject(fakegitlab.Fault{
			Kind: faultKinds[f.Kind], Match: f.Match, Times: f.Times,
			Status: f.Status, RetryAfter: f.RetryAfter, Location: f.Location,
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, given := s.Answers[strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4")]
		if !given {
			gitlab.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	})
}

// optional reads a JSON file of a case; nil where there is none.
func optional[T any](t *testing.T, folder, name string) *T {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	var v T
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s/%s: %v", folder, name, err)
	}
	return &v
}

// readable is an answer with line breaks, its data in the query's order and its errors in that of
// their paths: fields that are resolved side by side fail in any order.
func readable(t *testing.T, body []byte) []byte {
	t.Helper()
	var answer struct {
		Errors     []json.RawMessage `json:"errors,omitempty"`
		Data       json.RawMessage   `json:"data,omitempty"`
		Extensions json.RawMessage   `json:"extensions,omitempty"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	slices.SortFunc(answer.Errors, func(a, b json.RawMessage) int { return cmp.Compare(errorPlace(a), errorPlace(b)) })
	whole, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	write(&text, whole, "")
	text.WriteByte('\n')
	return text.Bytes()
}

// lineLength is how long a line of a golden file may be: what fits is not broken, so that a page of
// jobs stays a page.
const lineLength = 140

// write prints JSON with its keys as they come, broken only where a line would be too long.
func write(to *bytes.Buffer, value json.RawMessage, indent string) {
	d := json.NewDecoder(bytes.NewReader(value))
	open, _ := d.Token()
	if len(indent)+len(value) <= lineLength || open != json.Delim('{') && open != json.Delim('[') {
		to.Write(value)
		return
	}
	inner := indent + "  "
	fmt.Fprint(to, open)
	for first := true; d.More(); first = false {
		if !first {
			to.WriteByte(',')
		}
		to.WriteString("\n" + inner)
		if open == json.Delim('{') {
			key, _ := d.Token()
			fmt.Fprintf(to, "%q: ", key)
		}
		var element json.RawMessage
		_ = d.Decode(&element) // the value has been decoded before
		write(to, element, inner)
	}
	shut, _ := d.Token()
	fmt.Fprint(to, "\n"+indent, shut)
}

// errorPlace is what errors are sorted by.
func errorPlace(e json.RawMessage) string {
	var shown struct {
		Path    json.RawMessage
		Message string
	}
	_ = json.Unmarshal(e, &shown)
	return string(shown.Path) + shown.Message
}

// golden compares with a file, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if difference := gocmp.Diff(string(want), string(got)); difference != "" {
		t.Errorf("%s (-want +got):\n%s", name, difference)
	}
}
