package graphqlws

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// subscribe begins an operation; it reports whether another message may follow.
func (c *conn) subscribe(m message) bool {
	if m.ID == "" || len(m.Payload) == 0 {
		return c.refuse(closeBadRequest, "subscribe needs an id and a payload")
	}
	ctx, begun, exists := c.begin(m.ID)
	switch {
	case ctx == nil:
		return c.refuse(closeUnauthorized, "Unauthorized")
	case exists:
		return c.refuse(closeSubscriberExists, "Subscriber for "+m.ID+" already exists")
	case !begun:
		return c.fail(m.ID, gqlerror.List{c.tooMany()})
	}
	params, err := c.rawParams(m.Payload)
	if err != nil {
		c.finish(m.ID)
		return c.refuse(closeBadRequest, "the payload of subscribe is not a GraphQL request: "+err.Error())
	}
	go c.run(ctx, m.ID, params)
	return true
}

// begin makes room for an operation. The context is nil before connection_init.
func (c *conn) begin(id string) (ctx context.Context, begun, exists bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.context == nil {
		return nil, false, false
	}
	if _, exists := c.operations[id]; exists {
		return c.context, false, true
	}
	limit := c.server.config.Operations
	if limit > 0 && c.running >= limit {
		return c.context, false, false
	}
	ctx, cancel := context.WithCancel(c.context)
	if c.operations == nil {
		c.operations = map[string]context.CancelFunc{}
	}
	c.operations[id] = cancel
	c.running++
	return ctx, true, false
}

// complete ends an operation that the client wants no more of. Its ID may be used again at once.
func (c *conn) complete(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, ok := c.operations[id]; ok {
		cancel()
		delete(c.operations, id)
	}
}

// finish ends an operation before it has run.
func (c *conn) finish(id string) {
	c.complete(id)
	c.ended()
}

// ended counts an operation that does not run any more.
func (c *conn) ended() {
	c.mu.Lock()
	c.running--
	if c.running == 0 {
		c.idleSince = c.server.config.Now()
	}
	c.mu.Unlock()
	if c.server.isDraining() {
		c.closeIfDone()
	}
}

// closeIfDone closes a connection without operations, while the server drains.
func (c *conn) closeIfDone() {
	c.mu.Lock()
	done := c.running == 0
	c.mu.Unlock()
	if done {
		go c.close(websocket.CloseServiceRestart, "the gateway shuts down")
	}
}

func (c *conn) tooMany() *gqlerror.Error {
	limit := c.server.config.Operations
	return &gqlerror.Error{
		Message:    "too many operations at the same time over one connection",
		Extensions: map[string]any{"code": "RATE_LIMITED", "limit": "connection-operations", "value": limit},
	}
}

// run executes one operation to its end.
func (c *conn) run(ctx context.Context, id string, params *graphql.RawParams) {
	defer c.ended()
	defer c.recover(ctx, id)
	kind, last := c.execute(ctx, id, params)
	c.server.config.Observe(ctx, kind, last)
	// The client has completed it by itself, or the connection has ended: no message is due.
	if ctx.Err() != nil {
		return
	}
	c.complete(id)
	switch {
	case last != nil:
		c.fail(id, last)
	case kind == ast.Subscription && c.server.isDraining():
		// The stream has ended because the gateway shuts down, which is no completion: closing the
		// connection has the client subscribe again elsewhere.
	default:
		_ = c.write(appendMessage(nil, typeComplete, id))
	}
}

// execute writes the responses of an operation. Errors instead of a response are returned: they end
// the operation.
func (c *conn) execute(ctx context.Context, id string, params *graphql.RawParams) (ast.Operation, gqlerror.List) {
	s := c.server
	ctx = graphql.StartOperationTrace(ctx)
	op, refused := s.exec.CreateOperationContext(ctx, params)
	if len(refused) > 0 {
		ctx = graphql.WithOperationContext(ctx, op)
		return "", s.exec.DispatchError(ctx, s.config.Errors(refused)).Errors
	}
	kind := op.Operation.Operation
	leave, notAdmitted := s.config.Admit(ctx, kind)
	if notAdmitted != nil {
		return kind, gqlerror.List{notAdmitted}
	}
	defer leave()
	if kind != ast.Subscription && s.config.RequestTimeout > 0 {
		limited, end := context.WithTimeout(ctx, s.config.RequestTimeout)
		defer end()
		ctx = limited
	}
	responses, inner := s.exec.DispatchOperation(ctx, op)
	for {
		response := responses(inner)
		if response == nil {
			return kind, nil
		}
		if response.Data == nil && len(response.Errors) > 0 {
			return kind, response.Errors
		}
		if inner.Err() != nil && kind == ast.Subscription {
			return kind, nil
		}
		if c.next(id, response) != nil {
			return kind, nil
		}
	}
}

// next sends one response. Its data goes out as it is.
func (c *conn) next(id string, response *graphql.Response) error {
	b := make([]byte, 0, len(response.Data)+len(id)+envelopeBytes)
	b = appendMessage(b, typeNext, id, payload(response)...)
	return c.write(b)
}

// envelopeBytes is about what a message has beside its data and ID.
const envelopeBytes = 64

// payload returns the parts of a response as JSON.
func payload(response *graphql.Response) [][]byte {
	parts := [][]byte{[]byte(`{"data":`), response.Data}
	if len(response.Errors) > 0 {
		parts = append(parts, []byte(`,"errors":`), encode(response.Errors))
	}
	if len(response.Extensions) > 0 {
		parts = append(parts, []byte(`,"extensions":`), encode(response.Extensions))
	}
	return append(parts, []byte(`}`))
}

// encode is for errors and extensions, which are made of plain values.
func encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // a bug, answered as one
	}
	return out
}

// fail ends an operation with errors. No complete follows an error message.
func (c *conn) fail(id string, errors gqlerror.List) bool {
	return c.write(appendMessage(nil, typeError, id, encode(errors))) == nil
}

// recover answers a panic as an error that tells nothing of it, and closes the connection with 4500.
func (c *conn) recover(ctx context.Context, id string) {
	cause := recover()
	if cause == nil {
		return
	}
	presenter, ok := c.server.exec.(interface {
		PresentRecoveredError(ctx context.Context, err any) error
	})
	if ok {
		shown := presenter.PresentRecoveredError(ctx, cause)
		if e, ok := shown.(*gqlerror.Error); ok {
			c.fail(id, gqlerror.List{e})
		}
	}
	c.close(closeInternal, "Internal server error")
}
