package e2e

import (
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

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
				held := harness.Hold(harness.SmallSimulator(fakegitlab.Newest), harness.HeldOptions{
					Only: func(r *http.Request) bool { return way != "a log" || strings.HasSuffix(r.URL.Path, "/trace") },
					Before: func(w http.ResponseWriter, _ *http.Request) {
						if headersFirst {
							w.Header().Set("Content-Type", map[bool]string{true: "text/plain", false: "application/json"}[way == "a log"])
							_ = http.NewResponseController(w).Flush()
						}
					},
				})
				w := harness.Watch(t, held, nil)
				goAway, answered := w.Begin(t, query)
				harness.Receive(t, "the call", held.Arrived)
				goAway()
				harness.Receive(t, "the call's end", held.Gone)
				harness.Receive(t, "the client's end", answered)
			})
		}
	}
}

// TestACallThatOthersWaitForTooIsAnsweredToThem has one of two callers go away, who may be the one
// whose call the other has joined.
func TestACallThatOthersWaitForTooIsAnsweredToThem(t *testing.T) {
	for way, q := range twins() {
		t.Run(way, func(t *testing.T) {
			held := harness.Hold(harness.SmallSimulator(fakegitlab.Newest), harness.HeldOptions{})
			w := harness.Watch(t, held, nil)
			goAway, gone := w.Begin(t, q.query)
			harness.Receive(t, "the first call", held.Arrived)
			_, answered := w.Begin(t, q.query)
			goAway()
			harness.Receive(t, "the first client's end", gone)
			held.Release()
			answer := asTwin(t, harness.Receive(t, "the second client's answer", answered))
			if answer.Errors != nil || len(answer.Hit.List) < 10 {
				t.Errorf("%s", answer)
			}
		})
	}
}
