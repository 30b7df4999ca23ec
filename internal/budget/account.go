package budget

import (
	"container/list"
	"context"
	"time"
)

// Account is what one request holds. A nil Account has no bound. It is safe for concurrent use.
type Account struct {
	budget *Budget

	// guarded by budget.mu
	held        int64
	closed      bool
	exhausted   bool
	interrupted bool
	slow        *list.Element // in budget.slow, while the client is waited for
	since       time.Time
	cancel      func()
}

// Grow reserves more bytes, or returns ErrExhausted at once. A closed account has no bound.
func (a *Account) Grow(bytes int64) error {
	if a == nil {
		return nil
	}
	b := a.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.closed {
		return nil
	}
	b.interrupt(bytes)
	if !b.fits(bytes, a.held+bytes) {
		a.exhausted = true
		return ErrExhausted
	}
	b.used += bytes
	a.held += bytes
	if a.interrupted {
		b.leaving += bytes
	}
	b.watch()
	return nil
}

// Exhausted reports whether the budget did not have what the request asked for, or had its client
// interrupted.
func (a *Account) Exhausted() bool {
	if a == nil {
		return false
	}
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	return a.exhausted || a.interrupted
}

// AwaitClient begins the time in which only the client is waited for. When others need memory and
// the client is slow, cancel is called, which must end the wait and not block.
func (a *Account) AwaitClient(cancel func()) {
	if a == nil {
		return
	}
	b := a.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.slow == nil {
		a.since, a.cancel = b.now(), cancel
		a.slow = b.slow.PushBack(a)
		b.watch()
	}
}

// ClientDone ends what AwaitClient has begun: cancel is not called any more.
func (a *Account) ClientDone() {
	if a == nil {
		return
	}
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	a.attend()
}

func (a *Account) attend() {
	if a.slow != nil {
		a.budget.slow.Remove(a.slow)
		a.slow = nil
	}
}

// Close returns all that the request holds.
func (a *Account) Close() {
	if a == nil {
		return
	}
	b := a.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	a.attend()
	a.closed = true
	a.release(a.held)
}

// Keep returns all but so many bytes of what the request holds.
func (a *Account) Keep(bytes int64) {
	if a == nil {
		return
	}
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	if more := a.held - bytes; more > 0 {
		a.release(more)
	}
}

func (a *Account) release(bytes int64) {
	a.held -= bytes
	a.budget.used -= bytes
	if a.interrupted {
		a.budget.leaving -= bytes
	}
	a.budget.admit()
}

type accountKey struct{}

// With returns a context whose request holds the account.
func With(ctx context.Context, a *Account) context.Context {
	if a == nil {
		return ctx
	}
	return context.WithValue(ctx, accountKey{}, a)
}

// From returns the account of the context's request; nil, which has no bound, where there is none.
func From(ctx context.Context) *Account {
	a, _ := ctx.Value(accountKey{}).(*Account)
	return a
}

// Grow reserves more bytes for the context's request, or returns ErrExhausted at once.
func Grow(ctx context.Context, bytes int64) error { return From(ctx).Grow(bytes) }

// Shrink returns bytes that the request no longer holds.
func (a *Account) Shrink(bytes int64) {
	if a == nil {
		return
	}
	a.budget.mu.Lock()
	defer a.budget.mu.Unlock()
	if !a.closed {
		a.release(min(bytes, a.held))
	}
}

type undecodedKey struct{}

// Undecoded returns a context for calls whose answers are not decoded, and so take no more than
// their length.
func Undecoded(ctx context.Context) context.Context {
	return context.WithValue(ctx, undecodedKey{}, true)
}

// IsUndecoded reports whether the answers of calls with this context are not decoded.
func IsUndecoded(ctx context.Context) bool { return ctx.Value(undecodedKey{}) != nil }

// DecodedFactor is what an answer of GitLab's takes at most for each byte, once it is decoded.
const DecodedFactor = 3
