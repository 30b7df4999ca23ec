package live

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// String returns the reason's name, as metrics and traces have it.
func (r reason) String() string {
	switch r {
	case polling:
		return "fast"
	case woken:
		return "woken"
	}
	return "check"
}

// poll is the span of a read. Nil records nothing.
type poll struct{ span trace.Span }

// startPoll begins the span of a read. It begins a trace of its own, because no single request asks
// for the read; the events that it causes link to it.
func (w *watch) startPoll(ctx context.Context, why reason) (context.Context, *poll) {
	tracer := w.topic.engine.config.Tracer
	if tracer == nil {
		return ctx, nil
	}
	kind := string(w.topic.key.Kind)
	ctx, span := tracer.Start(ctx, "poll "+kind, trace.WithNewRoot(), trace.WithAttributes(
		attribute.String("jobgraph.topic.kind", kind),
		attribute.String("jobgraph.poll.reason", why.String()),
	))
	return ctx, &poll{span}
}

// found returns what the events of this read link to.
func (p *poll) found() trace.SpanContext {
	if p == nil {
		return trace.SpanContext{}
	}
	return p.span.SpanContext()
}

// end ends the span.
func (p *poll) end(changed bool, err error) {
	if p == nil {
		return
	}
	p.span.SetAttributes(attribute.Bool("jobgraph.poll.changed", changed))
	if err != nil {
		p.span.SetStatus(codes.Error, "the read failed") // the call's span has the error
	}
	p.span.End()
}
