package e2e

import (
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// A request that a proxy in front might delimit differently gets 400, on every path, and nothing
// after it is answered. internal/http1 has the whole list.
func TestAmbiguousRequestsEndTheConnection(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for _, path := range []string{"/graphql", "/", "/healthz", "/nowhere"} {
		for name, framed := range map[string]string{
			"length and coding": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"a bare LF":         "Content-Length: 5\nA: b\r\n\r\nhello",
			"an odd coding":     "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
			"an odd chunk":      "Transfer-Encoding: chunked\r\n\r\n5 ;\r\nhello\r\n0\r\n\r\n",
		} {
			r, rest := g.Raw(t, "POST "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"+framed+"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			if r.StatusCode != http.StatusBadRequest || !r.Close || rest != "" {
				t.Errorf("%s, %s: %d, close %t, then %q", path, name, r.StatusCode, r.Close, rest)
			}
		}
	}
}

func TestUnknownMethodsAreToldTheKnownOnes(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for _, method := range []string{"TRACE", "PUT", "DELETE", "PATCH", "FOO", "get", "CONNECT"} {
		for _, path := range []string{"/", "/graphql", "/healthz", "/readyz", "/metrics", "/schema.graphql"} {
			r, _ := g.Raw(t, method+" "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
			if r.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(r.Header.Get("Allow"), "GET") {
				t.Errorf("%s %s: %d, Allow: %s", method, path, r.StatusCode, r.Header.Get("Allow"))
			}
		}
	}
}

func TestThePageIsAtOnePath(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t))
	for target, want := range map[string]int{"/": 200, "/?a=b": 200, "/index.html": 404, "/x": 404, "/graphql/": 404, "/%2e": 404, "/;a": 404, "*": 400} {
		if r, _ := g.Raw(t, "GET "+target+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); r.StatusCode != want {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}
