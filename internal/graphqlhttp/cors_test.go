package graphqlhttp

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyListedOriginsMayAsk(t *testing.T) {
	origins, err := ParseOrigins("https://app.example.com, https://*.example.org,http://localhost:*", []string{"PRIVATE-TOKEN"})
	if err != nil {
		t.Fatal(err)
	}
	h := origins.Handler(http.NotFoundHandler())
	for origin, allowed := range map[string]bool{
		"https://app.example.com": true, "https://a.example.org": true, "http://localhost:3000": true,
		"http://app.example.com": false, "https://app.example.com.evil.test": false, "https://example.org": false, "https://evil.test": false, "null": false, "http://localhost": false,
	} {
		for _, preflight := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.Header.Set("Origin", origin)
			if preflight {
				r.Method = http.MethodOptions
				r.Header.Set("Access-Control-Request-Method", "POST")
				r.Header.Set("Access-Control-Request-Headers", "content-type,private-token")
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			want := ""
			if allowed {
				want = origin
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s, preflight %v: allowed %q", origin, preflight, got)
			}
			if origins.Allow(r) != allowed {
				t.Errorf("%s: a WebSocket is allowed: %v", origin, !allowed)
			}
			if w.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials of the browser are allowed")
			}
			if preflight && allowed && w.Header().Get("Access-Control-Max-Age") != "7200" {
				t.Errorf("a preflight is not cached: %v", w.Header())
			}
		}
	}
}

func TestWhatIsNoOriginIsRefused(t *testing.T) {
	for _, origins := range []string{"*", "https://*", "https://*:443", "https://a.*.com", "https://*example.com", "https://example.com/", "example.com", "https://a.com,*", "null", "http://localhost*"} {
		if _, err := ParseOrigins(origins, nil); err == nil {
			t.Errorf("%s is taken", origins)
		}
	}
}

func TestWithoutOriginsNoneMayAsk(t *testing.T) {
	origins, err := ParseOrigins("", nil)
	if err != nil {
		t.Fatal(err)
	}
	h := origins.Handler(http.NotFoundHandler())
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header.Set("Origin", "https://app.example.com")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error(w.Header())
	}
}

func TestPagesOfTheGatewayItselfAndProgramsMayConnect(t *testing.T) {
	for origin, want := range map[string]bool{
		"": true, "http://gateway.example:8080": true, "https://GATEWAY.example:8080": true,
		"http://gateway.example": false, "http://gateway.example:8080.evil.test": false, "null": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "http://gateway.example:8080/graphql", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if got := (Origins{}).Allow(r); got != want {
			t.Errorf("%q: %v", origin, got)
		}
	}
}
