package harness

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// WebSocket is a client of the graphql-transport-ws protocol.
type WebSocket struct{ *websocket.Conn }

// DialWebSocket opens a connection to a gateway. The payload of connection_init has the credential.
func DialWebSocket(address, payload string) (*WebSocket, error) {
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	socket, _, err := d.Dial("ws"+strings.TrimPrefix(address, "http")+"/graphql", nil)
	if err != nil {
		return nil, err
	}
	w := &WebSocket{socket}
	w.Send(`{"type":"connection_init","payload":` + payload + `}`)
	return w, nil
}

// Send sends a message. Who has to know of an error meets it when the connection is read.
func (w *WebSocket) Send(message string) { _ = w.WriteMessage(websocket.TextMessage, []byte(message)) }

// SendPart announces a message and sends its first n bytes only.
func (w *WebSocket) SendPart(message string, n int) {
	const text, masked, long = 0x81, 0x80, 127
	frame := binary.BigEndian.AppendUint64([]byte{text, masked | long}, uint64(len(message)))
	frame = append(frame, 0, 0, 0, 0) // the mask
	_, _ = w.NetConn().Write(append(frame, message[:n]...))
}

// SubscribeMessage returns the message that begins an operation.
func SubscribeMessage(id, query string) string {
	payload, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		panic(err) // strings can be encoded
	}
	return `{"type":"subscribe","id":"` + id + `","payload":` + string(payload) + `}`
}

// Connection is a WebSocket whose errors fail the test.
type Connection struct {
	t testing.TB
	*WebSocket
}

// Connect opens a connection and waits until it is acknowledged.
func (g *Gateway) Connect(t testing.TB, payload string) *Connection {
	t.Helper()
	w, err := DialWebSocket(g.Address, payload)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	c := &Connection{t, w}
	c.Expect(`{"type":"connection_ack"}`)
	return c
}

// Expect reads a message, which must be this one.
func (c *Connection) Expect(want string) {
	c.t.Helper()
	_, got, err := c.ReadMessage()
	if err != nil || string(got) != want {
		c.t.Fatalf("got %s, %v, want %s", got, err, want)
	}
}
