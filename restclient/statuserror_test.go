package restclient

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestStatusErrorsCarryGitLabsOwnSentence(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"message", 404, `{"message":"404 Project Not Found"}`, "404 Project Not Found"},
		{"error", 400, `{"error":"scope does not have a valid value"}`, "scope does not have a valid value"},
		{"error and description", 401, `{"error":"invalid_token","error_description":"Token was revoked."}`, "Token was revoked."},
		{"message is an object", 429, `{"message":{"error":"This endpoint has been requested too many times."}}`, "This endpoint has been requested too many times."},
		{"message of a validation", 400, `{"message":{"name":["is short","is odd"],"base":["is bad"]}}`, "is bad, name is short, is odd"},
		{"message is a list", 400, `{"message":["a","b"]}`, "a, b"},
		{"message is empty", 400, `{"message":"","error":"e"}`, "e"},
		{"plain text", 429, "Retry later\n", "Retry later"},
		{"line breaks", 400, `{"message":"a\r\n\tb"}`, "a b"},
		{"page", 413, "<html><body>413</body></html>", "Request Entity Too Large"},
		{"nothing", 404, "", "Not Found"},
		{"broken JSON", 400, `{"message":"40`, "Bad Request"},
		{"no words", 400, `{"message":{"a":{"b":1}}}`, "Bad Request"},
		{"a fault", 500, `{"message":"500 db at 10.1.2.3:5432: relation users"}`, "GitLab answered 500 Internal Server Error"},
		{"a proxy's fault", 502, "no route to 10.1.2.3", "GitLab answered 502 Bad Gateway"},
		{"a fault of its own kind", 599, "", "GitLab answered 599"},
		{"a text instead of a sentence", 400, strings.Repeat("word ", 200), "Bad Request"},
		{"unknown status", 499, "", "status 499"},
		{"an address", 400, `{"message":"moved to https://gitlab.internal/x now"}`, "moved to [address] now"},
		{"the token", 400, `{"message":"no such token glpat-not-for-print"}`, "Bad Request"},
		{"invalid UTF-8", 400, "\xff\xfe", "Bad Request"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}, once)
			_, err := client.Fetch(t.Context(), token, "/job")
			status, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%v is no *Error", err)
			}
			if status.Status != c.status || status.Message != c.want {
				t.Errorf("%d %q, want %d %q", status.Status, status.Message, c.status, c.want)
			}
		})
	}
}

func TestTheUpstreamsOwnHostIsHidden(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 400, `{"message":"ask `+r.Host+` again"}`)
	})
	_, err := client.Fetch(t.Context(), token, "/job")
	if want := "status 400: ask [address] again"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name   string
		status int
		header http.Header
		want   time.Duration
	}{
		{"none", 429, http.Header{}, 0},
		{"seconds", 429, http.Header{"Retry-After": {"17"}}, 17 * time.Second},
		{"a date", 503, http.Header{"Retry-After": {"Wed, 01 May 2024 12:00:30 GMT"}}, 30 * time.Second},
		{"a date that is over", 503, http.Header{"Retry-After": {"Wed, 01 May 2024 11:00:00 GMT"}}, 0},
		{"negative", 429, http.Header{"Retry-After": {"-5"}}, 0},
		{"absurd", 429, http.Header{"Retry-After": {"9223372036854775807"}}, 24 * time.Hour},
		{"nonsense", 429, http.Header{"Retry-After": {"soon"}}, 0},
		{"end of the rate limit's window", 429, http.Header{"Ratelimit-Reset": {"1714564845"}}, 45 * time.Second},
		{"a window that has nothing to do with the error", 503, http.Header{"Ratelimit-Reset": {"1714564845"}}, 0},
	}
	for _, c := range cases {
		if got := retryAfter(c.status, c.header, now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func FuzzSentencesAreFitToBeShown(f *testing.F) {
	for _, seed := range []string{`{"message":"m"}`, `{"message":{"a":[{"b":"c"}]}}`, "Retry later", "<html>", `{"error":"e","error_description":1}`, `[[[[[["deep"]]]]]]`, "\x00"} {
		f.Add([]byte(seed))
	}
	client := clientOf(f, "http://gitlab.internal:8080")
	f.Fuzz(func(t *testing.T, body []byte) {
		shape := parseError(body)
		got := client.sentence(400, shape.text(), token)
		switch {
		case got == "", len(got) > 2*maxSentence, !utf8.ValidString(got):
			t.Errorf("%q is no sentence", got)
		case strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r == 0x7f }):
			t.Errorf("%q has control characters", got)
		case strings.Contains(got, token.Value), strings.Contains(got, "gitlab.internal"), strings.Contains(got, "://"):
			t.Errorf("%q tells too much", got)
		}
	})
}

func once(cfg *Config) { cfg.Retry.MaxAttempts = 1 }
