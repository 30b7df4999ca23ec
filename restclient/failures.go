package restclient

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// logEvery is the time between two lines about one kind of failure.
const logEvery = time.Minute

// maxCause is the most bytes of a cause that are logged.
const maxCause = 500

// failures logs why calls fail, for the operator: once a kind and interval. What one caller alone
// can provoke is not logged.
type failures struct {
	log *slog.Logger // nil = none

	mu    sync.Mutex
	kinds map[string]failureCount // of which there are about a hundred
}

type failureCount struct {
	logged  time.Time
	omitted int // since then
}

// note logs the failure of a call, with GitLab's own request ID if there is one.
func (f *failures) note(ctx context.Context, call *call, err error, now time.Time) {
	if f.log == nil || err == nil {
		return
	}
	kind, cause := failureKind(err)
	if kind == "" {
		return
	}
	omitted, due := f.due(kind, now)
	if !due {
		return
	}
	if token := strings.TrimPrefix(call.cred.Value, "Bearer "); token != "" {
		cause = strings.ReplaceAll(cause, token, "[hidden]")
	}
	f.log.WarnContext(ctx, "a call to GitLab failed", "kind", kind, "cause", cause[:min(len(cause), maxCause)],
		"method", call.method, "route", routeClass(call.path), "gitlab_request_id", call.requestID, "omitted", omitted)
}

// due reports whether a line about the kind is due, and how many were omitted since the last one.
func (f *failures) due(kind string, now time.Time) (omitted int, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kinds == nil {
		f.kinds = map[string]failureCount{}
	}
	count := f.kinds[kind]
	if !count.logged.IsZero() && now.Sub(count.logged) < logEvery {
		count.omitted++
		f.kinds[kind] = count
		return 0, false
	}
	f.kinds[kind] = failureCount{logged: now}
	return count.omitted, true
}

// failureKind returns the kind of a failure and its cause in words, or "" for one that is not
// logged.
func failureKind(err error) (kind, cause string) {
	if transport, ok := errors.AsType[*TransportError](err); ok && transport.Kind != Canceled {
		return string(transport.Kind), causeOf(transport.Err)
	}
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return "GitLab sent " + string(invalid.Reason), causeOf(invalid.Err)
	}
	if status, ok := errors.AsType[*Error](err); ok && status.Status >= http.StatusInternalServerError {
		return "status " + strconv.Itoa(status.Status), status.cause
	}
	return "", ""
}

func causeOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// requestID returns GitLab's ID of a request, as far as it is fit for a log.
func requestID(h http.Header) string {
	id := h.Get("X-Request-Id")
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}
