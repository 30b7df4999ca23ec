package restclient

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheCauseOfAFailureIsLoggedOnceAKindAndMinute(t *testing.T) {
	var log bytes.Buffer
	clock := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	status := 500
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "01HZX")
		answer(w, status, `{"message":"500 db at 10.1.2.3:5432 for `+token.Value+`"}`)
	}, once, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	client.now = func() time.Time { return clock }
	lines := func(want int, parts ...string) {
		t.Helper()
		got := log.String()
		if strings.Count(got, "\n") != want {
			t.Errorf("%d lines, want %d:\n%s", strings.Count(got, "\n"), want, got)
		}
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("no %s in:\n%s", part, got)
			}
		}
		if strings.Contains(got, token.Value) {
			t.Errorf("the token is in:\n%s", got)
		}
		log.Reset()
	}
	for range 3 {
		_, _ = client.Fetch(t.Context(), token, "/projects/secret%2Fapp/jobs")
	}
	lines(1, "10.1.2.3:5432", `kind="status 500"`, "gitlab_request_id=01HZX", "route=/projects/*/jobs", "omitted=0")
	status = 503
	_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs")
	lines(1, `kind="status 503"`)
	clock, status = clock.Add(time.Minute), 500
	_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs")
	lines(1, "omitted=2")
	for _, status = range []int{401, 403, 404, 429} {
		_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs/1")
	}
	lines(0)
}

func TestTheCauseOfAnUnreachableGitLabIsLogged(t *testing.T) {
	var log bytes.Buffer
	client := clientOf(t, "http://127.0.0.1:1", once, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	_, _ = client.Fetch(t.Context(), token, "/job")
	if !strings.Contains(log.String(), "connection refused") {
		t.Errorf("logged %s", &log)
	}
}
