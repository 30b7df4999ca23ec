// Package budget bounds the memory of all requests together, in bytes.
//
// A request opens an account before it costs anything, reserves more while it grows (its body, its
// document, what GitLab answers, its own answer), and closes the account when its answer has left.
//
//   - Opening an account waits for a short time until others close, first come, first served.
//     Then it fails.
//   - An open account never waits for more memory: reserving more than there is fails at once. So
//     no two requests wait for each other. Large accounts cannot take the last quarter, which keeps
//     small requests going.
//   - While more than half of the budget is taken, clients that send a body or read an answer
//     slowly are interrupted, the slowest first.
//
// The budget counts what the program reserves, not the heap: a reservation should be a little
// larger than the memory that it stands for.
package budget

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// ErrExhausted is returned when the budget does not have what is asked for.
var ErrExhausted = errors.New("the server is out of memory for requests")

const (
	// Wait is how long opening an account may take.
	Wait = 500 * time.Millisecond
	// patience is how long a client may take to send a body or to read an answer before it may be
	// interrupted for others.
	patience = 250 * time.Millisecond
	// small is what an account may hold and still use all of the budget.
	small = 1 << 20
)

// Budget is the memory for all requests. A nil Budget has no bound.
type Budget struct {
	size int64
	now  func() time.Time

	mu      sync.Mutex
	used    int64
	leaving int64     // of used: what interrupted requests hold
	watched bool      // watch is scheduled
	waiting list.List // of *opening, first come first
	slow    list.List // of *Account whose client is being waited for, since longest first
}

// New returns a budget of so many bytes, or nil if size is 0.
func New(size int64, now func() time.Time) *Budget {
	if size <= 0 {
		return nil
	}
	return &Budget{size: size, now: now}
}

// Size returns how many bytes there are in all; 0 is no bound.
func (b *Budget) Size() int64 {
	if b == nil {
		return 0
	}
	return b.size
}

// Used returns how many bytes are reserved.
func (b *Budget) Used() int64 {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// opening is an account that waits to be opened.
type opening struct {
	bytes int64
	done  chan struct{} // closed when the bytes are reserved
}

// Open reserves the first bytes of a request. It waits shortly where there are none, and returns
// ErrExhausted or the context's error.
func (b *Budget) Open(ctx context.Context, bytes int64) (*Account, error) {
	if b == nil {
		return nil, nil
	}
	a := &Account{budget: b, held: bytes}
	b.mu.Lock()
	b.interrupt(bytes)
	if b.waiting.Len() == 0 && b.fits(bytes, bytes) {
		b.used += bytes
		b.mu.Unlock()
		return a, nil
	}
	o := &opening{bytes, make(chan struct{})}
	place := b.waiting.PushBack(o)
	b.watch()
	b.mu.Unlock()
	if err := await(ctx, o); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		select {
		case <-o.done: // meanwhile
			return a, nil
		default:
		}
		b.waiting.Remove(place)
		b.admit() // those behind it may need less
		return nil, err
	}
	return a, nil
}

// await waits until an account is opened.
func await(ctx context.Context, o *opening) error {
	late := time.NewTimer(Wait)
	defer late.Stop()
	select {
	case <-o.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-late.C:
		return ErrExhausted
	}
}

// fits reports whether an account that will hold so many bytes may reserve more. What interrupted
// clients hold counts as free already: it is so within moments. The lock is held.
func (b *Budget) fits(more, held int64) bool {
	size := b.size
	if held > small {
		size -= size / 4
	}
	return b.used-b.leaving+more <= size
}

// admit opens the accounts that wait, as far as there is room. The lock is held.
func (b *Budget) admit() {
	for e := b.waiting.Front(); e != nil; e = b.waiting.Front() {
		o := e.Value.(*opening)
		if !b.fits(o.bytes, o.bytes) {
			return
		}
		b.used += o.bytes
		b.waiting.Remove(e)
		close(o.done)
	}
}

// watch looks for slow clients for as long as more than half of the budget is taken. The lock is
// held.
func (b *Budget) watch() {
	if b.watched || b.slow.Len() == 0 || b.used-b.leaving+b.awaited() <= b.size/2 {
		return
	}
	b.watched = true
	time.AfterFunc(patience, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.watched = false
		b.interrupt(b.awaited())
		b.watch()
	})
}

// awaited is what the account needs that waits to be opened next. The lock is held.
func (b *Budget) awaited() int64 {
	if first := b.waiting.Front(); first != nil {
		return first.Value.(*opening).bytes
	}
	return 0
}

// interrupt ends the requests of the slowest clients, until half of the budget will be free with so
// many bytes more. The lock is held.
func (b *Budget) interrupt(more int64) {
	for e := b.slow.Front(); e != nil && b.used-b.leaving+more > b.size/2; e = b.slow.Front() {
		a := e.Value.(*Account)
		if b.now().Sub(a.since) < patience {
			return
		}
		a.interrupted = true
		b.leaving += a.held
		a.attend()
		a.cancel()
	}
	b.admit()
}
