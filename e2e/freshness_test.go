package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"jobgraph/internal/fakegitlab"
)

// TestAReadAfterAWriteJoinsNoneThatBeganBefore holds up a read that has already seen the job as it was, cancels the job, and asks the same again.
func TestAReadAfterAWriteJoinsNoneThatBeganBefore(t *testing.T) {
	for way, query := range map[string]string{
		"by plan":     `{ pipeline(project: "1", id: "12") { jobs { nodes { databaseId status } } } }`,
		"by executor": `{ pipeline(project: "1", id: "12") { stages { jobs { databaseId status } } } }`,
	} {
		t.Run(way, func(t *testing.T) {
			gitlab := smallSimulator(fakegitlab.Newest)
			var held atomic.Bool
			seen, end := make(chan struct{}), make(chan struct{})
			release := sync.OnceFunc(func() { close(end) })
			defer release()
			w := watch(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				gitlab.ServeHTTP(answer, r)
				if strings.HasSuffix(r.URL.Path, "/12/jobs") && held.CompareAndSwap(false, true) {
					close(seen)
					<-end
				}
				pass(w, answer)
			}), nil)
			_, before := w.begin(t, query)
			receive(t, "the read before the write", seen)
			written := w.post(t, operation{Query: `mutation { jobCancel(input: {id: "gid://gitlab/Project/1/Job/126"}) { job { status } } }`}, as(maintainerToken))
			_, after := w.begin(t, query)
			got := string(receive(t, "the read after the write", after))
			release()
			receive(t, "the answer to the read before the write", before)
			if want := `{"databaseId":126,"status":"CANCELED"}`; !strings.Contains(got, want) {
				t.Errorf("after %s: %s", written, got)
			}
		})
	}
}
