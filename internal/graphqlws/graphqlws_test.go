package graphqlws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"jobgraph/internal/caller"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stub is a schema whose subscriptions answer what is sent to events, and end when it is closed.
type stub struct {
	parsed *ast.Schema
	events chan *graphql.Response
	begun  chan struct{} // a subscription has begun
	ended  chan struct{} // the context of a subscription has ended
}

func (s *stub) Schema() *ast.Schema { return s.parsed }

func (s *stub) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (s *stub) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Subscription {
		if op.OperationName == "Panics" {
			panic("a bug at 10.0.0.1")
		}
		from, _ := caller.From(ctx)
		return graphql.OneShot(&graphql.Response{
			Data: json.RawMessage(fmt.Sprintf(`{"token":%q}`, from.Credential.Value)),
		})
	}
	s.begun <- struct{}{}
	context.AfterFunc(ctx, func() { s.ended <- struct{}{} })
	return func(ctx context.Context) *graphql.Response {
		select {
		case r := <-s.events:
			return r
		case <-ctx.Done():
			return nil
		}
	}
}

// pulled is a stream of what a response handler returns.
type pulled struct {
	cancel context.CancelFunc
	ready  func()

	mu        sync.Mutex
	responses []*graphql.Response
	over      bool
}

func (s *stub) pull(ctx context.Context, ready func()) Stream {
	p := &pulled{ready: ready}
	ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	next := s.Exec(ctx)
	go func() {
		for r := next(ctx); ; r = next(ctx) {
			p.mu.Lock()
			p.responses, p.over = append(p.responses, r), r == nil
			p.mu.Unlock()
			ready()
			if r == nil {
				return
			}
		}
	}()
	return p
}

func (p *pulled) Take() (response *graphql.Response, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.responses) > 0 {
		response, p.responses = p.responses[0], p.responses[1:]
		p.ready()
	}
	return response, p.over && len(p.responses) == 0
}

func (p *pulled) Close() { p.cancel() }

// fixture is a server with its clock, and a client of it.
type fixture struct {
	t      *testing.T
	stub   *stub
	server *Server
	http   *httptest.Server
	mu     sync.Mutex
	at     time.Time
}

func (f *fixture) now() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.at }

// pass lets time pass and has the server look at its connections.
func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	f.at = f.at.Add(d)
	f.mu.Unlock()
	for _, c := range f.server.connections() {
		c.check(f.now())
	}
}

func decode(data []byte) (*graphql.RawParams, *gqlerror.Error) {
	var p struct{ Query, OperationName string }
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, gqlerror.Errorf("not a GraphQL request")
	}
	return &graphql.RawParams{Query: p.Query, OperationName: p.OperationName}, nil
}

func start(t *testing.T, c Config) *fixture {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { token: String } type Subscription { tick: Int }`})
	f := &fixture{t: t, at: time.Unix(1, 0), stub: &stub{
		parsed: parsed, events: make(chan *graphql.Response),
		begun: make(chan struct{}, 10), ended: make(chan struct{}, 10),
	}}
	c.Now, c.Decode = f.now, decode
	c.Recovered = func(context.Context, any) *gqlerror.Error { return gqlerror.Errorf("internal error") }
	if c.Subscribe == nil {
		c.Subscribe = f.stub.pull
	}
	f.server = New(c, executor.New(f.stub))
	f.http = httptest.NewServer(f.server)
	t.Cleanup(func() {
		f.http.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = f.server.Shutdown(ctx)
		<-f.server.empty
	})
	return f
}

// client is one WebSocket client.
type client struct {
	t *testing.T
	*websocket.Conn
}

func (f *fixture) dial(protocols ...string) *client {
	f.t.Helper()
	d := websocket.Dialer{Subprotocols: protocols}
	socket, r, err := d.Dial("ws"+strings.TrimPrefix(f.http.URL, "http"), nil)
	if err != nil {
		f.t.Fatalf("dial: %v %v", err, r)
	}
	f.t.Cleanup(func() { _ = socket.Close() })
	return &client{f.t, socket}
}

// ready returns a client whose connection is acknowledged.
func (f *fixture) ready() *client {
	f.t.Helper()
	c := f.dial(Protocol)
	c.send(`{"type":"connection_init","payload":{"PRIVATE-TOKEN":"t1"}}`)
	c.expect(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(message string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) subscribe(id string) {
	c.t.Helper()
	c.send(`{"type":"subscribe","id":"` + id + `","payload":{"query":"subscription{tick}"}}`)
}

func (c *client) expect(want string) {
	c.t.Helper()
	_, got, err := c.ReadMessage()
	if err != nil || string(got) != want {
		c.t.Fatalf("got %s, %v, want %s", got, err, want)
	}
}

func (c *client) expectClose(code int) {
	c.t.Helper()
	_, got, err := c.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != code {
		c.t.Fatalf("got %s, %v, want close %d", got, err, code)
	}
}

func tick(n int) *graphql.Response {
	return &graphql.Response{Data: json.RawMessage(fmt.Sprintf(`{"tick":%d}`, n))}
}

func TestASubscriptionFromItsBeginningToItsEnd(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.subscribe("a")
	f.stub.events <- tick(1)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":1}}}`)
	f.stub.events <- tick(2)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":2}}}`)
	f.stub.events <- nil
	c.expect(`{"type":"complete","id":"a"}`)
}

func TestAQueryHasTheCredentialOfTheConnection(t *testing.T) {
	c := start(t, Config{}).ready()
	c.send(`{"type":"subscribe","id":"q","payload":{"query":"{token}"}}`)
	c.expect(`{"type":"next","id":"q","payload":{"data":{"token":"t1"}}}`)
	c.expect(`{"type":"complete","id":"q"}`)
}

func TestNoCompleteFollowsAnError(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.send(`{"type":"subscribe","id":"a","payload":{"query":"{nothing}"}}`)
	_, got, err := c.ReadMessage()
	if err != nil || !strings.HasPrefix(string(got), `{"type":"error","id":"a","payload":[{"message":`) {
		t.Fatalf("%s %v", got, err)
	}
	c.subscribe("b")
	f.stub.events <- &graphql.Response{Errors: gqlerror.List{{
		Message: "revoked", Extensions: map[string]any{"code": "UNAUTHENTICATED"},
	}}}
	c.expect(`{"type":"error","id":"b","payload":[{"message":"revoked","extensions":{"code":"UNAUTHENTICATED"}}]}`)
	c.send(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
}

func TestErrorsBesideDataAreAResponse(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.subscribe("a")
	f.stub.events <- &graphql.Response{Data: json.RawMessage(`{"tick":null}`), Errors: gqlerror.List{{Message: "no"}}}
	c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":null},"errors":[{"message":"no"}]}}`)
	f.stub.events <- nil
	c.expect(`{"type":"complete","id":"a"}`)
}

func TestWhatTheClientCompletesEndsAndItsIDIsFreeAtOnce(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.subscribe("a")
	<-f.stub.begun
	c.send(`{"type":"complete","id":"a"}`)
	c.subscribe("a")
	<-f.stub.begun
	<-f.stub.ended
	f.stub.events <- tick(1)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":1}}}`)
	f.stub.events <- nil
	c.expect(`{"type":"complete","id":"a"}`)
}

func TestOneOfTwoSubscriptionsEndsAloneAndBothWithTheConnection(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.subscribe("a")
	c.subscribe("b")
	<-f.stub.begun
	<-f.stub.begun
	c.send(`{"type":"complete","id":"a"}`)
	<-f.stub.ended
	f.stub.events <- tick(1)
	c.expect(`{"type":"next","id":"b","payload":{"data":{"tick":1}}}`)
	_ = c.Close()
	<-f.stub.ended
}

func TestCloseCodes(t *testing.T) {
	init := `{"type":"connection_init"}`
	for name, c := range map[string]struct {
		messages []string
		code     int
	}{
		"no JSON":                          {[]string{`{`}, closeBadRequest},
		"an unknown type":                  {[]string{`{"type":"start"}`}, closeBadRequest},
		"a type that only servers send":    {[]string{`{"type":"connection_ack"}`}, closeBadRequest},
		"a payload that is no object":      {[]string{`{"type":"connection_init","payload":[1]}`}, closeBadRequest},
		"a payload that contradicts":       {[]string{`{"type":"connection_init","payload":{"PRIVATE-TOKEN":"a","private-token":"b"}}`}, closeBadRequest},
		"subscribe before connection_init": {[]string{`{"type":"subscribe","id":"a","payload":{"query":"{token}"}}`}, closeUnauthorized},
		"connection_init twice":            {[]string{init, init}, closeTooManyInits},
		"subscribe without an id":          {[]string{init, `{"type":"subscribe","payload":{"query":"{token}"}}`}, closeBadRequest},
		"subscribe without a payload":      {[]string{init, `{"type":"subscribe","id":"a"}`}, closeBadRequest},
		"a payload that is no request":     {[]string{init, `{"type":"subscribe","id":"a","payload":3}`}, closeBadRequest},
		"a message that is too long":       {[]string{`{"type":"` + strings.Repeat("x", 2000) + `"}`}, websocket.CloseMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			client := start(t, Config{MessageBytes: 1000}).dial(Protocol)
			for _, m := range c.messages {
				client.send(m)
			}
			if c.messages[0] == init {
				client.expect(`{"type":"connection_ack"}`)
			}
			client.expectClose(c.code)
		})
	}
}

func TestAnotherSubprotocolIsClosed(t *testing.T) {
	f := start(t, Config{})
	f.dial("graphql-ws").expectClose(closeSubprotocol)
	f.dial().expectClose(closeSubprotocol)
}

func TestABinaryMessageIsClosed(t *testing.T) {
	c := start(t, Config{}).ready()
	if err := c.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	c.expectClose(closeBadRequest)
}

func TestAnIDInUseIsClosed(t *testing.T) {
	f := start(t, Config{})
	c := f.ready()
	c.subscribe("a")
	<-f.stub.begun
	c.subscribe("a")
	c.expectClose(closeSubscriberExists)
}

func TestAPanicTellsNothingAndCloses(t *testing.T) {
	c := start(t, Config{}).ready()
	c.send(`{"type":"subscribe","id":"a","payload":{"query":"query Panics{token}","operationName":"Panics"}}`)
	c.expect(`{"type":"error","id":"a","payload":[{"message":"internal error"}]}`)
	c.expectClose(closeInternal)
}

func TestPingsAreAnsweredWithTheirPayload(t *testing.T) {
	c := start(t, Config{}).dial(Protocol)
	c.send(`{"type":"ping","payload":{"n":1}}`)
	c.expect(`{"type":"pong","payload":{"n":1}}`)
}

func TestTooManyOperationsOfAConnectionAreRefused(t *testing.T) {
	f := start(t, Config{Operations: 1})
	c := f.ready()
	c.subscribe("a")
	<-f.stub.begun
	c.subscribe("b")
	c.expect(`{"type":"error","id":"b","payload":[{"message":"too many operations at the same time over one ` +
		`connection: 1 at most","extensions":{"code":"RATE_LIMITED","limit":"ws-operations","value":1}}]}`)
}

func TestAnOperationThatIsNotAdmittedIsTold(t *testing.T) {
	refuse := func(context.Context) (func(), *gqlerror.Error) { return nil, gqlerror.Errorf("too many streams") }
	f := start(t, Config{AdmitStream: refuse})
	c := f.ready()
	c.subscribe("a")
	c.expect(`{"type":"error","id":"a","payload":[{"message":"too many streams"}]}`)
	c.send(`{"type":"subscribe","id":"q","payload":{"query":"{token}"}}`)
	c.expect(`{"type":"next","id":"q","payload":{"data":{"token":"t1"}}}`)
}

func TestTimesEndConnections(t *testing.T) {
	t.Run("without connection_init", func(t *testing.T) {
		f := start(t, Config{InitTimeout: time.Second})
		c := f.dial(Protocol)
		c.send(`{"type":"ping"}`)
		c.expect(`{"type":"pong"}`)
		f.pass(time.Second)
		c.expectClose(closeInitTimeout)
	})
	t.Run("idle", func(t *testing.T) {
		f := start(t, Config{IdleTimeout: time.Minute})
		c := f.ready()
		f.pass(time.Minute)
		c.expectClose(websocket.CloseNormalClosure)
	})
	t.Run("not while it has an operation", func(t *testing.T) {
		f := start(t, Config{IdleTimeout: time.Minute})
		c := f.ready()
		c.subscribe("a")
		<-f.stub.begun
		f.pass(time.Hour)
		f.stub.events <- tick(1)
		c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":1}}}`)
	})
	t.Run("too old", func(t *testing.T) {
		f := start(t, Config{Lifetime: time.Hour})
		c := f.ready()
		f.pass(time.Hour)
		c.expectClose(websocket.CloseServiceRestart)
	})
}

// A peer that is gone without a word answers no ping.
func TestADeadPeerIsFound(t *testing.T) {
	f := start(t, Config{PingInterval: 30 * time.Second, PongTimeout: 10 * time.Second})
	c := f.ready()
	c.subscribe("a")
	<-f.stub.begun
	pinged := make(chan struct{})
	c.SetPingHandler(func(string) error { close(pinged); return nil }) // and no pong
	go func() { _, _, _ = c.ReadMessage() }()
	f.pass(30 * time.Second)
	<-pinged
	f.pass(10 * time.Second)
	<-f.stub.ended
}

func TestALivingPeerIsKept(t *testing.T) {
	f := start(t, Config{PingInterval: 30 * time.Second, PongTimeout: 10 * time.Second})
	c := f.ready()
	c.subscribe("a")
	<-f.stub.begun
	pong := c.PingHandler()
	c.SetPingHandler(func(data string) error {
		err := pong(data)
		c.send(`{"type":"ping"}`) // whose answer shows that the pong has been read
		return err
	})
	for range 3 {
		f.pass(30 * time.Second)
		c.expect(`{"type":"pong"}`)
		f.pass(10 * time.Second)
	}
	f.stub.events <- tick(1)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"tick":1}}}`)
}

// A stream that ends by a shutdown is not complete: clients subscribe again when closed with 1012.
func TestAShutdownEndsStreamsWithoutComplete(t *testing.T) {
	f := start(t, Config{})
	idle, busy := f.ready(), f.ready()
	busy.subscribe("a")
	<-f.stub.begun
	done := make(chan error, 1)
	go func() { done <- f.server.Shutdown(t.Context()) }()
	idle.expectClose(websocket.CloseServiceRestart)
	f.stub.events <- nil
	busy.expectClose(websocket.CloseServiceRestart)
	if err := <-done; err != nil {
		t.Error(err)
	}
	_, r, err := (&websocket.Dialer{}).Dial("ws"+strings.TrimPrefix(f.http.URL, "http"), nil)
	if err == nil || r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a connection was taken after the shutdown: %v", r)
	}
}

func TestForeignOriginsAreRefused(t *testing.T) {
	f := start(t, Config{AllowsOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "https://ours" }})
	url := "ws" + strings.TrimPrefix(f.http.URL, "http")
	_, r, err := (&websocket.Dialer{}).Dial(url, http.Header{"Origin": {"https://evil.example"}})
	if err == nil || r.StatusCode != http.StatusForbidden {
		t.Errorf("%v", r)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	f := start(t, Config{Connections: 1})
	f.ready()
	_, r, err := (&websocket.Dialer{}).Dial("ws"+strings.TrimPrefix(f.http.URL, "http"), nil)
	if err == nil || r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("%v", r)
	}
}
