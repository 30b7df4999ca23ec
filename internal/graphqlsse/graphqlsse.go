// Package graphqlsse writes the responses of one GraphQL operation as server-sent events, in the
// distinct connections mode of the GraphQL over Server-Sent Events protocol
// (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).
package graphqlsse

import (
	"bytes"
	"net/http"
)

// MediaType is the media type of an event stream.
const MediaType = "text/event-stream"

// Writer formats a stream. Each method appends one frame to b; the caller sends it.
type Writer struct{}

// SetHeaders sets the headers of a stream, including the one that keeps proxies from buffering it.
func (Writer) SetHeaders(h http.Header) {
	h.Set("Content-Type", MediaType+"; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
}

// Open appends a comment, so that the headers are sent at once and a proxy sees a body.
func (Writer) Open(b []byte) []byte { return append(b, ":\n\n"...) }

// Heartbeat appends a comment, which clients ignore.
func (w Writer) Heartbeat(b []byte) []byte { return w.Open(b) }

// Next appends a response, given as parts of its JSON. An id, where not empty, is what a client
// sends as Last-Event-ID when it connects again.
func (Writer) Next(b []byte, id string, parts ...[]byte) []byte {
	if id != "" {
		b = append(append(append(b, "id: "...), id...), '\n')
	}
	b = append(b, "event: next\ndata: "...)
	for _, part := range parts {
		b = appendData(b, part)
	}
	return append(b, "\n\n"...)
}

// appendData appends a part of a data field. A line break in it begins another field, which a
// client joins again.
func appendData(b, part []byte) []byte {
	for {
		i := bytes.IndexByte(part, '\n')
		if i < 0 {
			return append(b, part...)
		}
		b = append(append(b, part[:i]...), "\ndata: "...)
		part = part[i+1:]
	}
}

// Errors appends the errors that end an operation: a response with nothing else, as the protocol
// has no event for them.
func (w Writer) Errors(b []byte, errors []byte) []byte {
	return w.Next(b, "", []byte(`{"errors":`), errors, []byte("}"))
}

// Complete appends the end of the operation. The data field, though empty, makes browsers dispatch
// the event.
func (Writer) Complete(b []byte) []byte { return append(b, "event: complete\ndata:\n\n"...) }
