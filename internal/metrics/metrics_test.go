package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOperationsAreCountedByPath(t *testing.T) {
	h := Handler(func() Operations { return Operations{Projected: 7, FellBack: 2, Executed: 1} })
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`jobgraph_operations_total{path="projected"} 7`, `jobgraph_operations_total{path="fellback"} 2`, `jobgraph_operations_total{path="executed"} 1`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no line %q in:\n%s", line, w.Body)
		}
	}
}
