package graphqlws

import "encoding/json"

// The close codes of the protocol.
const (
	closeBadRequest       = 4400
	closeUnauthorized     = 4401
	closeSubprotocol      = 4406
	closeInitTimeout      = 4408
	closeSubscriberExists = 4409
	closeTooManyInits     = 4429
	closeInternal         = 4500
)

// The types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// message is one message of a client.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

// appendMessage appends a message to the client. The payload is JSON, or empty.
func appendMessage(b []byte, kind, id string, payload ...[]byte) []byte {
	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, '"')
	if id != "" {
		quoted, _ := json.Marshal(id) // a string always marshals
		b = append(b, `,"id":`...)
		b = append(b, quoted...)
	}
	for i, part := range payload {
		if i == 0 {
			b = append(b, `,"payload":`...)
		}
		b = append(b, part...)
	}
	return append(b, '}')
}
