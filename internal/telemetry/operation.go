// Package telemetry follows operations from their request to their end, and the calls to GitLab
// that each of them makes. What it finds goes to the sinks of metrics and log, and into spans of
// OpenTelemetry's API (package tracing sends them).
//
// A transport begins an operation and ends it:
//
//	ctx, op := recorder.Begin(ctx, telemetry.HTTP, header)
//	defer op.End()
//	op.Describe(definition)
//	op.Fail(errors)
//
// No query text, no variable and no credential is ever kept here.
package telemetry

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"jobgraph/internal/requestid"
)

// Transport is how an operation came and how it is answered.
type Transport string

// The transports.
const (
	HTTP      Transport = "http"
	SSE       Transport = "sse"
	Multipart Transport = "multipart"
	WebSocket Transport = "websocket"
)

// Summary is what is known of an operation when it has ended.
type Summary struct {
	RequestID  string
	Connection string // the request ID of the WebSocket connection; "" for other transports
	Transport  Transport
	Name       string        // of the operation, as the document has it; "" where it has none or could not be read
	Kind       ast.Operation // "" where the document could not be read
	Codes      []string      // of the errors, each once, in their order
	Limits     []string      // that were met, each once
	Calls      int           // requests sent to GitLab
	Shared     bool          // the answer is that of an equal operation that was in flight
	Duration   time.Duration
}

// Recorder begins operations. The zero value hands them to nobody.
type Recorder struct {
	Now func() time.Time
	// Ended are called with each operation that has ended.
	Ended []Sink
	// Tracer makes a span of each operation; nil makes none.
	Tracer trace.Tracer

	names Names // of spans
}

// Sink takes in an operation that has ended.
type Sink func(context.Context, Summary)

// Operation is one that has begun. A nil one records nothing.
type Operation struct {
	context.Context // of the request, for End

	recorder *Recorder
	began    time.Time
	calls    atomic.Int64
	span     trace.Span // nil where there are no traces

	mu      sync.Mutex // guards what follows: events of a subscription come from another goroutine
	summary Summary
}

type contextKey struct{}

// Value makes an operation its own context, so that one allocation serves both.
func (o *Operation) Value(key any) any {
	if key == (contextKey{}) {
		return o
	}
	return o.Context.Value(key)
}

// From returns the operation that a context belongs to; nil where there is none.
func From(ctx context.Context) *Operation {
	o, _ := ctx.Value(contextKey{}).(*Operation)
	return o
}

// Begin begins an operation and returns its context. The header is that of its request, or nil. An
// operation over a WebSocket connection has a request ID of its own.
func (r *Recorder) Begin(ctx context.Context, t Transport, request http.Header) (context.Context, *Operation) {
	if r == nil {
		return ctx, nil
	}
	id, connection := requestid.From(ctx), ""
	if t == WebSocket {
		id, connection = "", id
	}
	if id == "" {
		id = requestid.New()
		ctx = requestid.With(ctx, id)
	}
	o := &Operation{
		recorder: r, began: r.Now(),
		summary: Summary{RequestID: id, Connection: connection, Transport: t},
	}
	if r.Tracer != nil {
		ctx, o.span = r.startSpan(ctx, request)
	}
	o.Context = ctx
	return o, o
}

// maxName is the length of an operation's name that is kept.
const maxName = 100

// Describe tells what the document says the operation is.
func (o *Operation) Describe(op *ast.OperationDefinition) {
	if o == nil || op == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.summary.Name, o.summary.Kind = op.Name[:min(len(op.Name), maxName)], op.Operation
	if o.span != nil {
		o.describeSpan()
	}
}

// AnsweredBy tells by which transport it is answered, where that is not how it came.
func (o *Operation) AnsweredBy(t Transport) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.summary.Transport = t
}

// Share tells that the answer is another operation's, and what that one is.
func (o *Operation) Share(op *ast.OperationDefinition) {
	o.Describe(op)
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.summary.Shared = true
}

// Fail tells which errors the client was told of.
func (o *Operation) Fail(errors gqlerror.List) {
	if o == nil || len(errors) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range errors {
		o.summary.Codes = note(o.summary.Codes, e.Extensions["code"])
		o.summary.Limits = note(o.summary.Limits, e.Extensions["limit"])
	}
}

// maxNotes is how many different codes and limits of one operation are kept.
const maxNotes = 8

func note(list []string, value any) []string {
	text, ok := value.(string)
	if !ok || len(list) >= maxNotes || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// called counts a request to GitLab.
func (o *Operation) called() {
	if o != nil {
		o.calls.Add(1)
	}
}

// End ends the operation. It is called once.
func (o *Operation) End() {
	if o == nil {
		return
	}
	o.mu.Lock()
	s := o.summary
	o.mu.Unlock()
	s.Calls, s.Duration = int(o.calls.Load()), o.recorder.Now().Sub(o.began)
	for _, ended := range o.recorder.Ended {
		ended(o, s)
	}
	if o.span != nil {
		o.endSpan(&s)
	}
}
