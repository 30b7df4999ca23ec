package telemetry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"jobgraph/restclient"
)

// Server returns the attributes of the GitLab at an address.
func Server(address string) []attribute.KeyValue {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	attributes := []attribute.KeyValue{semconv.ServerAddress(u.Hostname())}
	text := u.Port()
	if text == "" {
		text = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if port, err := net.LookupPort("tcp", text); err == nil {
		attributes = append(attributes, semconv.ServerPort(port))
	}
	return attributes
}

// tracedCall is a call with a span of its own, which all its requests belong to.
type tracedCall struct {
	upstreamCall
	span trace.Span
	last restclient.Exchange // zero before the first
}

// startCall begins the span of a call. The route has the names of an endpoint's parameters and not
// their values.
func (u Upstream) startCall(ctx context.Context, c upstreamCall) *tracedCall {
	_, span := u.Tracer.Start(ctx, c.method+" "+c.route,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(u.Server...),
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(c.method), semconv.URLTemplate(c.route)),
	)
	return &tracedCall{upstreamCall: c, span: span}
}

// Propagate tells GitLab the trace and the span.
func (c *tracedCall) Propagate(header http.Header) {
	ctx := trace.ContextWithSpan(context.Background(), c.span)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
}

// Sent records a request that is not the first one as an event, with the answer that it follows.
// The event's time is that of its own answer.
func (c *tracedCall) Sent(e restclient.Exchange) {
	if c.sent {
		name, why := "retry", "error"
		if e.Redirected {
			name = "redirect"
		}
		if c.last.Status > 0 {
			why = strconv.Itoa(c.last.Status)
		}
		c.span.AddEvent(name, trace.WithAttributes(
			attribute.Int("jobgraph.attempt", e.Attempt),
			attribute.String("jobgraph.after", why),
		))
	}
	c.last = e
	c.upstreamCall.Sent(e)
}

// End ends the span with the last answer.
func (c *tracedCall) End(err error) {
	if c.last.Status > 0 {
		c.span.SetAttributes(semconv.HTTPResponseStatusCode(c.last.Status))
	}
	if c.last.Attempt > 1 {
		c.span.SetAttributes(semconv.HTTPRequestResendCount(c.last.Attempt - 1))
	}
	if id := c.last.RequestID(); id != "" {
		c.span.SetAttributes(semconv.HTTPResponseHeader("x-request-id", id))
	}
	if err != nil {
		kind := errorType(err)
		c.span.SetAttributes(semconv.ErrorTypeKey.String(kind))
		c.span.SetStatus(codes.Error, kind)
	}
	c.span.End()
	c.upstreamCall.End(err)
}

// errorType returns the kind of a call's error, of which there are few. Its text may be GitLab's.
func errorType(err error) string {
	if e, ok := errors.AsType[*restclient.Error](err); ok {
		return strconv.Itoa(e.Status)
	}
	if e, ok := errors.AsType[*restclient.TransportError](err); ok {
		return string(e.Kind)
	}
	if e, ok := errors.AsType[*restclient.InvalidError](err); ok {
		return string(e.Reason)
	}
	return semconv.ErrorTypeOther.Value.AsString()
}
