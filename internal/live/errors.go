package live

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"jobgraph/restclient"
)

// ErrClosed is the end of a subscription that was closed.
var ErrClosed = errors.New("the subscription was closed")

// ReplacedError reports that a log was replaced: it no longer begins with what was sent of it.
type ReplacedError struct{}

func (*ReplacedError) Error() string {
	return "the log was replaced by a different one; begin again from byte 0"
}

// LimitError reports that a limit on watches was reached.
type LimitError struct {
	Limit string // which, in words
	Value int64  // its value
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: %d at most", e.Limit, e.Value) }

// OutageError reports that GitLab could not be read for longer than the engine waits.
type OutageError struct {
	After time.Duration
	Err   error // the last failure
}

func (e *OutageError) Error() string { return fmt.Sprintf("no answer for %s: %v", e.After, e.Err) }

// Unwrap returns the last failure.
func (e *OutageError) Unwrap() error { return e.Err }

// isFinal reports whether a failed read ends the watch, because a later one would fail too: the
// credential or its rights have changed, or the resource is gone.
func isFinal(err error) bool {
	var replaced *ReplacedError
	var limit *LimitError
	var argument *restclient.ArgumentError
	return hasStatus(err, http.StatusUnauthorized) ||
		hasStatus(err, http.StatusForbidden) ||
		hasStatus(err, http.StatusNotFound) ||
		errors.As(err, &replaced) || errors.As(err, &limit) || errors.As(err, &argument)
}

// retryAfter is how long GitLab asks to wait before the next call; false where it does not ask.
func retryAfter(err error) (time.Duration, bool) {
	if status, ok := errors.AsType[*restclient.Error](err); ok && status.RetryAfter > 0 {
		return status.RetryAfter, true
	}
	if transport, ok := errors.AsType[*restclient.TransportError](err); ok && transport.RetryAfter > 0 {
		return transport.RetryAfter, true
	}
	return 0, false
}

// hasStatus reports whether GitLab answered with this status.
func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*restclient.Error](err)
	return ok && e.Status == status
}
