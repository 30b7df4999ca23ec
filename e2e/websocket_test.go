package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"jobgraph/internal/fakegitlab"
)

// webSocket is a client of the graphql-transport-ws protocol.
type webSocket struct {
	t testing.TB
	*websocket.Conn
}

// connect opens a connection whose credential is in the payload of connection_init.
func (g *gateway) connect(t testing.TB, payload string) *webSocket {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, _, err := d.Dial("ws"+strings.TrimPrefix(g.address, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	w := &webSocket{t, socket}
	w.send(`{"type":"connection_init","payload":` + payload + `}`)
	w.expect(`{"type":"connection_ack"}`)
	return w
}

func (w *webSocket) send(message string) {
	w.t.Helper()
	if err := w.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *webSocket) expect(want string) {
	w.t.Helper()
	_, got, err := w.ReadMessage()
	if err != nil || string(got) != want {
		w.t.Fatalf("got %s, %v, want %s", got, err, want)
	}
}

// Queries over WebSocket are the connection's caller's, and pass the same limits as those over HTTP.
func TestQueriesOverWebSocket(t *testing.T) {
	g := startGateway(t, fakegitlab.New(fakegitlab.Options{}), "-max-depth=5")
	w := g.connect(t, `{"headers":{"private-token":"`+fakegitlab.TokenDeveloper+`"}}`)
	w.send(`{"type":"subscribe","id":"1","payload":{"query":"{project(id:\"orchard/shop/web\"){fullPath}}"}}`)
	w.expect(`{"type":"next","id":"1","payload":{"data":{"project":{"fullPath":"orchard/shop/web"}}}}`)
	w.expect(`{"type":"complete","id":"1"}`)
	w.send(`{"type":"subscribe","id":"2","payload":{"query":"{project(id:1){jobs{nodes{pipeline{project{id}}}}}}"}}`)
	w.expect(`{"type":"error","id":"2","payload":[{"message":"the document has too deep a nesting of fields: 5 at most",` +
		`"extensions":{"code":"QUERY_TOO_COMPLEX","limit":"depth","value":5}}]}`)
	w = g.connect(t, `{"PRIVATE-TOKEN":"none"}`)
	w.send(`{"type":"subscribe","id":"1","payload":{"query":"{job(project:1,id:1){name}}"}}`)
	if _, got, err := w.ReadMessage(); err != nil || !strings.Contains(string(got), "UNAUTHENTICATED") {
		t.Errorf("%s %v", got, err)
	}
}

// A page of another origin could act as whoever has opened it.
func TestAPageOfAnotherOriginCannotConnect(t *testing.T) {
	g := startGateway(t, fakegitlab.New(fakegitlab.Options{}), "-cors-origins=https://app.example.com")
	url := "ws" + strings.TrimPrefix(g.address, "http") + "/graphql"
	for origin, want := range map[string]int{
		"https://evil.example": 403, "https://app.example.com": 101, g.address: 101,
	} {
		d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
		socket, r, err := d.Dial(url, http.Header{"Origin": {origin}})
		if r == nil || r.StatusCode != want {
			t.Errorf("%s: %v %v, want %d", origin, r, err, want)
		}
		if socket != nil {
			_ = socket.Close()
		}
	}
}
