package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"jobgraph/restclient"
)

// CallSink takes in what calls to GitLab do.
type CallSink interface {
	CallBegan()
	Exchanged(method, route string, e restclient.Exchange)
	// CallEnded is called with whether anything was sent, and how it ended.
	CallEnded(sent bool, err error)
}

// Upstream follows the calls to GitLab: for the sink, and for the operations that make them.
type Upstream struct {
	Sink   CallSink
	Tracer trace.Tracer         // nil = no traces
	Server []attribute.KeyValue // of every call's span; see [Server]
}

var _ restclient.Observer = Upstream{}

// Begin begins to follow a call.
func (u Upstream) Begin(ctx context.Context, method, route string) restclient.Observation {
	u.Sink.CallBegan()
	c := upstreamCall{sink: u.Sink, operation: From(ctx), method: method, route: route}
	if u.Tracer != nil {
		return u.startCall(ctx, c)
	}
	return &c
}

// upstreamCall is one call.
type upstreamCall struct {
	sink          CallSink
	operation     *Operation
	method, route string
	sent          bool
}

func (c *upstreamCall) Propagate(http.Header) {}

func (c *upstreamCall) Sent(e restclient.Exchange) {
	c.sent = true
	c.operation.called()
	c.sink.Exchanged(c.method, c.route, e)
}

func (c *upstreamCall) End(err error) { c.sink.CallEnded(c.sent, err) }
