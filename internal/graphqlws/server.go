// Package graphqlws serves GraphQL over WebSocket by the graphql-transport-ws protocol
// (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md): queries, mutations and
// subscriptions of one caller, many at a time over one connection.
//
// It is independent of what an operation does. A query or mutation is run by gqlgen's executor. A
// subscription is a [Stream], whose responses are taken when there is room for them: a client that
// reads slowly slows its own streams, and nothing is queued for it here. A client that does not
// read at all is cut off after the time for one write.
//
// Memory is what bounds the number of connections. One that is silent has one goroutine, which
// reads; a stream has none, for a few writers send all responses (writers.go, send.go).
package graphqlws

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/internal/budget"
	"jobgraph/internal/requestid"
	"jobgraph/internal/telemetry"
)

// Protocol is the WebSocket subprotocol that a client must offer.
const Protocol = "graphql-transport-ws"

// Config configures how connections are served. 0 is no bound.
type Config struct {
	MessageBytes int           // length of one message of a client
	Operations   int           // operations of one connection at the same time
	Connections  int           // connections at the same time
	InitTimeout  time.Duration // until connection_init
	PingInterval time.Duration // of silence of the client before it is pinged
	PongTimeout  time.Duration // for its answer to a ping
	WriteTimeout time.Duration // of one message to the client
	IdleTimeout  time.Duration // without an operation
	Lifetime     time.Duration // of a connection; the client is then told to connect again

	// AllowsOrigin reports whether a browser's page of another origin may connect.
	AllowsOrigin func(*http.Request) bool
	// Decode reads the payload of a subscribe message.
	Decode func(payload []byte) (*graphql.RawParams, *gqlerror.Error)
	// Deadline returns the context of a query or mutation, which ends when its time is up, and
	// TimedOut the error of one that has ended so, or nil.
	Deadline func(context.Context) (context.Context, context.CancelFunc)
	TimedOut func(context.Context) *gqlerror.Error
	// Admit lets one operation begin; the function it returns ends it. nil admits all.
	Admit func(context.Context) (leave func(), refused *gqlerror.Error)
	// AdmitStream replaces Admit for an operation that turns out to be a subscription.
	AdmitStream func(context.Context) (leave func(), refused *gqlerror.Error)
	// Reserve opens the account of an operation of so many bytes, which the context it returns holds.
	// Overloaded is the error of a query that has not got the memory that it needs.
	Reserve    func(context.Context, int) (context.Context, *budget.Account, *gqlerror.Error)
	Overloaded func() *gqlerror.Error
	// Subscribe begins the subscription in the context, of which only the values count. The stream
	// calls ready, also before Subscribe returns, whenever Take may return something new: a response,
	// the next one, or the end.
	Subscribe func(ctx context.Context, ready func()) Stream
	// Errors completes the executor's errors of a refused operation.
	Errors func(gqlerror.List) gqlerror.List
	// Recovered returns the error that is sent for a panic, and logs its cause.
	Recovered func(ctx context.Context, cause any) *gqlerror.Error
	// Recorder records every operation; nil records none.
	Recorder *telemetry.Recorder
	// Now is the clock; time.Now where nil.
	Now func() time.Time
}

// Server serves connections.
type Server struct {
	config   Config
	exec     graphql.GraphExecutor
	upgrader websocket.Upgrader
	writers  writers

	mu       sync.Mutex
	open     map[*conn]struct{}
	draining bool
	empty    chan struct{} // closed once draining and no connection is left
	sweeping bool
}

// New returns a server that executes operations by exec.
func New(c Config, exec graphql.GraphExecutor) *Server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Errors == nil {
		c.Errors = func(list gqlerror.List) gqlerror.List { return list }
	}
	admitAll := func(context.Context) (func(), *gqlerror.Error) { return func() {}, nil }
	if c.Admit == nil {
		c.Admit = admitAll
	}
	if c.AdmitStream == nil {
		c.AdmitStream = admitAll
	}
	if c.Reserve == nil {
		c.Reserve = func(ctx context.Context, _ int) (context.Context, *budget.Account, *gqlerror.Error) {
			return ctx, nil, nil
		}
	}
	if c.Deadline == nil {
		c.Deadline = context.WithCancel
		c.TimedOut = func(context.Context) *gqlerror.Error { return nil }
	}
	return &Server{
		config: c, exec: exec, open: map[*conn]struct{}{}, empty: make(chan struct{}),
		upgrader: websocket.Upgrader{
			// The buffers that are kept with a connection while it is idle are most of its memory.
			ReadBufferSize: 512, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{},
			Subprotocols: []string{Protocol},
			CheckOrigin:  c.AllowsOrigin,
			Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
				http.Error(w, reason.Error(), status)
			},
		},
	}
}

// IsUpgrade reports whether a request asks for a WebSocket connection.
func IsUpgrade(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// ServeHTTP upgrades the request's connection and returns. The connection lives on in goroutines of
// its own, so that nothing of the request is kept for it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refused := s.refuses(); refused != "" {
		w.Header().Set("Retry-After", "1")
		http.Error(w, refused, http.StatusServiceUnavailable)
		return
	}
	answer := http.Header{}
	if id := requestid.From(r.Context()); id != "" {
		answer[requestid.Header] = []string{id}
	}
	hijacked := &batching{ResponseWriter: w}
	socket, err := s.upgrader.Upgrade(hijacked, r, answer)
	if err != nil {
		return // the upgrader has answered
	}
	c := newConn(s, socket, hijacked.batch, r)
	if socket.Subprotocol() != Protocol {
		c.close(closeSubprotocol, "Subprotocol not acceptable")
		return
	}
	if !s.enter(c) {
		c.close(websocket.CloseServiceRestart, "the gateway shuts down")
		return
	}
	go c.serve()
}

// refuses returns the reason why no connection is accepted, or "".
func (s *Server) refuses() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return "the gateway shuts down"
	case s.config.Connections > 0 && len(s.open) >= s.config.Connections:
		return "too many WebSocket connections"
	}
	return ""
}

func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.open[c] = struct{}{}
	if !s.sweeping {
		s.sweeping = true
		go s.sweep()
	}
	return true
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.closeIfEmpty()
}

// closeIfEmpty is called under the lock.
func (s *Server) closeIfEmpty() {
	if !s.draining || len(s.open) > 0 {
		return
	}
	select {
	case <-s.empty:
	default:
		close(s.empty)
	}
}

// Connections returns how many connections are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// connections returns those that are open now.
func (s *Server) connections() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.open))
	for c := range s.open {
		all = append(all, c)
	}
	return all
}

// isDraining reports whether the server shuts down.
func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// Drain refuses new connections and operations, and closes each connection with 1012 (service
// restart) once its last operation has ended. Clients reconnect on 1012.
func (s *Server) Drain() {
	s.mu.Lock()
	s.draining = true
	s.closeIfEmpty()
	s.mu.Unlock()
	for _, c := range s.connections() {
		c.closeIfDone()
	}
}

// Shutdown drains and waits until no connection is left. When ctx ends, those that are left are
// closed with 1012.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	select {
	case <-s.empty:
		return nil
	case <-ctx.Done():
	}
	for _, c := range s.connections() {
		go c.close(websocket.CloseServiceRestart, "the gateway shuts down")
	}
	return ctx.Err()
}

// sweepEvery is the interval at which pings and timeouts are checked. One goroutine checks all
// connections, instead of timers for each.
const sweepEvery = time.Second

// sweep runs while there are connections.
func (s *Server) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.empty:
			return
		}
		now := s.config.Now()
		for _, c := range s.connections() {
			c.check(now)
		}
		s.mu.Lock()
		if len(s.open) == 0 {
			s.sweeping = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}
