package graphqlws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
	"jobgraph/internal/telemetry"
)

// operation is one that the client has subscribed to.
type operation struct {
	conn    *conn
	id      string
	length  int // of its payload, in bytes
	context context.Context
	cancel  context.CancelFunc
	account *budget.Account // what it reserves while it is no subscription

	recorded *telemetry.Operation
}

// subscribe begins an operation; it reports whether another message may follow.
func (c *conn) subscribe(m message) bool {
	if m.ID == "" || len(m.Payload) == 0 {
		return c.refuse(closeBadRequest, "subscribe needs an id and a payload")
	}
	c.mu.Lock()
	ready, running := c.context != nil, c.running
	_, exists := c.operations[m.ID]
	c.mu.Unlock()
	limit := c.server.config.Operations
	switch {
	case !ready:
		return c.refuse(closeUnauthorized, "Unauthorized")
	case exists:
		return c.refuse(closeSubscriberExists, "Subscriber for "+m.ID+" already exists")
	case limit > 0 && running >= limit:
		return c.fail(m.ID, gqlerror.List{tooMany(limit)})
	}
	params, refused := c.server.config.Decode(m.Payload)
	if refused != nil {
		return c.refuse(closeBadRequest, refused.Message)
	}
	go c.begin(m.ID, len(m.Payload)).run(params)
	return true
}

// begin registers an operation. Only the reader of the connection does so.
func (c *conn) begin(id string, length int) *operation {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := &operation{conn: c, id: id, length: length}
	ctx, cancel := context.WithCancel(c.context)
	o.cancel = cancel
	o.context, o.recorded = c.server.config.Recorder.Begin(ctx, telemetry.WebSocket, nil)
	if c.operations == nil {
		c.operations = map[string]*operation{}
	}
	c.operations[id] = o
	c.running++
	return o
}

// complete ends an operation of which the client expects nothing more. Its ID may be used again at
// once.
func (c *conn) complete(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.operations[id]; o != nil {
		o.cancel()
		delete(c.operations, id)
	}
}

// release frees the ID of an operation that has ended by itself; it reports whether the client
// still expects something of it.
func (o *operation) release() bool {
	c := o.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.operations[o.id] != o {
		return false
	}
	delete(c.operations, o.id)
	return true
}

// end counts an operation that does not run any more.
func (o *operation) end() {
	o.cancel()
	o.recorded.End()
	c := o.conn
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

func tooMany(limit int) *gqlerror.Error {
	return &gqlerror.Error{
		Message: fmt.Sprintf("too many operations at the same time over one connection: %d at most", limit),
		Extensions: map[string]any{
			"code": errcode.RateLimited, "limit": "ws-operations", "value": limit,
		},
	}
}

// run executes the operation to its end and sends the result to the client.
func (o *operation) run(params *graphql.RawParams) {
	defer o.end()
	defer o.recover()
	kind, last := o.execute(params)
	c := o.conn
	o.recorded.Fail(last)
	if !o.release() {
		return
	}
	switch {
	case last != nil:
		c.fail(o.id, last)
	case kind == ast.Subscription && c.server.isDraining():
		// The stream ends because the gateway shuts down, which is no completion: the client
		// subscribes again elsewhere when the connection is closed.
	default:
		_ = c.write(appendMessage(nil, typeComplete, o.id))
	}
}

// execute writes the responses of the operation. It returns the errors that replace a response;
// they end the operation.
func (o *operation) execute(params *graphql.RawParams) (ast.Operation, gqlerror.List) {
	s := o.conn.server
	leave, refused := s.config.Admit(o.context)
	if refused != nil {
		return "", gqlerror.List{refused}
	}
	leaveOnce := sync.OnceFunc(leave)
	defer leaveOnce()
	ctx, account, refused := s.config.Reserve(o.context, o.length)
	if refused != nil {
		return "", gqlerror.List{refused}
	}
	defer account.Close()
	o.account = account
	ctx = graphql.StartOperationTrace(ctx)
	op, invalid := s.exec.CreateOperationContext(ctx, params)
	if len(invalid) > 0 {
		if account.Exhausted() {
			return "", gqlerror.List{s.config.Overloaded()}
		}
		ctx = graphql.WithOperationContext(ctx, op)
		return "", s.exec.DispatchError(ctx, s.config.Errors(invalid)).Errors
	}
	o.recorded.Describe(op.Operation)
	kind := op.Operation.Operation
	if kind != ast.Subscription {
		ctx, end := s.config.Deadline(ctx)
		defer end()
		return kind, o.respond(ctx, op)
	}
	leaveOnce()
	account.Close()
	leaveStream, refused := s.config.AdmitStream(ctx)
	if refused != nil {
		return kind, gqlerror.List{refused}
	}
	defer leaveStream()
	return kind, o.respond(ctx, op)
}

// respond writes one response after the other, until there is none or the client is gone.
func (o *operation) respond(ctx context.Context, op *graphql.OperationContext) gqlerror.List {
	c := o.conn
	responses, ctx := c.server.exec.DispatchOperation(ctx, op)
	for {
		response := responses(ctx)
		switch {
		case response == nil:
			if late := c.server.config.TimedOut(ctx); late != nil {
				return gqlerror.List{late}
			}
			return nil
		case op.Operation.Operation == ast.Query && o.account.Exhausted():
			return gqlerror.List{c.server.config.Overloaded()}
		case response.Data == nil && len(response.Errors) > 0:
			return response.Errors
		case o.context.Err() != nil:
			return nil
		}
		switch err := o.next(response); {
		case errors.Is(err, budget.ErrExhausted):
			return gqlerror.List{c.server.config.Overloaded()}
		case err != nil:
			return nil
		}
		o.recorded.Fail(response.Errors)
	}
}

// eventID is the extension with the ID of an event, for transports whose events have one (see
// package graphqlhttp). Messages of this protocol have none.
const eventID = "eventId"

// next sends one response. Its data goes out as it is, in a message that takes its place in memory.
// A client that reads the message slowly may be cut off when others need the memory.
func (o *operation) next(response *graphql.Response) error {
	delete(response.Extensions, eventID)
	length := len(response.Data) + len(o.id) + envelopeBytes
	if err := o.account.Grow(int64(length)); err != nil {
		return err
	}
	b := appendMessage(make([]byte, 0, length), typeNext, o.id, payload(response)...)
	response.Data = nil
	if length > quickMessage {
		o.account.Keep(operationBytes + int64(length))
		o.account.AwaitClient(o.conn.cutOff)
		defer o.account.ClientDone()
	}
	return o.conn.write(b)
}

// operationBytes is about what an operation takes beside its answer.
const operationBytes = 32 << 10

// quickMessage is the length of a message that the kernel takes at once.
const quickMessage = 4 << 10

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

// encode encodes errors and extensions, which consist of plain values.
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

// recover answers a panic with an error that reveals nothing of it, and closes the connection with
// 4500.
func (o *operation) recover() {
	cause := recover()
	if cause == nil {
		return
	}
	shown := o.conn.server.config.Recovered(o.context, cause)
	o.recorded.Fail(gqlerror.List{shown})
	if o.release() {
		o.conn.fail(o.id, gqlerror.List{shown})
	}
	o.conn.close(closeInternal, "Internal server error")
}
