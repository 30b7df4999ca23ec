package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
)

// receive waits for what must come.
func receive[T any](t testing.TB, what string, from <-chan T) (v T) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v = <-from:
	case <-late.C:
		t.Fatalf("not yet: %s", what)
	}
	return v
}

// begin sends an operation and returns what makes its client go away, and where the answer comes: nil where the client has gone.
func (w *watched) begin(t testing.TB, query string) (goAway func(), answered <-chan []byte) {
	t.Helper()
	body, err := json.Marshal(operation{Query: query})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = as(maintainerToken)
	request.Header.Set("Content-Type", "application/json")
	answers := make(chan []byte, 1)
	go func() {
		var answer bytes.Buffer
		response, err := w.client.Do(request)
		if err == nil {
			_, _ = answer.ReadFrom(response.Body)
			_ = response.Body.Close()
		}
		answers <- answer.Bytes()
	}()
	return cancel, answers
}

func TestAClientThatGoesAwayEndsItsCalls(t *testing.T) {
	for way, query := range map[string]string{
		"by plan":      `{ project(id: "1") { jobs { nodes { name } } } }`,
		"by executor":  `{ pipeline(project: "1", id: "12") { stages { name } } }`,
		"side by side": `{ nodes(ids: ["gid://gitlab/Project/1/Job/101", "gid://gitlab/Project/1/Job/103"]) { ... on Job { name } } }`,
		"a log":        `{ job(project: "1", id: "101") { log { text } } }`,
		"a write":      `mutation { jobRetry(input: {id: "gid://gitlab/Project/1/Job/101"}) { retriedJobId } }`,
	} {
		for when, headersFirst := range map[string]bool{"before the headers": false, "after the headers": true} {
			t.Run(way+"/"+when, func(t *testing.T) {
				gitlab := smallSimulator(fakegitlab.Newest)
				arrived, ended := make(chan struct{}, 8), make(chan struct{}, 8)
				w := watch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if way == "a log" && !strings.HasSuffix(r.URL.Path, "/trace") {
						gitlab.ServeHTTP(w, r)
						return
					}
					if headersFirst {
						w.Header().Set("Content-Type", map[bool]string{true: "text/plain", false: "application/json"}[way == "a log"])
						_ = http.NewResponseController(w).Flush()
					}
					arrived <- struct{}{}
					<-r.Context().Done()
					ended <- struct{}{}
				}), nil)
				goAway, answered := w.begin(t, query)
				receive(t, "the call", arrived)
				goAway()
				receive(t, "the call's end", ended)
				receive(t, "the client's end", answered)
			})
		}
	}
}

// TestACallThatOthersWaitForTooIsAnsweredToThem has one of two callers go away, who may be the one whose call the other has joined.
func TestACallThatOthersWaitForTooIsAnsweredToThem(t *testing.T) {
	for way, q := range twins() {
		t.Run(way, func(t *testing.T) {
			gitlab := smallSimulator(fakegitlab.Newest)
			arrived, release := make(chan struct{}, 16), make(chan struct{})
			w := watch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				select {
				case <-release:
					gitlab.ServeHTTP(w, r)
				case <-r.Context().Done():
				}
			}), nil)
			goAway, gone := w.begin(t, q.query)
			receive(t, "the first call", arrived)
			_, answered := w.begin(t, q.query)
			goAway()
			receive(t, "the first client's end", gone)
			close(release)
			var answer twinAnswer
			body := receive(t, "the second client's answer", answered)
			if err := json.Unmarshal(body, &answer); err != nil || answer.Errors != nil || len(answer.Data.Hit.List) < 10 {
				t.Errorf("%v: %s", err, body)
			}
		})
	}
}
