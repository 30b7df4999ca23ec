package admission

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyAllowedHostsAreServed(t *testing.T) {
	for _, c := range []struct {
		list, addr string
		want       map[string]bool
	}{
		{"", "127.0.0.1:8080", map[string]bool{"127.0.0.1:8080": true, "localhost": true, "LOCALHOST.:80": true, "a.localhost:1": true, "[::1]:80": true, "127.9.9.9": true, "evil.example": false, "evil.example:8080": false,
			"10.0.0.1": false, "localhost.evil.example": false}},
		{"", "localhost:8080", map[string]bool{"localhost:8080": true, "evil.example": false}},
		{"", ":8080", map[string]bool{"evil.example": true}},
		{"", "0.0.0.0:8080", map[string]bool{"evil.example": true}},
		{"api.example, [2001:db8::1]", ":8080", map[string]bool{"api.example:443": true, "API.example": true, "[2001:db8::1]:80": true, "localhost": false, "evil.example": false}},
		{"api.example", "127.0.0.1:8080", map[string]bool{"api.example": true, "localhost": true, "evil.example": false}},
	} {
		hosts, err := ParseHosts(c.list, c.addr)
		if err != nil {
			t.Fatal(err)
		}
		h := hosts.Guard(nil, ok)
		for host, want := range c.want {
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.Host = host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Code == http.StatusOK; got != want || !got && w.Code != http.StatusMisdirectedRequest {
				t.Errorf("%+v: %s: %d", c, host, w.Code)
			}
		}
	}
	for _, bad := range []string{"http://a", "a b", "a/b", "*.example"} {
		if _, err := ParseHosts(bad, ""); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
