// Package graphqlhttp serves GraphQL over HTTP by its specification
// (https://graphql.github.io/graphql-over-http/draft/), before gqlgen's executor: queries by GET
// and POST, mutations by POST, in both media types.
//
// It is stricter than gqlgen's own transports. Bodies are bounded in size and time, and read
// strictly; a request that fails before execution gets no data key and the status that its media
// type requires; no answer quotes the body or reveals anything internal. What a browser sends
// without a preflight (forms, plain text) is never executed.
package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/internal/budget"
	"jobgraph/internal/compress"
	"jobgraph/internal/telemetry"
)

// Config bounds what one request may take. 0 is no bound.
type Config struct {
	BodyBytes int           // of a request's body, or of a GET request's query string
	JSONDepth int           // nesting of variables and extensions
	Timeout   time.Duration // of the whole request, after its body was read
	// Compression allows answers over 1 KiB to be compressed; streams never are.
	Compression bool
	// Budget is the memory that all requests share; nil has no bound.
	Budget *budget.Budget
	// Streams configures how subscriptions are served.
	Streams StreamConfig
	// Errors completes the executor's errors of a refused request; nil leaves them as they are.
	Errors func(gqlerror.List) gqlerror.List
	// Recorder records every operation; nil records none.
	Recorder *telemetry.Recorder
}

// Transport answers requests.
type Transport struct {
	config  Config
	headers headers
	pools   pools
	gzip    *compress.Writers // nil if answers are not compressed
	sharing sharing
}

// New makes a transport.
func New(c Config) *Transport {
	if c.Errors == nil {
		c.Errors = func(list gqlerror.List) gqlerror.List { return list }
	}
	t := &Transport{config: c, headers: newHeaders(c.Compression)}
	if c.Compression {
		t.gzip = compress.NewWriters()
	}
	return t
}

// TimeoutError is the cause of a context that ended because the request took too long.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the request took longer than %s", e.Limit)
}

// Do answers one request, including a malformed one.
func (t *Transport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	accept := r.Header["Accept"]
	media, acceptable := negotiate(accept)
	ctx, recorded := t.config.Recorder.Begin(r.Context(), telemetry.HTTP, r.Header)
	defer recorded.End()
	a := &answer{transport: t, w: w, method: r.Method, media: media, end: func() {},
		body: buffer{pools: &t.pools}, zipped: buffer{pools: &t.pools}, params: graphql.RawParams{Headers: r.Header}}
	a.requestContext, a.recorded = ctx, recorded
	a.setHeaders()
	if !acceptable {
		if a.only = negotiateOnly(accept); a.only == nil {
			a.refuse(notAcceptable())
			return
		}
	}
	defer a.release()
	if fault := a.readRequest(r); fault != nil {
		a.refuse(fault)
		return
	}
	if !a.answered {
		a.execute(r.Method, exec)
	}
}

// release gives back what the request took.
func (a *answer) release() {
	a.body.free()
	a.zipped.free()
	a.account.Close()
	a.end()
}

// wasRead ends the read deadline of a request: if it passed during the execution, it would be taken
// for a disconnect of the client. Where there is no connection beneath, as in tests, there is
// nothing to do.
func (a *answer) wasRead() {
	_ = http.NewResponseController(a.w).SetReadDeadline(time.Time{})
}

// begin starts the time that a request has to be executed.
func (a *answer) begin() {
	a.ctx, a.end = a.transport.deadline(graphql.StartOperationTrace(budget.With(a.requestContext, a.account)))
}

func (t *Transport) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.config.Timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, t.config.Timeout, &TimeoutError{t.config.Timeout})
}

// readRequest fills params from the query string or from the body, by the method.
func (a *answer) readRequest(r *http.Request) *fault {
	if f := tokenInAddress(r.URL.RawQuery); f != nil {
		return f
	}
	switch r.Method {
	case http.MethodPost:
		return a.readPost(r)
	case http.MethodGet, http.MethodHead:
		a.wasRead()
		return a.readGet(r)
	}
	return methodNotAllowed(r.Method)
}

// execute answers an operation that was read well.
func (a *answer) execute(method string, exec graphql.GraphExecutor) {
	op, refused := exec.CreateOperationContext(a.ctx, &a.params)
	if len(refused) > 0 {
		if a.account.Exhausted() {
			a.refuse(overloaded())
			return
		}
		response := exec.DispatchError(graphql.WithOperationContext(a.ctx, op), a.transport.config.Errors(refused))
		if a.only != nil {
			a.streamErrors(a.only, response.Errors)
			return
		}
		a.write(a.refusalStatus(), response)
		return
	}
	a.recorded.Describe(op.Operation)
	if fault := allowed(method, op.Operation.Operation); fault != nil {
		a.refuse(fault)
		return
	}
	if op.Operation.Operation == ast.Subscription {
		a.subscribe(op, exec)
		return
	}
	if form, in := a.inParts(op); in {
		a.parts(op, exec, form)
		return
	}
	if a.only != nil {
		a.stream(op, exec, a.only)
		return
	}
	response, ctx := a.dispatch(op, exec)
	if response == nil { // the context had ended before the first field
		a.ended(ctx)
		return
	}
	if a.isOverloaded(op.Operation.Operation) {
		a.refuse(overloaded())
		return
	}
	a.executed(response)
}

// subscribe answers a subscription, whose time is not that of a request.
func (a *answer) subscribe(op *graphql.OperationContext, exec graphql.GraphExecutor) {
	form := negotiateStream(a.params.Headers["Accept"])
	if form == nil {
		a.refuse(subscriptionNotAcceptable())
		return
	}
	a.end()
	a.account.Close() // streams have limits of their own
	a.ctx, a.end = graphql.StartOperationTrace(a.requestContext), func() {}
	a.stream(op, exec, form)
}

// allowed refuses operations that the method must not execute.
func allowed(method string, kind ast.Operation) *fault {
	if kind == ast.Mutation && method != http.MethodPost {
		return mutationByGet()
	}
	return nil
}

// ended answers a request that timed out, or whose client has gone, before anything was executed.
func (a *answer) ended(ctx context.Context) {
	if late, ok := errors.AsType[*TimeoutError](context.Cause(ctx)); ok {
		a.refuse(tookTooLong(late))
		return
	}
	a.refuse(clientGone())
}
