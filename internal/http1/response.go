package http1

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// errOver is told to handlers that write once they have returned.
var errOver = errors.New("http1: the request has been answered")

// undeclared is the length of an answer whose handler has not told it.
const undeclared = -1

// response is the answer to one request. It is gathered in a buffer and sent when the handler returns. A longer one is sent as it comes, in chunks where
// the handler has not told its length, and so is one that is flushed.
type response struct {
	mu     sync.Mutex // so that a handler's goroutine that has outlived it can do no harm
	conn   *conn      // nil once the answer is over
	header http.Header

	status  int   // 0 until the handler has told it
	length  int64 // that the handler has told, or undeclared
	written int64
	out     buffer // the head's fields, a gap, and what is to be sent of the body (see send)
	fields  int    // length of those fields
	typed   bool   // Content-Type need not be guessed
	dated   bool   // the handler has set Date
	close   bool   // the connection, after this
	sent    bool   // the head
	chunked bool
	err     error // of the connection
}

func (w *response) Header() http.Header { return w.header }

// WriteHeader takes the status, and the fields as they are now. Informational statuses are not sent on.
func (w *response) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.conn == nil || w.status != 0 || status < 200 {
		return
	}
	w.writeHeader(status)
}

// writeHeader writes status and fields into the buffer.
func (w *response) writeHeader(status int) {
	w.status = status
	if told := w.first("Content-Length"); told != "" {
		if n, err := strconv.ParseInt(told, 10, 64); err == nil && n >= 0 {
			w.length = n
		} else {
			w.conn.server.logf("http: invalid Content-Length of %q", told)
		}
	}
	w.close = w.first("Connection") == "close"
	_, w.typed = w.header["Content-Type"]
	w.typed = w.typed || w.first("Content-Encoding") != ""
	_, w.dated = w.header["Date"]
	w.out.take(&w.conn.server.buffers)
	b := append(w.out.bytes, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	if text := http.StatusText(status); text != "" {
		b = append(b, text...)
	} else {
		b = strconv.AppendInt(append(b, "status code "...), int64(status), 10)
	}
	w.out.bytes = append(b, "\r\n"...)
	w.writeFields()
	w.fields = len(w.out.bytes)
	w.out.bytes = slices.Grow(w.out.bytes, gapBytes)[:w.fields+gapBytes]
}

// first is the first value of a field, named in its canonical form.
func (w *response) first(name string) string {
	if values := w.header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// hasBody reports whether the status allows a body.
func (w *response) hasBody() bool {
	return w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// Write adds to the body; an error means that the connection is broken, or the body longer than was told.
func (w *response) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fits, err := w.admit(len(p))
	switch {
	case err != nil:
		return 0, err
	case fits:
		return w.out.Write(p)
	}
	if err := w.send(p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteString is Write without a copy where the string fits the buffer.
func (w *response) WriteString(s string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fits, err := w.admit(len(s))
	switch {
	case err != nil:
		return 0, err
	case fits:
		return w.out.WriteString(s)
	}
	if err := w.send([]byte(s), false); err != nil {
		return 0, err
	}
	return len(s), nil
}

// admit decides whether n more bytes may be written, and whether they fit the buffer.
func (w *response) admit(n int) (fits bool, err error) {
	if w.conn == nil {
		return false, errOver
	}
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	switch w.written += int64(n); {
	case w.err != nil:
		return false, w.err
	case n == 0:
		return true, nil
	case !w.hasBody():
		return false, http.ErrBodyNotAllowed
	case w.length != undeclared && w.written > w.length:
		return false, http.ErrContentLength
	}
	return n <= len(w.out.room())-tailBytes, nil
}

// Flush sends what has been written so far.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *response) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.admit(0); err != nil {
		return err
	}
	return w.send(nil, false)
}

// SetReadDeadline is for http.ResponseController. The whole request has been read, so that there is nothing to wait for.
func (w *response) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *response) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return errOver
	}
	return w.conn.writeBy(t)
}

// finish sends what has not been sent yet; false where the connection must be closed.
func (w *response) finish() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.end()
	if _, err := w.admit(0); err != nil {
		return false
	}
	if w.length != undeclared && w.hasBody() && w.written != w.length {
		w.close = true // the client would take the next answer's beginning for this one's end
	}
	return w.send(nil, true) == nil && !w.close
}

// abandon ends an answer whose handler has panicked.
func (w *response) abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *response) end() {
	w.out.give(&w.conn.server.buffers)
	w.conn = nil
}
