package http1

import (
	"net"
	"net/http"
	"strconv"
)

// gapBytes is the room for the fields that are known only when the head is sent, and for a chunk's
// size.
const gapBytes = 256

// tailBytes is the room for what ends a chunk and the last one.
const tailBytes = len(chunkEnd + lastChunk)

const (
	chunkEnd  = "\r\n"
	lastChunk = "0\r\n\r\n"
)

// send sends what is in the buffer, and p after it, without a copy of p. The buffer has the head's
// fields, a gap and the body. The late fields are written to the end of the gap, and the early ones
// are moved up to them, so that everything can be sent in one piece.
func (w *response) send(p []byte, last bool) error {
	var room [gapBytes]byte
	between := room[:0]
	gathered := w.out.bytes[w.fields+gapBytes:]
	if !w.sent {
		between = w.appendHead(between, gathered, p, last)
		w.sent = true
	}
	tail := ""
	if n := len(gathered) + len(p); w.chunked && n > 0 {
		between = append(strconv.AppendInt(between, int64(n), 16), "\r\n"...)
		tail = chunkEnd
	}
	if w.chunked && last {
		tail += lastChunk
	}
	from := gapBytes - len(between)
	copy(w.out.bytes[from:], w.out.bytes[:w.fields])
	copy(w.out.bytes[from+w.fields:], between)
	err := w.put(w.out.bytes[from:], p, tail)
	w.out.bytes, w.fields = w.out.bytes[:gapBytes], 0
	if err != nil {
		w.err = err
		w.conn.cancel()
	}
	return err
}

// put writes three pieces with as few system calls as possible.
func (w *response) put(gathered, p []byte, tail string) error {
	var err error
	switch socket := w.conn.socket.TCPConn; {
	case len(p) > 0:
		pieces := net.Buffers{gathered, p, []byte(tail)}
		_, err = pieces.WriteTo(socket)
	case len(gathered)+len(tail) > 0:
		_, err = socket.Write(append(gathered, tail...))
	}
	return err
}

// appendHead appends the fields that the server adds, and the empty line after them.
func (w *response) appendHead(b, gathered, p []byte, last bool) []byte {
	if w.hasBody() {
		if last && w.length == undeclared {
			w.length = int64(len(gathered))
		}
		if w.length != undeclared {
			b = append(strconv.AppendInt(append(b, "Content-Length: "...), w.length, 10), "\r\n"...)
		} else {
			w.chunked = true
			b = append(b, "Transfer-Encoding: chunked\r\n"...)
		}
		if len(gathered) == 0 {
			gathered = p
		}
		if !w.typed && len(gathered) > 0 {
			b = append(append(append(b, "Content-Type: "...), http.DetectContentType(gathered)...), "\r\n"...)
		}
	}
	if !w.dated {
		b = append(append(append(b, "Date: "...), *w.conn.server.date.Load()...), "\r\n"...)
	}
	if w.close = w.close || w.conn.server.isDraining(); w.close {
		b = append(b, "Connection: close\r\n"...)
	}
	return append(b, "\r\n"...)
}
