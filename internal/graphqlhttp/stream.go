package graphqlhttp

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/internal/graphqlsse"
	"jobgraph/internal/multipart"
	"jobgraph/internal/telemetry"
)

// StreamConfig configures how operations with more than one response are served.
type StreamConfig struct {
	Heartbeat    time.Duration // between two heartbeats while there is no response; 0 is none
	WriteTimeout time.Duration // of one response or heartbeat; 0 is no bound
	// Admit lets a subscription begin; the function it returns ends it. nil admits all.
	Admit func(context.Context) (leave func(), refused *gqlerror.Error)
	// Draining reports whether the gateway shuts down: a stream that ends then is not complete.
	Draining func() bool
}

// EventID is the key of a response's extensions whose value, a string, is the id of its event.
// Transports send it in the form of their protocol, and not as an extension.
const EventID = "eventId"

// streamWriter formats a stream for its media type.
type streamWriter interface {
	SetHeaders(http.Header)
	Open(b []byte) []byte
	Heartbeat(b []byte) []byte
	Next(b []byte, id string, parts ...[]byte) []byte
	Errors(b []byte, errors []byte) []byte
	Complete(b []byte) []byte
}

// negotiateStream chooses the form of a stream by the Accept headers; nil where they allow none. A
// client that accepts both equally gets server-sent events.
func negotiateStream(accept []string) streamWriter {
	if len(accept) == 0 {
		return graphqlsse.Writer{}
	}
	var sse, parts preference
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := quality(params["q"])
		switch kind {
		case graphqlsse.MediaType:
			sse.consider(3, q)
		case "text/*":
			sse.consider(2, q)
		case "*/*":
			sse.consider(1, q)
		case multipart.MediaType:
			// Without its version it means the incremental delivery of queries, which is another format.
			if params["subscriptionspec"] == multipart.SubscriptionSpec {
				parts.consider(3, q)
			}
		}
	}
	switch {
	case sse.quality <= 0 && parts.quality <= 0:
		return nil
	case parts.quality > sse.quality, parts.quality == sse.quality && parts.exactness > sse.exactness:
		return multipart.Writer{}
	}
	return graphqlsse.Writer{}
}

// stream is one operation that is answered in parts.
type stream struct {
	answer  *answer
	writer  streamWriter
	control *http.ResponseController
	config  *StreamConfig

	mu        sync.Mutex // guards what follows
	heartbeat *time.Timer
	failed    bool
	over      bool
}

// stream answers an operation in parts, from its beginning to its end or the client's.
func (a *answer) stream(op *graphql.OperationContext, exec graphql.GraphExecutor, w streamWriter) {
	config := &a.transport.config.Streams
	ctx := a.ctx
	if op.Operation.Operation == ast.Subscription {
		if config.Admit != nil {
			leave, refused := config.Admit(ctx)
			if refused != nil {
				a.streamErrors(w, gqlerror.List{refused})
				return
			}
			defer leave()
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := a.openStream(w, cancel)
	defer s.close()
	responses, inner := exec.DispatchOperation(ctx, op)
	for {
		response := responses(inner)
		switch {
		case response == nil:
			s.complete(inner)
			return
		case response.Data == nil && len(response.Errors) > 0:
			s.errors(response.Errors)
			return
		}
		if !s.next(response) {
			return
		}
	}
}

// streamErrors answers errors that an operation has before its first response.
func (a *answer) streamErrors(w streamWriter, errors gqlerror.List) {
	s := a.openStream(w, func() {})
	defer s.close()
	s.errors(errors)
}

// transportOf returns what a stream's form is recorded as.
func transportOf(w streamWriter) telemetry.Transport {
	if _, sse := w.(graphqlsse.Writer); sse {
		return telemetry.SSE
	}
	return telemetry.Multipart
}

// openStream sends the headers and the beginning of a stream. Cancel ends the operation when the
// client cannot be written to.
func (a *answer) openStream(w streamWriter, cancel func()) *stream {
	s := &stream{answer: a, writer: w, control: http.NewResponseController(a.w), config: &a.transport.config.Streams}
	a.recorded.AnsweredBy(transportOf(w))
	w.SetHeaders(a.w.Header())
	a.w.WriteHeader(http.StatusOK)
	s.send(w.Open(nil))
	if beat := s.config.Heartbeat; beat > 0 {
		s.mu.Lock() // the timer's function reads what is set here
		s.heartbeat = time.AfterFunc(beat, func() {
			if !s.send(w.Heartbeat(nil)) {
				cancel()
			}
		})
		s.mu.Unlock()
	}
	return s
}

// send writes and flushes; it reports whether more may follow.
func (s *stream) send(b []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed || s.over {
		return false
	}
	if t := s.config.WriteTimeout; t > 0 {
		_ = s.control.SetWriteDeadline(time.Now().Add(t)) // the system's clock counts for a socket
	}
	_, err := s.answer.w.Write(b)
	if err == nil {
		err = s.control.Flush()
	}
	s.failed = err != nil
	if s.heartbeat != nil && !s.failed {
		s.heartbeat.Reset(s.config.Heartbeat)
	}
	return !s.failed
}

// close ends the stream: nothing is written to it any more.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.heartbeat != nil {
		s.heartbeat.Stop()
	}
}

func (s *stream) next(response *graphql.Response) bool {
	id, _ := response.Extensions[EventID].(string)
	delete(response.Extensions, EventID)
	s.answer.recorded.Fail(response.Errors)
	head, tail := frame(response)
	return s.send(s.writer.Next(nil, id, []byte(head), response.Data, []byte(tail)))
}

func (s *stream) errors(errors gqlerror.List) {
	s.answer.recorded.Fail(errors)
	s.send(s.writer.Errors(nil, []byte(encode(errors))))
	s.end()
}

// complete sends the end of an operation. If the client has gone or the gateway shuts down, the
// operation is not complete, and clients reconnect.
func (s *stream) complete(ctx context.Context) {
	if ctx.Err() != nil || s.config.Draining != nil && s.config.Draining() {
		return
	}
	s.end()
}

func (s *stream) end() { s.send(s.writer.Complete(nil)) }
