package e2e

import (
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// A page of evil.example, whose name resolves to 127.0.0.1, would read with the configured token
// and even write with it.
func TestAPageOfAnotherNameIsNotServed(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-gitlab-token=t", "-gitlab-token-writes")
	for _, path := range []string{"/graphql", "/", "/metrics"} {
		r, _ := g.Raw(t, "GET "+path+" HTTP/1.1\r\nHost: evil.example:8080\r\nAccept: */*\r\n\r\n")
		if r.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200} {
		if r, _ := g.Raw(t, "GET "+path+" HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n"); r.StatusCode != want {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

// Browsers say when a request comes from a page of another site.
func TestRequestsOfOtherSitesPagesAreRefused(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-cors-origins=https://app.example.com")
	for name, c := range map[string]struct {
		method, path string
		header       map[string]string
		want         int
	}{
		"an image":                {"GET", "/graphql?query={__typename}", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		"a link to a query":       {"GET", "/graphql?query={__typename}", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		"a link to the page":      {"GET", "/", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		"a frame":                 {"GET", "/", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		"a page that is unlisted": {"POST", "/graphql", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Mode": "cors"}, 403},
		"a page that is listed":   {"POST", "/graphql", map[string]string{"Origin": "https://app.example.com", "Sec-Fetch-Mode": "cors"}, 200},
	} {
		header := http.Header{"Sec-Fetch-Site": {"cross-site"}}
		for k, v := range c.header {
			header.Set(k, v)
		}
		body := ""
		if c.method == "POST" {
			body = harness.QueryBody("{__typename}")
		}
		if a := g.Send(t, c.method, c.path, body, header); a.Status != c.want {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	own := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {g.Address}}
	if a := g.Send(t, "POST", "/graphql", harness.QueryBody("{__typename}"), own); a.Status != http.StatusOK {
		t.Errorf("the gateway's own page: %d", a.Status)
	}
}

func TestABindOnEveryInterfaceWithoutHostsIsWarnedOf(t *testing.T) {
	g := harness.StartAlone(t, "-addr=0.0.0.0:0")
	if !strings.Contains(g.Printed.String(), "allowed-hosts") {
		t.Errorf("%s", g.Printed)
	}
	if g := harness.StartAlone(t, "-addr=0.0.0.0:0", "-allowed-hosts=localhost,127.0.0.1"); strings.Contains(g.Printed.String(), "allowed-hosts") {
		t.Errorf("%s", g.Printed)
	}
}
