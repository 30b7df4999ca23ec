package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// TestAReadAfterAWriteJoinsNoneThatBeganBefore holds up a read that has already seen the job as it
// was, cancels the job, and asks the same again.
func TestAReadAfterAWriteJoinsNoneThatBeganBefore(t *testing.T) {
	for way, query := range map[string]string{
		"by plan":     `{ pipeline(project: "1", id: "12") { jobs { nodes { databaseId status } } } }`,
		"by executor": `{ pipeline(project: "1", id: "12") { stages { jobs { databaseId status } } } }`,
	} {
		t.Run(way, func(t *testing.T) {
			var first atomic.Bool
			held := harness.Hold(harness.SmallSimulator(fakegitlab.Newest), harness.HeldOptions{
				Only: func(r *http.Request) bool {
					return strings.HasSuffix(r.URL.Path, "/12/jobs") && first.CompareAndSwap(false, true)
				},
				AnswerFirst: true,
			})
			defer held.Release()
			w := harness.Watch(t, held, nil)
			_, before := w.Begin(t, query)
			harness.Receive(t, "the read before the write", held.Arrived)
			written := w.Post(t, harness.Operation{Query: `mutation { jobCancel(input: {id: "gid://gitlab/Project/1/Job/126"}) { job { status } } }`}, harness.As(harness.MaintainerToken))
			_, after := w.Begin(t, query)
			got := harness.Receive(t, "the read after the write", after).String()
			held.Release()
			harness.Receive(t, "the answer to the read before the write", before)
			if want := `{"databaseId":126,"status":"CANCELED"}`; !strings.Contains(got, want) {
				t.Errorf("after %s: %s", written, got)
			}
		})
	}
}
