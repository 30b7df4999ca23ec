package http1

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// errOver is returned to handlers that write after they have returned.
var errOver = errors.New("http1: the request has been answered")

// undeclared is the length of an answer without a Content-Length.
const undeclared = -1

// response is the answer to one request. It is collected in a buffer and sent when the handler
// returns. A longer one, or one that is flushed, is sent while it is written, in chunks if it has
// no Content-Length.
type response struct {
	mu     sync.Mutex // protects against handlers' goroutines that outlive the request
	conn   *conn
	over   atomic.Bool // the request was answered
	header http.Header

	status  int   // 0 until the handler has set it
	length  int64 // the declared length, or undeclared
	written int64
	out     buffer // the head's fields, a gap, and what is to be sent of the body (see send)
	fields  int    // length of those fields
	typed   bool   // Content-Type need not be guessed
	dated   bool   // the handler has set Date
	close   bool   // close the connection after this answer
	sent    bool   // the head was sent
	chunked bool
	err     error // of the connection
}

func (w *response) Header() http.Header { return w.header }

// WriteHeader fixes the status, and the fields as they are now. Informational statuses are not
// sent.
func (w *response) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.over.Load() || w.status != 0 || status < 200 {
		return
	}
	w.writeHeader(status)
}

// writeHeader writes status and fields into the buffer.
func (w *response) writeHeader(status int) {
	w.status = status
	if declared := w.first("Content-Length"); declared != "" {
		if n, err := strconv.ParseInt(declared, 10, 64); err == nil && n >= 0 {
			w.length = n
		} else {
			w.conn.server.logf("http: invalid Content-Length of %q", declared)
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

// Write adds to the body. An error means that the connection is broken, or the body longer than
// declared.
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
	if w.over.Load() {
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

// SetReadDeadline is for http.ResponseController. The request was read completely, so that nothing
// is left to wait for.
func (w *response) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is for http.ResponseController. It may be called while a Write blocks, to end
// it.
func (w *response) SetWriteDeadline(t time.Time) error {
	if w.over.Load() {
		return errOver
	}
	return w.conn.writeBy(t)
}

// finish sends what has not been sent yet. It returns false if the connection must be closed.
func (w *response) finish() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.end()
	if _, err := w.admit(0); err != nil {
		return false
	}
	if w.length != undeclared && w.hasBody() && w.written != w.length {
		w.close = true // the client would read the next answer as the rest of this one
	}
	return w.send(nil, true) == nil && !w.close
}

// abandon ends the answer of a handler that has panicked.
func (w *response) abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *response) end() {
	w.over.Store(true)
	w.out.give(&w.conn.server.buffers)
}
