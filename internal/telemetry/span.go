package telemetry

import (
	"context"
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// maxTraceState is the length of a client's tracestate that is passed on; a longer one is dropped.
// It is the least that W3C's Trace Context asks for, and spans keep it until they are sent.
const maxTraceState = 512

// Join returns a context whose operations belong to the trace that a request names. W3C's baggage
// is not read: it may hold anything, and GitLab is not sent it.
func (r *Recorder) Join(ctx context.Context, request http.Header) context.Context {
	if r == nil || r.Tracer == nil || len(request["Traceparent"]) != 1 {
		return ctx
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(request))
	if remote := trace.SpanContextFromContext(ctx); len(remote.TraceState().String()) > maxTraceState {
		ctx = trace.ContextWithRemoteSpanContext(ctx, remote.WithTraceState(trace.TraceState{}))
	}
	return ctx
}

// startSpan begins the span of an operation. It gets its name when the document was read.
func (r *Recorder) startSpan(ctx context.Context, request http.Header) (context.Context, trace.Span) {
	return r.Tracer.Start(r.Join(ctx, request), "graphql", trace.WithSpanKind(trace.SpanKindServer))
}

// describeSpan sets the name and the attributes that the document gives. There is a bounded number
// of names; neither the document nor a variable is among the attributes.
func (o *Operation) describeSpan() {
	name, kind := o.summary.Name, string(o.summary.Kind)
	o.span.SetName(spanName(kind, o.recorder.names.Fold(name)))
	o.span.SetAttributes(operationAttributes(name, kind)...)
}

func spanName(what, name string) string {
	if name == "" {
		return what
	}
	return what + " " + name
}

func operationAttributes(name, kind string) []attribute.KeyValue {
	attributes := []attribute.KeyValue{semconv.GraphQLOperationTypeKey.String(kind)}
	if name != "" {
		attributes = append(attributes, semconv.GraphQLOperationName(name))
	}
	return attributes
}

// endSpan ends the span of an operation with what is known of it then.
func (o *Operation) endSpan(s *Summary) {
	o.span.SetAttributes(
		attribute.String("jobgraph.transport", string(s.Transport)),
		attribute.String("jobgraph.request_id", s.RequestID),
		attribute.Int("jobgraph.calls", s.Calls),
		attribute.Bool("jobgraph.shared", s.Shared),
	)
	if len(s.Codes) > 0 {
		o.span.SetAttributes(semconv.ErrorTypeKey.String(s.Codes[0]), attribute.StringSlice("jobgraph.codes", s.Codes))
		o.span.SetStatus(codes.Error, s.Codes[0])
	}
	o.span.End()
}

// StartEvent begins the span of an event of the subscription that ctx belongs to: a child of the
// operation's span, linked to the poll of GitLab that found the event. Where there are no traces,
// the span records nothing.
func StartEvent(ctx context.Context, poll trace.SpanContext) (context.Context, trace.Span) {
	o := From(ctx)
	if o == nil || o.span == nil {
		return ctx, noop.Span{}
	}
	o.mu.Lock()
	name := o.summary.Name
	o.mu.Unlock()
	options := []trace.SpanStartOption{trace.WithAttributes(operationAttributes(name, string(ast.Subscription))...)}
	if poll.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: poll}))
	}
	return o.recorder.Tracer.Start(ctx, spanName("event", o.recorder.names.Fold(name)), options...)
}
