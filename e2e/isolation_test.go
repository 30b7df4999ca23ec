package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"jobgraph/e2e/harness"
)

// question is one request of a caller: what changes its answer beside the document's text varies.
type question struct {
	document, operation, project string
	names, modern                bool
}

// questions share their documents, so that all that is kept by document is shared between callers.
var sharedDocuments = []string{
	`query List($p: ID!, $names: Boolean!) { project(id: $p) { jobs { nodes { databaseId name @include(if: $names) } } } } query Other($p: ID!, $names: Boolean!) { other: project(id: $p) { jobs { nodes { databaseId name @include(if: $names) } } } }`,
	`query List($p: ID!, $names: Boolean!) { pipeline(project: $p, id: "7") { stages { jobs { databaseId name @include(if: $names) } } } } query Other($p: ID!, $names: Boolean!) { other: pipeline(project: $p, id: "7") { stages { jobs { databaseId name @include(if: $names) } } } }`,
}

func anyQuestion(r *rand.Rand) question {
	return question{
		document:  sharedDocuments[r.IntN(2)],
		operation: []string{"List", "Other"}[r.IntN(2)],
		project:   fmt.Sprint(1 + r.IntN(3)),
		names:     r.IntN(2) == 0,
		modern:    r.IntN(2) == 0,
	}
}

// ask sends the question as an harness.Identity, and returns the answer and its content type.
func (q question) ask(t *testing.T, g *harness.Gateway, i harness.Identity) (body []byte, contentType string) {
	t.Helper()
	variables, err := json.Marshal(map[string]any{"p": q.project, "names": q.names})
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Accept": {q.accept()}}
	header.Set(i.Header, i.Token)
	answer := g.Post(t, harness.Operation{Query: q.document, OperationName: q.operation, Variables: variables}, header)
	return answer.Body, answer.Header.Get("Content-Type")
}

func (q question) accept() string {
	if q.modern {
		return "application/graphql-response+json"
	}
	return "application/json"
}

// check fails for an answer that belongs to another identity or to another question.
func (q question) check(t *testing.T, i harness.Identity, body []byte, contentType string) {
	t.Helper()
	text := string(body)
	for _, mark := range harness.AnyMark.FindAllString(text, -1) {
		if mark != i.Mark() {
			t.Errorf("%v was told what %s sees: %s", i, mark, text)
		}
	}
	root := map[string]string{"List": "project", "Other": "other"}[q.operation]
	if root == "project" && strings.Contains(q.document, "pipeline") {
		root = "pipeline"
	}
	switch forbidden := i.Refuses(q.project); {
	case !strings.HasPrefix(contentType, q.accept()):
		t.Errorf("%+v: answered as %s", q, contentType)
	case !strings.Contains(text, `"`+root+`":`):
		t.Errorf("%+v: another operation's answer: %s", q, text)
	case strings.Contains(text, `"code":"FORBIDDEN"`) != forbidden || strings.Contains(text, `"errors"`) != forbidden:
		t.Errorf("%+v (forbidden: %t): %s", q, forbidden, text)
	case !forbidden && strings.Count(text, `"databaseId":`) != 3:
		t.Errorf("%+v: other rows: %s", q, text)
	case !forbidden && strings.Count(text, i.Mark()+" of "+q.project+" #") != map[bool]int{true: 3, false: 0}[q.names]:
		t.Errorf("%+v: another project's or selection's answer: %s", q, text)
	}
}

// TestNobodyIsToldWhatAnotherCallerSees has many callers ask the same questions at the same time.
func TestNobodyIsToldWhatAnotherCallerSees(t *testing.T) {
	const callers, rounds, seed = 64, 50, 20260302
	t.Logf("seed %d", seed)
	g := harness.Start(t, harness.Mirror(t, seed))
	everyone := harness.Identities()
	var group sync.WaitGroup
	for n := range callers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(n+1)))
			for range rounds {
				i, q := everyone[random.IntN(len(everyone))], anyQuestion(random)
				body, contentType := q.ask(t, g, i)
				q.check(t, i, body, contentType)
			}
		})
	}
	group.Wait()
	// A question takes one call or two, by its document: in the mean, 1.5.
	calls, alone := len(g.Upstream.Calls()), callers*rounds*3/2
	t.Logf("%d questions, %d calls", callers*rounds, calls)
	if calls > alone*95/100 {
		t.Errorf("%d calls where %d would do without sharing: nothing was put to the test", calls, alone)
	}
}
