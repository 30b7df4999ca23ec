package harness

import (
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// WebSocket is a client of the graphql-transport-ws protocol.
type WebSocket struct {
	t testing.TB
	*websocket.Conn
}

// Connect opens a connection whose credential is in the payload of connection_init.
func (g *Gateway) Connect(t testing.TB, payload string) *WebSocket {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, _, err := d.Dial("ws"+strings.TrimPrefix(g.Address, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	w := &WebSocket{t, socket}
	w.Send(`{"type":"connection_init","payload":` + payload + `}`)
	w.Expect(`{"type":"connection_ack"}`)
	return w
}

// Send sends a message.
func (w *WebSocket) Send(message string) {
	w.t.Helper()
	if err := w.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		w.t.Fatal(err)
	}
}

// Expect reads a message, which must be this one.
func (w *WebSocket) Expect(want string) {
	w.t.Helper()
	_, got, err := w.ReadMessage()
	if err != nil || string(got) != want {
		w.t.Fatalf("got %s, %v, want %s", got, err, want)
	}
}
