package graphqlws

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"jobgraph/internal/caller"
	"jobgraph/internal/requestid"
)

// conn is one connection.
type conn struct {
	server    *Server
	socket    *websocket.Conn
	handshake http.Header // nil once connection_init has come
	requestID string      // of the handshake
	opened    time.Time

	writing sync.Mutex   // guards writes to the socket, and the two below
	batch   *batch       // beneath the socket
	ending  []*operation // whose last message is in the batch

	queue  sync.Mutex   // guards the two below; no other lock is taken under it
	ready  []*operation // that may have a response
	queued bool         // a writer sends, or will

	seen   atomic.Int64 // when the client last sent something, in nanoseconds
	pinged atomic.Int64 // when it was pinged since; 0 where it was not

	mu          sync.Mutex
	context     context.Context       // of its operations, for its values; nil until connection_init
	operations  map[string]*operation // by their ID
	running     int                   // also those that the client has completed and that have not ended yet
	idleSince   time.Time
	closed      bool
	initialised bool
}

func newConn(s *Server, socket *websocket.Conn, b *batch, handshake *http.Request) *conn {
	now := s.config.Now()
	c := &conn{
		server: s, socket: socket, batch: b, handshake: handshake.Header, requestID: requestid.From(handshake.Context()),
		opened: now, idleSince: now,
	}
	b.timeout = s.config.WriteTimeout
	c.seen.Store(now.UnixNano())
	if s.config.MessageBytes > 0 {
		socket.SetReadLimit(int64(s.config.MessageBytes))
	}
	socket.SetPongHandler(func(string) error { c.alive(); return nil })
	socket.SetPingHandler(func(data string) error {
		c.alive()
		return c.control(websocket.PongMessage, []byte(data))
	})
	socket.SetCloseHandler(func(int, string) error { return nil })
	return c
}

// alive records that the client has sent something.
func (c *conn) alive() {
	c.seen.Store(c.server.config.Now().UnixNano())
	c.pinged.Store(0)
}

// serve reads one message and acts on it. The next one is read by another goroutine, because this
// one's stack has grown and would be kept while the client is silent.
func (c *conn) serve() {
	m, err := c.read()
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		c.close(websocket.CloseMessageTooBig, "the message is too long")
	case errors.Is(err, errBusy):
		c.close(websocket.CloseTryAgainLater, err.Error())
	case err != nil:
	case m.kind != websocket.TextMessage:
		c.close(closeBadRequest, "messages are text")
	default:
		c.alive()
		more := c.handle(m.data)
		m.account.Close()
		if more {
			go c.serve()
			return
		}
	}
	c.abandon()
	c.server.leave(c)
}

// handle acts on one message; it reports whether another one may follow.
func (c *conn) handle(data []byte) bool {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return c.refuse(closeBadRequest, "Invalid message received")
	}
	switch m.Type {
	case typeInit:
		return c.init(m.Payload)
	case typePing:
		return c.write(appendMessage(nil, typePong, "", optional(m.Payload)...)) == nil
	case typePong:
		return true
	case typeSubscribe:
		return c.subscribe(m)
	case typeComplete:
		c.complete(m.ID)
		return true
	}
	return c.refuse(closeBadRequest, "Invalid message received")
}

// optional returns a payload to echo, or none.
func optional(payload json.RawMessage) [][]byte {
	if len(payload) == 0 || string(payload) == "null" {
		return nil
	}
	return [][]byte{payload}
}

// init acts on connection_init.
func (c *conn) init(payload json.RawMessage) bool {
	c.mu.Lock()
	again := c.initialised
	c.initialised = true
	c.mu.Unlock()
	if again {
		return c.refuse(closeTooManyInits, "Too many initialisation requests")
	}
	var fields map[string]any
	if len(payload) > 0 {
		if err := json.Unmarshal(payload, &fields); err != nil {
			return c.refuse(closeBadRequest, "the payload of connection_init must be an object")
		}
	}
	from, problem := authenticate(c.handshake, c.socket.RemoteAddr().String(), fields)
	if problem != "" {
		return c.refuse(closeBadRequest, problem)
	}
	ctx := requestid.With(caller.With(context.Background(), from), c.requestID)
	ctx = c.server.config.Recorder.Join(ctx, c.handshake)
	c.handshake = nil
	c.mu.Lock()
	c.context = ctx
	c.mu.Unlock()
	return c.write(appendMessage(nil, typeAck, "")) == nil
}

// refuse closes the connection with a code; it returns false, because no message may follow.
func (c *conn) refuse(code int, reason string) bool {
	c.close(code, reason)
	return false
}

// maxReason is how long the reason in a close frame may be, by RFC 6455.
const maxReason = 123

// close sends a close frame and ends the connection.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	c.mu.Unlock()
	if again {
		return
	}
	frame := websocket.FormatCloseMessage(code, reason[:min(len(reason), maxReason)])
	_ = c.control(websocket.CloseMessage, frame)
	_ = c.socket.Close()
}

// abandon ends the operations of a connection that has ended.
func (c *conn) abandon() {
	c.mu.Lock()
	c.closed = true
	left := slices.Collect(maps.Values(c.operations))
	c.mu.Unlock()
	_ = c.socket.Close()
	for _, o := range left {
		o.stop()
	}
}

// write sends one message. An error means that the connection has ended.
func (c *conn) write(data []byte) error { return c.frame(websocket.TextMessage, data) }

// control sends a control frame.
func (c *conn) control(kind int, data []byte) error { return c.frame(kind, data) }

// check pings a silent client, and closes a connection that has timed out.
func (c *conn) check(now time.Time) {
	config := &c.server.config
	c.mu.Lock()
	waiting, running, idle := c.context == nil, c.running, now.Sub(c.idleSince)
	c.mu.Unlock()
	age := now.Sub(c.opened)
	silent := now.Sub(time.Unix(0, c.seen.Load()))
	switch pinged := c.pinged.Load(); {
	case waiting && exceeds(age, config.InitTimeout):
		go c.close(closeInitTimeout, "Connection initialisation timeout")
	case exceeds(age, config.Lifetime):
		go c.close(websocket.CloseServiceRestart, "the connection has lived its time; connect again")
	case running == 0 && exceeds(idle, config.IdleTimeout):
		go c.close(websocket.CloseNormalClosure, "idle")
	case pinged != 0 && exceeds(now.Sub(time.Unix(0, pinged)), config.PongTimeout):
		_ = c.socket.Close() // a dead peer reads no close frame
	case pinged == 0 && exceeds(silent, config.PingInterval):
		c.pinged.Store(now.UnixNano())
		go func() { _ = c.control(websocket.PingMessage, nil) }()
	}
}

// exceeds reports whether a time is past a limit; 0 is no limit.
func exceeds(d, limit time.Duration) bool { return limit > 0 && d >= limit }
