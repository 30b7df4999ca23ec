package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// watchConn is a WebSocket connection of a watcher: as little as can read a gateway's events, so
// that ten thousand of them fit beside the gateway.
type watchConn struct {
	net.Conn
	in *bufio.Reader
}

// dialWatch connects and sends connection_init with a token.
func dialWatch(host, token string) (*watchConn, error) {
	c, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	w := &watchConn{c, bufio.NewReaderSize(c, 512)}
	_, err = fmt.Fprintf(c, "GET /graphql HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n", host)
	if err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("upgrade: %s", answer.Status)
	}
	if err := w.send(fmt.Sprintf(`{"type":"connection_init","payload":{"PRIVATE-TOKEN":%q}}`, token)); err != nil {
		return nil, err
	}
	_, err = w.message() // connection_ack
	return w, err
}

// subscribe sends an operation with an ID.
func (w *watchConn) subscribe(id int, query string) error {
	return w.send(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":%q}}`, id, query))
}

// send writes one text message, masked with zeros.
func (w *watchConn) send(message string) error {
	b := []byte{0x81, 0x80 | 126, byte(len(message) >> 8), byte(len(message)), 0, 0, 0, 0}
	_, err := w.Write(append(b, message...))
	return err
}

// next waits for an event, whose text it skips. Any other message is an error.
func (w *watchConn) next() error {
	kind, err := w.message()
	if err == nil && !strings.HasPrefix(kind, `{"type":"next"`) {
		err = fmt.Errorf("the gateway sent %s", kind)
	}
	return err
}

// message returns the beginning of the next text message; pings are answered.
func (w *watchConn) message() (beginning string, err error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(w.in, head[:]); err != nil {
			return "", err
		}
		n := int(head[1] & 0x7f)
		switch n {
		case 126:
			var length [2]byte
			if _, err := io.ReadFull(w.in, length[:]); err != nil {
				return "", err
			}
			n = int(binary.BigEndian.Uint16(length[:]))
		case 127:
			var length [8]byte
			if _, err := io.ReadFull(w.in, length[:]); err != nil {
				return "", err
			}
			n = int(binary.BigEndian.Uint64(length[:]))
		}
		start, err := w.in.Peek(min(n, 120))
		if err != nil {
			return "", err
		}
		kept := start
		if bytes.HasPrefix(start, []byte(`{"type":"next"`)) {
			kept = start[:len(`{"type":"next"`)]
		}
		beginning := string(kept)
		if _, err := w.in.Discard(n); err != nil {
			return "", err
		}
		switch head[0] & 0x0f {
		case 1:
			return beginning, nil
		case 8:
			return "", fmt.Errorf("the gateway closed the connection: %q", beginning)
		case 9:
			if _, err := w.Write([]byte{0x8a, 0x80, 0, 0, 0, 0}); err != nil {
				return "", err
			}
		}
	}
}
