package restclient

import (
	"context"
	"net/http"
	"time"
)

// Observer follows the calls of a client, for metrics and traces.
type Observer interface {
	// Begin is called when a call begins, with its route as [Route] has it. Nil follows nothing.
	Begin(ctx context.Context, method, route string) Observation
}

// Observation follows one call. Its methods are called one at a time.
type Observation interface {
	// Propagate adds the header fields that tell GitLab which trace a request belongs to.
	Propagate(header http.Header)
	// Sent is called after each request.
	Sent(Exchange)
	// End is called once, when the call has ended: with its error, or nil.
	End(err error)
}

// Exchange is one request, and the head of its answer.
type Exchange struct {
	Attempt    int           // from 1
	Redirected bool          // it follows a redirect of the same attempt
	Duration   time.Duration // until the answer's header was there
	Status     int           // 0 where there was no answer
	Header     http.Header   // of the answer
	Err        error         // where there was none
}

// RequestID returns GitLab's own ID of the request, or "" if it sent none that is fit for a log.
func (e Exchange) RequestID() string { return requestID(e.Header) }

// Observe makes o follow every call. It is called before the first one.
func (c *Client) Observe(o Observer) { c.observer = o }

// observed makes a call and lets the client's observer follow it.
func (c *Client) observed(ctx context.Context, call *call, make func(context.Context, *call) outcome) outcome {
	if c.observer == nil {
		return make(ctx, call)
	}
	call.observation = c.observer.Begin(ctx, call.method, Route(call.path))
	result := make(ctx, call)
	if call.observation != nil {
		call.observation.End(result.err)
	}
	return result
}

// exchanged reports a request that was sent at began, and its answer, to the observation.
func (c *Client) exchanged(call *call, redirected bool, began time.Time, answer *http.Response, err error) {
	e := Exchange{Attempt: call.attempts, Redirected: redirected, Duration: c.now().Sub(began), Err: err}
	if answer != nil {
		e.Status, e.Header = answer.StatusCode, answer.Header
	}
	call.observation.Sent(e)
}

// BreakerState is a state of the circuit breaker.
type BreakerState string

// The states of the circuit breaker.
const (
	BreakerClosed   BreakerState = "closed"    // calls are made
	BreakerOpen     BreakerState = "open"      // calls fail at once
	BreakerHalfOpen BreakerState = "half-open" // one call is let through as a trial
)

// Breaker returns the state of the circuit breaker. One that is switched off is closed.
func (c *Client) Breaker() BreakerState {
	switch {
	case c.gate.breaker == nil || c.gate.breaker.IsClosed():
		return BreakerClosed
	case c.gate.breaker.IsOpen():
		return BreakerOpen
	}
	return BreakerHalfOpen
}
