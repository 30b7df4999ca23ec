package graphqlws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
	"jobgraph/internal/telemetry"
)

// operation is one that the client has subscribed to. A query or mutation has a goroutine of its
// own. A subscription has one until its stream is attached; from then on, the server's writers send
// its responses.
type operation struct {
	conn     *conn
	id       string
	length   int             // of its payload, in bytes
	account  *budget.Account // what it reserves while it is no subscription
	context  context.Context // for its values
	recorded *telemetry.Operation

	queued bool // among those that may have a response; guarded by conn.queue

	// Guarded by conn.mu.
	cancel  context.CancelFunc // of what runs in the operation's goroutine
	stream  Stream
	leave   func() // ends the stream's admission
	stopped bool   // nobody expects anything of it any more
	ended   bool
}

// Stream is a subscription whose responses are taken without waiting.
type Stream interface {
	// Take returns the next response, which it shares with others, or nil if there is none yet; over
	// reports that none will follow.
	Take() (response *graphql.Response, over bool)
	// Close ends the stream. It may be called more than once.
	Close()
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
	o, ctx := c.begin(m.ID, len(m.Payload))
	go o.run(ctx, params)
	return true
}

// begin registers an operation, and returns the context that its goroutine runs in. Only the reader
// of the connection calls it.
func (c *conn) begin(id string, length int) (*operation, context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := &operation{conn: c, id: id, length: length}
	o.context, o.recorded = c.server.config.Recorder.Begin(c.context, telemetry.WebSocket, nil)
	var ctx context.Context
	ctx, o.cancel = context.WithCancel(o.context)
	if c.operations == nil {
		c.operations = map[string]*operation{}
	}
	c.operations[id] = o
	c.running++
	return o, ctx
}

// complete ends an operation of which the client expects nothing more. Its ID may be used again at
// once.
func (c *conn) complete(id string) {
	c.mu.Lock()
	o := c.operations[id]
	delete(c.operations, id)
	c.mu.Unlock()
	if o != nil {
		o.stop()
	}
}

// stop ends an operation early.
func (o *operation) stop() {
	o.conn.mu.Lock()
	o.stopped = true
	cancel, attached := o.cancel, o.stream != nil
	o.conn.mu.Unlock()
	if attached {
		o.end()
	} else {
		cancel()
	}
}

// attach leaves a stream to the writers; it reports false if the operation was stopped meanwhile.
func (o *operation) attach(stream Stream, leave func()) bool {
	c := o.conn
	c.mu.Lock()
	refused := o.stopped || c.closed
	if !refused {
		o.stream, o.leave, o.cancel, o.account = stream, leave, nil, nil
	}
	c.mu.Unlock()
	if refused {
		stream.Close()
		leave()
		return false
	}
	o.notify()
	return true
}

// current returns the operation's stream; nil if there is none, or nobody expects anything of it.
func (o *operation) current() Stream {
	c := o.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.operations[o.id] != o {
		return nil
	}
	return o.stream
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
	c := o.conn
	c.mu.Lock()
	again := o.ended
	o.ended = true
	if !again {
		c.running--
	}
	if c.running == 0 {
		c.idleSince = c.server.config.Now()
	}
	c.mu.Unlock()
	if again {
		return
	}
	if o.stream != nil {
		o.stream.Close()
		o.leave()
	}
	o.recorded.End()
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

// run executes a query or mutation to its end, and a subscription until its stream is attached.
func (o *operation) run(ctx context.Context, params *graphql.RawParams) {
	attached := false
	defer func() {
		if !attached {
			o.end()
		}
	}()
	defer o.recover()
	defer o.cancel()
	attached, last := o.execute(ctx, params)
	if attached {
		return
	}
	o.recorded.Fail(last)
	if !o.release() {
		return
	}
	if last != nil {
		o.conn.fail(o.id, last)
	} else {
		_ = o.conn.write(appendMessage(nil, typeComplete, o.id))
	}
}

// execute writes the response of the operation, or attaches its stream. It returns the errors that
// replace a response; they end the operation.
func (o *operation) execute(ctx context.Context, params *graphql.RawParams) (attached bool, last gqlerror.List) {
	s := o.conn.server
	leave, refused := s.config.Admit(ctx)
	if refused != nil {
		return false, gqlerror.List{refused}
	}
	leaveOnce := sync.OnceFunc(leave)
	defer leaveOnce()
	ctx, account, refused := s.config.Reserve(ctx, o.length)
	if refused != nil {
		return false, gqlerror.List{refused}
	}
	defer account.Close()
	o.account = account
	ctx = graphql.StartOperationTrace(ctx)
	op, invalid := s.exec.CreateOperationContext(ctx, params)
	if len(invalid) > 0 {
		if account.Exhausted() {
			return false, gqlerror.List{s.config.Overloaded()}
		}
		ctx = graphql.WithOperationContext(ctx, op)
		return false, s.exec.DispatchError(ctx, s.config.Errors(invalid)).Errors
	}
	o.recorded.Describe(op.Operation)
	if op.Operation.Operation != ast.Subscription {
		ctx, end := s.config.Deadline(ctx)
		defer end()
		return false, o.respond(ctx, op)
	}
	leaveOnce()
	account.Close()
	leaveStream, refused := s.config.AdmitStream(ctx)
	if refused != nil {
		return false, gqlerror.List{refused}
	}
	ctx = graphql.WithOperationContext(ctx, op)
	return o.attach(s.config.Subscribe(ctx, o.notify), leaveStream), nil
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
		case ctx.Err() != nil:
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
	length := len(response.Data) + len(o.id) + envelopeBytes
	if err := o.account.Grow(int64(length)); err != nil {
		return err
	}
	b := appendNext(make([]byte, 0, length), o.id, response)
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
	if extensions := shown(response.Extensions); len(extensions) > 0 {
		parts = append(parts, []byte(`,"extensions":`), encode(extensions))
	}
	return append(parts, []byte(`}`))
}

// shown returns the extensions that are sent.
func shown(extensions map[string]any) map[string]any {
	if _, has := extensions[eventID]; has {
		extensions = maps.Clone(extensions) // the response is shared
		delete(extensions, eventID)
	}
	return extensions
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
	if errors := o.recovered(cause); o.release() {
		o.conn.fail(o.id, errors)
	}
	o.conn.close(closeInternal, "Internal server error")
}

// recovered returns the errors that are sent for a panic.
func (o *operation) recovered(cause any) gqlerror.List {
	errors := gqlerror.List{o.conn.server.config.Recovered(o.context, cause)}
	o.recorded.Fail(errors)
	return errors
}
