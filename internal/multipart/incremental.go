package multipart

import (
	"net/http"

	"jobgraph/internal/incremental"
)

// Incremental formats the parts of one answer, as clients that use @defer read them: a payload is a
// part of the body as it is.
type Incremental struct{ Format incremental.Format }

// SetHeaders sets the headers of the body. Proxies are told not to buffer it.
func (w Incremental) SetHeaders(h http.Header) { setHeaders(h, string(w.Format)) }

// Open appends the first boundary.
func (Incremental) Open(b []byte) []byte { return Writer{}.Open(b) }

// Heartbeat appends nothing: the timeout of the request is short enough.
func (Incremental) Heartbeat(b []byte) []byte { return b }

// Next appends a payload, given as parts of its JSON.
func (Incremental) Next(b []byte, _ string, parts ...[]byte) []byte {
	b = append(b, head...)
	for _, part := range parts {
		b = append(b, part...)
	}
	return append(b, tail...)
}

// Errors appends the errors of an operation that was not executed.
func (w Incremental) Errors(b []byte, errors []byte) []byte {
	return w.Next(b, "", []byte(`{"errors":`), errors, []byte(`,"hasNext":false}`))
}

// Complete appends the end of the body.
func (Incremental) Complete(b []byte) []byte { return Writer{}.Complete(b) }
