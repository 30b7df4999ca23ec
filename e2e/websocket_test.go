package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// Queries over WebSocket are the connection's caller's, and pass the same limits as those over
// HTTP.
func TestQueriesOverWebSocket(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-max-depth=5")
	w := g.Connect(t, `{"headers":{"private-token":"`+fakegitlab.TokenDeveloper+`"}}`)
	w.Send(`{"type":"subscribe","id":"1","payload":{"query":"{project(id:\"orchard/shop/web\"){fullPath}}"}}`)
	w.Expect(`{"type":"next","id":"1","payload":{"data":{"project":{"fullPath":"orchard/shop/web"}}}}`)
	w.Expect(`{"type":"complete","id":"1"}`)
	w.Send(`{"type":"subscribe","id":"2","payload":{"query":"{project(id:1){jobs{nodes{pipeline{project{id}}}}}}"}}`)
	w.Expect(`{"type":"error","id":"2","payload":[{"message":"the document has too deep a nesting of fields: 5 at most",` +
		`"extensions":{"code":"QUERY_TOO_COMPLEX","limit":"depth","value":5}}]}`)
	w = g.Connect(t, `{"PRIVATE-TOKEN":"none"}`)
	w.Send(`{"type":"subscribe","id":"1","payload":{"query":"{job(project:1,id:1){name}}"}}`)
	if _, got, err := w.ReadMessage(); err != nil || !strings.Contains(string(got), "UNAUTHENTICATED") {
		t.Errorf("%s %v", got, err)
	}
}

// A page of another origin could act as whoever has opened it.
func TestAPageOfAnotherOriginCannotConnect(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-cors-origins=https://app.example.com")
	url := "ws" + strings.TrimPrefix(g.Address, "http") + "/graphql"
	for origin, want := range map[string]int{
		"https://evil.example": 403, "https://app.example.com": 101, g.Address: 101,
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

// A browser sends its credential in connection_init, which is no header.
func TestWebSocketConnectionsAreNotClosedForWantOfAHeader(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-max-anonymous-connections=2")
	first := g.Connect(t, `{"PRIVATE-TOKEN":"`+fakegitlab.TokenDeveloper+`"}`)
	for range 5 {
		g.Connect(t, `{"PRIVATE-TOKEN":"`+fakegitlab.TokenDeveloper+`"}`)
	}
	first.Send(`{"type":"ping"}`)
	first.Expect(`{"type":"pong"}`)
}
