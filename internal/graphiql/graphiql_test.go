package graphiql_test

import (
	"compress/gzip"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"jobgraph/internal/graphiql"
)

var (
	assetAddress = regexp.MustCompile(`/assets/graphiql/[\w.]+`)
	dataConfig   = regexp.MustCompile(`data-config="([^"]*)"`)
	anyScript    = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)
)

// get answers as a client does that takes no compression, unless a header says otherwise.
func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func newHandler() http.Handler {
	return graphiql.Handler(graphiql.Options{Endpoint: "/graphql"})
}

func TestPageAsksOnlyItsOwnServer(t *testing.T) {
	page := body(t, get(t, newHandler(), "/"))
	if foreign := regexp.MustCompile(`(?:https?:)?//[\w.]+`).FindAllString(page, -1); foreign != nil {
		t.Errorf("the page names other hosts: %q", foreign)
	}
	for _, script := range anyScript.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(script[1], `src="/assets/graphiql/`) || script[2] != "" {
			t.Errorf("a script that the policy forbids: %s", script[0])
		}
	}
	if !strings.Contains(page, "<title>GitLab Jobs GraphQL</title>") {
		t.Error("the page lacks its title")
	}
}

func TestEveryAddressInThePageIsServed(t *testing.T) {
	want := map[string]string{
		"app.js":       "text/javascript; charset=utf-8",
		"app.css":      "text/css; charset=utf-8",
		"favicon.svg":  "image/svg+xml",
		"LICENSES.txt": "text/plain; charset=utf-8",
	}
	h := newHandler()
	addresses := assetAddress.FindAllString(body(t, get(t, h, "/")), -1)
	if len(addresses) != len(want) {
		t.Fatalf("the page names %q, want %d files", addresses, len(want))
	}
	hashed := regexp.MustCompile(`^/assets/graphiql/(\w+)\.[0-9a-f]{16}(\.\w+)$`)
	for _, address := range addresses {
		parts := hashed.FindStringSubmatch(address)
		if parts == nil {
			t.Errorf("%s has no digest in its name", address)
			continue
		}
		response := get(t, h, address)
		if response.StatusCode != http.StatusOK || body(t, response) == "" {
			t.Errorf("%s: status %d", address, response.StatusCode)
		}
		if got := response.Header.Get("Content-Type"); got != want[parts[1]+parts[2]] {
			t.Errorf("%s: Content-Type %q", address, got)
		}
		if got := response.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", address, got)
		}
	}
}

func TestStylesheetFetchesNothing(t *testing.T) {
	h := newHandler()
	page := body(t, get(t, h, "/"))
	address := regexp.MustCompile(`/assets/graphiql/app\.\w+\.css`).FindString(page)
	css := body(t, get(t, h, address))
	for _, fetch := range regexp.MustCompile(`@import|url\([^)]{0,40}`).FindAllString(css, -1) {
		if !strings.HasPrefix(fetch, "url(data:") {
			t.Errorf("the stylesheet fetches %s", fetch)
		}
	}
}

func TestEveryAnswerIsSecured(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": graphiql.ContentSecurityPolicy,
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
	}
	h := newHandler()
	script := assetAddress.FindString(body(t, get(t, h, "/")))
	for _, target := range []string{"/", script, "/no-such-page"} {
		response := get(t, h, target)
		for name, value := range want {
			if got := response.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", target, name, got, value)
			}
		}
	}
}

func TestPolicyAllowsNoEvalNoInlineScriptNoOtherHost(t *testing.T) {
	for _, forbidden := range []string{"unsafe-eval", "script-src 'self' ", "*", "http"} {
		if strings.Contains(graphiql.ContentSecurityPolicy, forbidden) {
			t.Errorf("the policy contains %q", forbidden)
		}
	}
	for _, directive := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"} {
		if !strings.Contains(graphiql.ContentSecurityPolicy, directive) {
			t.Errorf("the policy lacks %q", directive)
		}
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	for _, target := range []string{"/index.html", "/assets/graphiql/", "/assets/graphiql/app.js", "/dist/app.js.gz"} {
		if got := get(t, newHandler(), target).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", target, got)
		}
	}
}

func TestCompressionFollowsAcceptEncoding(t *testing.T) {
	tests := map[string]bool{
		"":                  false,
		"gzip":              true,
		"br, GZIP;q=0.5":    true,
		"*":                 true,
		"identity":          false,
		"gzip;q=0":          false,
		"gzip; q=0.000, *":  false,
		"*;q=0, gzip":       true,
		"deflate, br;q=1.0": false,
	}
	h := newHandler()
	plain := body(t, get(t, h, "/"))
	for accept, want := range tests {
		t.Run(accept, func(t *testing.T) {
			response := get(t, h, "/", "Accept-Encoding", accept)
			if got := response.Header.Get("Content-Encoding") == "gzip"; got != want {
				t.Fatalf("gzipped: %v, want %v", got, want)
			}
			if response.Header.Get("Vary") != "Accept-Encoding" {
				t.Error("a cache is not told that the answer varies")
			}
			if !want {
				return
			}
			z, err := gzip.NewReader(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if content, err := io.ReadAll(z); err != nil || string(content) != plain {
				t.Errorf("the gzipped page is not the plain one (%v)", err)
			}
		})
	}
}

func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	h := newHandler()
	first := get(t, h, "/")
	if got := first.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control %q lets a browser keep an old page", got)
	}
	again := get(t, h, "/", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("status %d, want 304", again.StatusCode)
	}
}

func TestConfigReachesThePageWhole(t *testing.T) {
	example := graphiql.Example{Name: `"quotes" & <tags>`, Query: "{\n  a(b: \"</div>\")\n}", Variables: `{"a": 1}`}
	page := body(t, get(t, graphiql.Handler(graphiql.Options{
		Endpoint:   "/graphql",
		Examples:   []graphiql.Example{example},
		DemoTokens: []graphiql.DemoToken{{Name: "a developer", Value: "demo-token"}},
	}), "/"))
	attribute := dataConfig.FindStringSubmatch(page)
	if attribute == nil {
		t.Fatal("the page has no config")
	}
	var config struct {
		Endpoint   string
		Examples   []graphiql.Example
		DemoTokens []graphiql.DemoToken
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(attribute[1])), &config); err != nil {
		t.Fatal(err)
	}
	if config.Endpoint != "/graphql" || len(config.Examples) != 1 || config.Examples[0] != example {
		t.Errorf("config: %+v", config)
	}
	if len(config.DemoTokens) != 1 || config.DemoTokens[0].Value != "demo-token" {
		t.Errorf("demo tokens: %+v", config.DemoTokens)
	}
}

func TestConfigWithoutExamplesHoldsEmptyLists(t *testing.T) {
	page := html.UnescapeString(body(t, get(t, newHandler(), "/")))
	if !strings.Contains(page, `"examples":[],"demoTokens":[]`) {
		t.Error("the page would iterate null")
	}
}
