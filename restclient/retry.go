package restclient

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// RetryPolicy is how reads are repeated: after a connection that cannot be made or breaks before
// the answer is complete, after 502, 503 and 504, and after a 429 that says how long to wait. A
// time-out is not repeated, because the caller has waited long enough; nor is 500, GitLab's answer
// to an error that a repetition would cause again.
//
// A write is repeated by the same policy, but only if no connection could be made.
type RetryPolicy struct {
	MaxAttempts   int           // the first included; 0 = 3, 1 = no retry
	BaseDelay     time.Duration // the longest wait before the second attempt, doubled for each further one; 0 = 100 ms
	MaxDelay      time.Duration // the longest wait that GitLab did not ask for; 0 = 2 s
	MaxRetryAfter time.Duration // the longest Retry-After that is waited for; a longer one fails at once; 0 = 5 s
}

func (p RetryPolicy) withDefaults() (RetryPolicy, error) {
	if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 || p.MaxRetryAfter < 0 {
		return p, &ArgumentError{Name: "Retry", Problem: "its numbers cannot be negative"}
	}
	return RetryPolicy{
		MaxAttempts:   orDefault(p.MaxAttempts, 3),
		BaseDelay:     orDefault(p.BaseDelay, 100*time.Millisecond),
		MaxDelay:      orDefault(p.MaxDelay, 2*time.Second),
		MaxRetryAfter: orDefault(p.MaxRetryAfter, 5*time.Second),
	}, nil
}

// build makes the policy that repeats. An outcome holds whether and when to repeat the call.
func (p RetryPolicy) build() retrypolicy.RetryPolicy[outcome] {
	return retrypolicy.NewBuilder[outcome]().
		HandleIf(func(result outcome, _ error) bool { return result.again }).
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[outcome]) time.Duration { return exec.LastResult().wait }).
		WithMaxAttempts(p.MaxAttempts).
		ReturnLastFailure().
		Build()
}

// backoff is the wait after so many attempts: exponential, and at random between its half and its
// whole, so that calls that failed together do not come back together.
func (p RetryPolicy) backoff(attempts int, random float64) time.Duration {
	longest := p.MaxDelay
	if shift := attempts - 1; shift < 16 && p.BaseDelay<<shift < longest {
		longest = p.BaseDelay << shift
	}
	return longest/2 + time.Duration(random*float64(longest/2))
}

// repeat goes on after a first attempt that is worth another. The first stands outside of the
// policy's executor because that costs sixteen allocations, which a call that goes well need not
// pay.
func (c *Client) repeat(ctx context.Context, call *call, first outcome) outcome {
	last, started := first, false
	// The result is taken from last, not from the executor: it puts the context's error in the place
	// of an answer that came in while the context ended.
	_, _ = failsafe.With[outcome](c.retries).WithContext(ctx).Get(func() (outcome, error) {
		if started {
			last = c.attempt(ctx, call)
		}
		started = true
		return last, nil
	})
	if last.again && errors.Is(ctx.Err(), context.Canceled) {
		return outcome{err: &TransportError{Kind: Canceled, Err: last.err}}
	}
	return last
}

// plan decides whether the outcome is worth another attempt, and when. A wait that would end past
// the context's deadline is not begun: the error that is known is returned at once.
func (c *Client) plan(ctx context.Context, call *call, result *outcome) {
	if result.err == nil || ctx.Err() != nil || !isRepeatable(call.method, result.err) {
		return
	}
	wait := c.retry.backoff(call.attempts, c.random())
	if status, ok := errors.AsType[*Error](result.err); ok && status.RetryAfter > 0 {
		if status.RetryAfter > c.retry.MaxRetryAfter {
			return
		}
		wait += status.RetryAfter
	}
	if deadline, ok := ctx.Deadline(); ok && c.now().Add(wait).After(deadline) {
		return
	}
	result.again, result.wait = true, wait
}

// isRepeatable reports whether another attempt is safe and may end better.
func isRepeatable(method string, err error) bool {
	if transport, ok := errors.AsType[*TransportError](err); ok {
		if method == http.MethodPost {
			return transport.Kind == Unreachable && !transport.Sent
		}
		return transport.Kind == Unreachable || transport.Kind == Reset
	}
	if method == http.MethodPost {
		return false
	}
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid.Reason == Truncated
	}
	if status, ok := errors.AsType[*Error](err); ok {
		return status.Status == http.StatusTooManyRequests && status.RetryAfter > 0 || isOverload(status.Status)
	}
	return false
}

// isOverload reports whether a status says that the upstream is down or overloaded.
func isOverload(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
