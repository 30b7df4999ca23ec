package restclient

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// BreakerPolicy stops calling an upstream of which too many calls fail, so that an overloaded one
// can recover. What counts as a failure: no answer, or 502, 503 or 504. What one caller alone can
// provoke does not (its cancellation, any other status), nor does a failure that a pause does not
// fix (a certificate, a malformed answer).
type BreakerPolicy struct {
	FailureRate float64       // share of the calls within Period, from 0 to 1, that opens it; 0 = off
	MinCalls    int           // calls within Period below which it stays closed; 0 = 20
	Period      time.Duration // 0 = 10 s
	Delay       time.Duration // how long it stays open until one call is let through as a trial; 0 = 5 s
}

func (p BreakerPolicy) build() (circuitbreaker.CircuitBreaker[any], error) {
	if p.FailureRate == 0 {
		return nil, nil
	}
	if p.FailureRate < 0 || p.FailureRate > 1 || p.MinCalls < 0 || p.Period < 0 || p.Delay < 0 {
		return nil, &ArgumentError{Name: "Breaker", Problem: "its rate is from 0 to 1, its numbers cannot be negative"}
	}
	minCalls := uint(orDefault(p.MinCalls, 20))
	return circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(p.FailureRate, minCalls, orDefault(p.Period, 10*time.Second)).
		WithDelay(orDefault(p.Delay, 5*time.Second)).
		WithSuccessThreshold(1).
		Build(), nil
}

// gate lets calls through to the upstream. Its parts are used by themselves, not through an
// executor, which would allocate for each call.
type gate struct {
	breaker circuitbreaker.CircuitBreaker[any] // nil = off
	places  bulkhead.Bulkhead[any]             // nil = no bound
}

func newGate(policy BreakerPolicy, maxConcurrent int) (*gate, error) {
	breaker, err := policy.build()
	if err != nil {
		return nil, err
	}
	if maxConcurrent < 0 {
		return nil, &ArgumentError{Name: "MaxConcurrent", Problem: "it cannot be negative"}
	}
	g := &gate{breaker: breaker}
	if maxConcurrent > 0 {
		g.places = bulkhead.New[any](uint(maxConcurrent))
	}
	return g, nil
}

// enter waits for a place and then checks the breaker, in this order: a place may come only after
// the breaker has opened. Every call of enter that succeeds is followed by one of leave.
func (g *gate) enter(ctx context.Context) error {
	if g.places != nil {
		if err := g.places.AcquirePermit(ctx); err != nil {
			if errors.Is(err, context.Canceled) {
				return &TransportError{Kind: Canceled, Err: err}
			}
			return &TransportError{Kind: Overloaded, Err: err}
		}
	}
	if g.breaker == nil || g.breaker.TryAcquirePermit() {
		return nil
	}
	if g.places != nil {
		g.places.ReleasePermit()
	}
	return &TransportError{Kind: CircuitOpen, RetryAfter: g.breaker.RemainingDelay(), Err: circuitbreaker.ErrOpen}
}

// leave gives the place back and records the result of the call in the breaker.
func (g *gate) leave(err error) {
	if g.breaker != nil {
		g.record(err)
	}
	if g.places != nil {
		g.places.ReleasePermit()
	}
}

func (g *gate) record(err error) {
	switch {
	case isUpstreamFailure(err):
		g.breaker.RecordFailure()
	case !tellsNothing(err):
		g.breaker.RecordSuccess()
	case !g.breaker.IsClosed():
		// The trial call showed nothing about the upstream. The breaker lets another one through only
		// after a result of this one is recorded.
		g.breaker.RecordFailure()
	}
}

func isUpstreamFailure(err error) bool {
	if transport, ok := errors.AsType[*TransportError](err); ok {
		return transport.Kind == Timeout || transport.Kind == Unreachable || transport.Kind == Reset
	}
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		return invalid.Reason == Truncated
	}
	status, ok := errors.AsType[*Error](err)
	return ok && isOverload(status.Status)
}

// tellsNothing reports whether a call ended without an answer, for a reason that is not the
// upstream's state.
func tellsNothing(err error) bool {
	transport, ok := errors.AsType[*TransportError](err)
	return ok && !isUpstreamFailure(transport)
}

// gated is a stream that keeps its call's place until it is closed.
type gated struct {
	io.ReadCloser
	leave  func(error)
	failed error
	once   sync.Once
}

func (g *gated) Read(p []byte) (int, error) {
	n, err := g.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		g.failed = err
	}
	return n, err
}

func (g *gated) Close() error {
	err := g.ReadCloser.Close()
	g.once.Do(func() { g.leave(g.failed) })
	return err
}
