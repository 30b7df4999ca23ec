package restclient

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ArgumentError is a call that was refused before anything was sent.
type ArgumentError struct {
	Name    string // which argument: "project", "jobs", "pipelines", "credential", "path", …
	Problem string // what is wrong with it, as a clause
	Err     error  // the cause, for logs; often nil
}

func (e *ArgumentError) Error() string { return e.Name + ": " + e.Problem }

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }

// Error is an error status that GitLab, or what stands before it, answered with.
type Error struct {
	Status  int    // the HTTP status
	Message string // GitLab's own sentence, or a general one where the body had none

	// RetryAfter is how long to wait before the next try: what GitLab asks for, or, after a 429 that
	// names no time, how long no such call is sent. 0 if neither.
	RetryAfter time.Duration

	unknownRoute bool   // the instance has no such endpoint
	cause        string // what the answer says, for logs
}

func (e *Error) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Message) }

// Reason is why an answer is invalid.
type Reason string

// The reasons of an [InvalidError].
const (
	InvalidJSON        Reason = "invalid JSON"
	InvalidShape       Reason = "JSON of another shape"
	Malformed          Reason = "a malformed header"
	Incomplete         Reason = "an object without a value that it must have"
	InvalidEncoding    Reason = "a body whose compression is broken"
	InvalidContentType Reason = "another content type"
	InvalidStatus      Reason = "an unexpected status"
	Truncated          Reason = "a truncated body"
	TooLarge           Reason = "a body over the limit"
	ForeignRedirect    Reason = "a redirect to another host"
	OutsideRedirect    Reason = "a redirect out of its API"
	RedirectLoop       Reason = "too many redirects"
	UnexpectedRedirect Reason = "an unexpected redirect"
)

// InvalidError is an answer that cannot be used, for one of the reasons above.
type InvalidError struct {
	Reason Reason
	Err    error // the cause, for logs: it may contain data of the upstream
}

func (e *InvalidError) Error() string { return "the upstream sent " + string(e.Reason) }

// Unwrap returns the cause.
func (e *InvalidError) Unwrap() error { return e.Err }

// Kind is why there was no answer.
type Kind string

// The kinds of a [TransportError].
const (
	Timeout     Kind = "the upstream timed out"         // by the attempt's time limit or the context's deadline
	Unreachable Kind = "the upstream cannot be reached" // no connection could be made
	Untrusted   Kind = "GitLab's certificate is not trusted by the gateway"
	Handshake   Kind = "no TLS connection to GitLab could be made" // it refuses the gateway's, or has none
	Reset       Kind = "the upstream broke the connection"         // before the answer was complete
	Canceled    Kind = "the request was cancelled"                 // by the caller's context
	CircuitOpen Kind = "the upstream failed too often"             // the circuit breaker is open: nothing was sent
	Overloaded  Kind = "too many concurrent upstream calls"        // Config.MaxConcurrent, past the deadline: nothing was sent
)

// TransportError is a call without an answer.
type TransportError struct {
	Kind       Kind
	Sent       bool          // some of the request may have reached the server
	RetryAfter time.Duration // with CircuitOpen: when the next try is let through
	Err        error         // the cause, for logs: it names the upstream's address
}

func (e *TransportError) Error() string { return string(e.Kind) }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// OutcomeUnknown reports whether err leaves open what a write did: it may have reached GitLab, but
// no usable answer came back. Look before you send it again.
func OutcomeUnknown(err error) bool {
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return transport.Sent
	}
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid.Reason != UnexpectedRedirect
	}
	if status, ok := errors.AsType[*Error](err); ok {
		return status.Status >= 500 && status.Status != http.StatusServiceUnavailable
	}
	return false
}
