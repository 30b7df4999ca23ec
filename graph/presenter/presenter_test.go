package presenter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/graph/relay"
	"jobgraph/internal/requestid"
	"jobgraph/restclient"
)

func TestErrorsAreToldByTheirCodes(t *testing.T) {
	for code, err := range map[string]error{
		"BAD_USER_INPUT":           &relay.ArgumentError{Argument: "first", Problem: "must not be negative"},
		"UNAUTHENTICATED":          &restclient.Error{Status: http.StatusUnauthorized},
		"FORBIDDEN":                &restclient.Error{Status: http.StatusForbidden},
		"NOT_FOUND":                fmt.Errorf("read job 7: %w", &restclient.Error{Status: http.StatusNotFound}),
		"RATE_LIMITED":             &restclient.Error{Status: http.StatusTooManyRequests},
		"UPSTREAM_UNAVAILABLE":     &restclient.TransportError{Kind: restclient.Unreachable},
		"UPSTREAM_TIMEOUT":         &restclient.TransportError{Kind: restclient.Timeout},
		"UPSTREAM_INVALID":         &restclient.InvalidError{Reason: restclient.InvalidJSON},
		"UPSTREAM_BUDGET_EXCEEDED": &loader.LimitError{Limit: "upstream calls of one request", Value: 500},
		"INTERNAL":                 errors.New("index out of range"),
	} {
		shown := New(slog.New(slog.DiscardHandler))(t.Context(), err)
		if shown.Extensions["code"] != code {
			t.Errorf("%v is told as %v, want %s", err, shown.Extensions["code"], code)
		}
	}
}

func TestStatusesThatGitLabAnswersWith(t *testing.T) {
	for status, code := range map[int]string{
		400: errcode.BadUserInput, 405: errcode.UpstreamInvalid, 409: errcode.UpstreamInvalid,
		422: errcode.BadUserInput, 500: errcode.UpstreamUnavailable, 503: errcode.UpstreamUnavailable,
	} {
		if got := statusCode(status); got != code {
			t.Errorf("%d is %s, want %s", status, got, code)
		}
	}
}

func TestRetryAfterIsInWholeSecondsRoundedUp(t *testing.T) {
	present := New(slog.New(slog.DiscardHandler))
	shown := present(t.Context(),
		&restclient.Error{Status: http.StatusTooManyRequests, RetryAfter: 1500 * time.Millisecond})
	if shown.Extensions["retryAfter"] != 2 {
		t.Errorf("got %v", shown.Extensions["retryAfter"])
	}
}

// TestABugIsToldByItsRequestIDOnly: the client learns nothing of the cause, and the log has it
// once, under that ID.
func TestABugIsToldByItsRequestIDOnly(t *testing.T) {
	var log bytes.Buffer
	present := New(slog.New(requestid.LogHandler{Handler: slog.NewTextHandler(&log, nil)}))
	shown := present(context.Background(), errors.New("panic: the secret cause"))
	id, _ := shown.Extensions["requestId"].(string)
	if id == "" || strings.Contains(shown.Error(), "secret") {
		t.Errorf("told %q with %v", shown.Error(), shown.Extensions)
	}
	if strings.Count(log.String(), "the secret cause") != 1 || !strings.Contains(log.String(), id) {
		t.Errorf("logged %q", log.String())
	}
}
