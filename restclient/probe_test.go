package restclient

import (
	"net/http"
	"strings"
	"testing"
)

func TestAProbeFindsTheReleaseOrWhyThereIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		status        int
		body, release string
		problem       string // "" = fit for use
	}{
		"told":        {200, `{"version":"19.2.1-ee","revision":"abc"}`, "19.2.1-ee", ""},
		"not told":    {401, `{"message":"401 Unauthorized"}`, "", ""},
		"forbidden":   {403, `{"error":"insufficient_scope"}`, "", ""},
		"no such":     {404, `{"error":"404 Not Found"}`, "", ""},
		"a fault":     {502, `{"message":"no workers"}`, "", "GitLab answered 502 Bad Gateway: no workers"},
		"not GitLab":  {200, `[]`, "", ""},
		"not an API?": {204, ``, "", "the upstream sent an unexpected status"},
	} {
		client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/v4/version" {
				t.Errorf("asked for %s", r.URL)
			}
			answer(w, c.status, c.body)
		}, once)
		release, err := client.Probe(t.Context(), Credential{})
		switch {
		case (err == nil) != (c.problem == ""), release != c.release:
			t.Errorf("%s: %q, %v", name, release, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: %v, want %s", name, err, c.problem)
		}
	}
	if _, err := clientOf(t, "http://127.0.0.1:1", once).Probe(t.Context(), token); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("nobody there: %v", err)
	}
}
