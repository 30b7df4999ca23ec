package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// identity is a caller: a token in one of the headers that carry one. The same token in another header is another caller.
type identity struct{ header, token string }

func identities() []identity {
	all := make([]identity, 0, 9)
	for i := range 3 {
		token := fmt.Sprintf("glpat-secret-%d", i)
		all = append(all, identity{"PRIVATE-TOKEN", token}, identity{"Authorization", "Bearer " + token}, identity{"JOB-TOKEN", token})
	}
	return all
}

// mark stands in all that the upstream answers to an identity, and in nothing else; it does not tell the token.
func (i identity) mark() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.header + ": " + i.token))
	return fmt.Sprintf("m%016x", h.Sum64())
}

var anyMark = regexp.MustCompile(`m[0-9a-f]{16}`)

// refuses says which projects the upstream keeps from an identity.
func (i identity) refuses(project string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.mark() + project))
	return h.Sum64()%4 == 0
}

// mirror is an upstream that answers with its caller's own mark, in an order of its own.
type mirror struct {
	shuffle *shuffle
}

func (m mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := identity{}
	for _, header := range []string{"PRIVATE-TOKEN", "Authorization", "JOB-TOKEN"} {
		if token := r.Header.Get(header); token != "" {
			caller = identity{header, token}
		}
	}
	m.shuffle.wait()
	w.Header().Set("Content-Type", "application/json")
	project := strings.Split(r.URL.Path, "/")[4]
	if caller.refuses(project) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"message":"403 Forbidden - %s"}`, caller.mark())
		return
	}
	rows := make([]string, 3)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"name":"%s of %s #%[1]d","stage":"test","status":"success","ref":"main","created_at":"2026-03-02T11:00:00.000Z","web_url":"http://h","pipeline":{"id":7,"project_id":%[3]s}}`, 9-i, caller.mark(), project)
	}
	if strings.HasSuffix(r.URL.Path, "/trigger_jobs") {
		rows = nil
	}
	_, _ = io.WriteString(w, "["+strings.Join(rows, ",")+"]")
}

// shuffle lets those who wait go one by one, in any order.
type shuffle struct {
	mu      sync.Mutex
	random  *rand.Rand
	waiting []chan struct{}
	come    chan struct{}
}

// newShuffle shuffles until the test ends.
func newShuffle(t testing.TB, seed uint64) *shuffle {
	s := &shuffle{random: rand.New(rand.NewPCG(seed, 0)), come: make(chan struct{}, 1024)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range s.come {
			s.release()
		}
	}()
	t.Cleanup(func() { close(s.come); <-done })
	return s
}

func (s *shuffle) wait() {
	mine := make(chan struct{})
	s.mu.Lock()
	s.waiting = append(s.waiting, mine)
	s.mu.Unlock()
	s.come <- struct{}{}
	<-mine
}

func (s *shuffle) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, last := s.random.IntN(len(s.waiting)), len(s.waiting)-1
	close(s.waiting[i])
	s.waiting[i] = s.waiting[last]
	s.waiting = s.waiting[:last]
}

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
	return question{sharedDocuments[r.IntN(2)], []string{"List", "Other"}[r.IntN(2)], fmt.Sprint(1 + r.IntN(3)), r.IntN(2) == 0, r.IntN(2) == 0}
}

// ask sends the question as an identity, and returns the answer and its content type.
func (q question) ask(t *testing.T, g *gateway, i identity) (body []byte, contentType string) {
	t.Helper()
	sent, err := json.Marshal(map[string]any{"query": q.document, "operationName": q.operation, "variables": map[string]any{"p": q.project, "names": q.names}})
	if err != nil {
		t.Error(err)
		return nil, ""
	}
	request, err := http.NewRequest(http.MethodPost, g.address+"/graphql", bytes.NewReader(sent))
	if err != nil {
		t.Error(err)
		return nil, ""
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", q.accept())
	request.Header.Set(i.header, i.token)
	response, err := g.client.Do(request)
	if err != nil {
		t.Error(err)
		return nil, ""
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return body, response.Header.Get("Content-Type")
}

func (q question) accept() string {
	if q.modern {
		return "application/graphql-response+json"
	}
	return "application/json"
}

// check fails for whatever another identity or another question would have been answered.
func (q question) check(t *testing.T, i identity, body []byte, contentType string) {
	t.Helper()
	text := string(body)
	for _, mark := range anyMark.FindAllString(text, -1) {
		if mark != i.mark() {
			t.Errorf("%v was told what %s sees: %s", i, mark, text)
		}
	}
	root := map[string]string{"List": "project", "Other": "other"}[q.operation]
	if root == "project" && strings.Contains(q.document, "pipeline") {
		root = "pipeline"
	}
	switch forbidden := i.refuses(q.project); {
	case !strings.HasPrefix(contentType, q.accept()):
		t.Errorf("%+v: answered as %s", q, contentType)
	case !strings.Contains(text, `"`+root+`":`):
		t.Errorf("%+v: another operation's answer: %s", q, text)
	case strings.Contains(text, `"code":"FORBIDDEN"`) != forbidden || strings.Contains(text, `"errors"`) != forbidden:
		t.Errorf("%+v (forbidden: %t): %s", q, forbidden, text)
	case !forbidden && strings.Count(text, `"databaseId":`) != 3:
		t.Errorf("%+v: other rows: %s", q, text)
	case !forbidden && strings.Count(text, i.mark()+" of "+q.project+" #") != map[bool]int{true: 3, false: 0}[q.names]:
		t.Errorf("%+v: another project's or selection's answer: %s", q, text)
	}
}

// TestNobodyIsToldWhatAnotherCallerSees has many callers ask the same questions at the same time.
func TestNobodyIsToldWhatAnotherCallerSees(t *testing.T) {
	const callers, rounds, seed = 64, 50, 20260302
	t.Logf("seed %d", seed)
	g := startGateway(t, mirror{newShuffle(t, seed)})
	everyone := identities()
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
	calls, alone := len(g.upstream.sorted()), callers*rounds*3/2
	t.Logf("%d questions, %d calls", callers*rounds, calls)
	if calls > alone*95/100 {
		t.Errorf("%d calls where %d would do without sharing: nothing was put to the test", calls, alone)
	}
}
