package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
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
	_, err = w.next()
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

// next returns the length of the next text message, whose text it skips; pings are answered.
func (w *watchConn) next() (int, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(w.in, head[:]); err != nil {
			return 0, err
		}
		n := int(head[1] & 0x7f)
		switch n {
		case 126:
			var length [2]byte
			if _, err := io.ReadFull(w.in, length[:]); err != nil {
				return 0, err
			}
			n = int(binary.BigEndian.Uint16(length[:]))
		case 127:
			return 0, fmt.Errorf("a message of more than 64 KB")
		}
		if _, err := w.in.Discard(n); err != nil {
			return 0, err
		}
		switch head[0] & 0x0f {
		case 1:
			return n, nil
		case 8:
			return 0, io.EOF
		case 9:
			if _, err := w.Write([]byte{0x8a, 0x80, 0, 0, 0, 0}); err != nil {
				return 0, err
			}
		}
	}
}
