package graphqlhttp

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
)

// What a request reserves before anything else: what every request takes, its body in the buffer
// and in the strings that are made of it, and what a body takes at most when it is decoded, a list
// of digits.
const (
	requestMemory = 32 << 10
	bodyFactor    = 2
	valueFactor   = 32
)

// unknownBody is what is reserved at first for a body that does not declare its length.
const unknownBody = 16 << 10

// retryAfter is how many seconds a client should wait for memory.
const retryAfter = 1

// reserve opens the request's account, for a body of a known or unknown length, or for a query
// string.
func (a *answer) reserve(r *http.Request, length int64) *fault {
	if length < 0 {
		length = unknownBody
	}
	var refused *fault
	a.account, refused = a.transport.open(r.Context(), length)
	return refused
}

// open opens an account for a request of so many bytes.
func (t *Transport) open(ctx context.Context, length int64) (*budget.Account, *fault) {
	account, err := t.config.Budget.Open(ctx, requestMemory+bodyFactor*length)
	switch {
	case errors.Is(err, budget.ErrExhausted):
		return nil, overloaded()
	case err != nil:
		return nil, clientGone()
	}
	return account, nil
}

// Reserve opens an account for an operation of so many bytes that another transport has read, and
// returns the context that holds it.
func (t *Transport) Reserve(ctx context.Context, length int) (context.Context, *budget.Account, *gqlerror.Error) {
	account, refused := t.open(ctx, int64(length))
	if refused != nil {
		return ctx, nil, &refused.error
	}
	return budget.With(ctx, account), account, nil
}

// Overloaded returns the error of a query that failed for lack of memory.
func Overloaded() *gqlerror.Error { return &overloaded().error }

func overloaded() *fault {
	f := newFault(http.StatusServiceUnavailable, errcode.ServerOverloaded, "the gateway has no memory left for the request; try again in a second")
	f.error.Extensions["retryAfter"] = retryAfter
	return f
}

// longAgo is a deadline in the past.
func longAgo() time.Time { return time.Unix(1, 0) }

// awaitBody lets a client that sends its body slowly be interrupted when others need the memory.
func (a *answer) awaitBody() {
	control := http.NewResponseController(a.w)
	a.account.AwaitClient(func() { _ = control.SetReadDeadline(longAgo()) })
}

// quickAnswer is the length of an answer that the kernel takes at once.
const quickAnswer = 4 << 10

// awaitReader is awaitBody for a client that reads its answer slowly. The answer is all that is
// still needed of the request.
func (a *answer) awaitReader(length int) {
	if length <= quickAnswer {
		return
	}
	a.account.Keep(requestMemory + int64(length))
	control := http.NewResponseController(a.w)
	a.account.AwaitClient(func() { _ = control.SetWriteDeadline(longAgo()) })
}

// isOverloaded reports whether a query failed for lack of memory. A mutation may have been carried
// out all the same, so its answer is sent as it is.
func (a *answer) isOverloaded(kind ast.Operation) bool {
	return kind == ast.Query && a.account.Exhausted()
}
