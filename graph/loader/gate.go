package loader

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Limits bound the upstream calls of one request. 0 is no bound.
type Limits struct {
	Calls    int // in all
	Parallel int // at the same time
}

// LimitError is the error of a request that exceeds one of its limits.
type LimitError struct {
	Limit string // in words
	Value int
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: %d at most", e.Limit, e.Value) }

// gate admits the upstream calls of one request.
type gate struct {
	limits Limits
	calls  atomic.Int64
	slots  chan struct{} // nil without a bound
}

// newSlots returns the slots of a gate for so many calls at the same time.
func newSlots(parallel int) chan struct{} {
	if parallel <= 0 {
		return nil
	}
	return make(chan struct{}, parallel)
}

// enter admits one call, which must leave, or returns why it is not admitted.
func (g *gate) enter(ctx context.Context) error {
	if n := g.calls.Add(1); g.limits.Calls > 0 && n > int64(g.limits.Calls) {
		return &LimitError{Limit: "upstream calls of one request", Value: g.limits.Calls}
	}
	if g.slots == nil {
		return nil
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g *gate) leave() {
	if g.slots != nil {
		<-g.slots
	}
}
