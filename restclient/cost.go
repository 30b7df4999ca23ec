package restclient

import (
	"context"
	"sync/atomic"
)

// Cost counts the requests that calls put on the wire. The calls made under a context from
// [WithCost] count there. It is safe for concurrent use.
type Cost struct {
	calls, retries, redirects, shared atomic.Int64
}

// Counts are the numbers of a [Cost].
type Counts struct {
	Calls     int // requests sent, retries and redirects included
	Retries   int // requests that repeated an earlier one, by this package or by its transport
	Redirects int // requests that followed a redirect
	Shared    int // reads that were answered by another caller's call
}

type costKey struct{}

// WithCost returns a context whose calls are counted by c.
func WithCost(ctx context.Context, c *Cost) context.Context {
	return context.WithValue(ctx, costKey{}, c)
}

// CostFrom returns the Cost that ctx carries, or nil. Nil is valid and counts nothing.
func CostFrom(ctx context.Context) *Cost {
	c, _ := ctx.Value(costKey{}).(*Cost)
	return c
}

// AddShared counts a read that was answered by another caller's call.
func (c *Cost) AddShared() {
	if c != nil {
		c.shared.Add(1)
	}
}

// Counts returns the numbers so far.
func (c *Cost) Counts() Counts {
	return Counts{
		Calls: int(c.calls.Load()), Retries: int(c.retries.Load()),
		Redirects: int(c.redirects.Load()), Shared: int(c.shared.Load()),
	}
}

// count adds the requests of one round trip. All but the first repeat it; the first follows a
// redirect, or repeats an earlier request of its call, or is the call's first.
func (c *Cost) count(sent int, redirected, repeated bool) {
	if c == nil || sent == 0 {
		return
	}
	c.calls.Add(int64(sent))
	switch {
	case redirected:
		c.redirects.Add(1)
		sent--
	case !repeated:
		sent--
	}
	c.retries.Add(int64(sent))
}
