// Package requestid gives each request an ID that the client, the gateway's log and its traces name
// it by.
//
// A client may send one in X-Request-Id; anything that could break a log or a header is replaced.
// The answer carries the ID in the same header.
package requestid

import (
	"context"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
)

// Header is the header field that carries the ID.
const Header = "X-Request-Id"

// maxBytes is the length of an ID that is taken from a client.
const maxBytes = 128

type contextKey struct{}

// Begin returns a request's context with its ID, and puts the ID into the answer's header.
func Begin(w http.ResponseWriter, r *http.Request) context.Context {
	var id string
	if sent := r.Header[Header]; len(sent) == 1 && valid(sent[0]) {
		id = sent[0]
	} else {
		id = New()
	}
	w.Header()[Header] = []string{id}
	return With(r.Context(), id)
}

// With returns a context that carries an ID.
func With(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// From returns the ID that a context carries; "" where there is none.
func From(ctx context.Context) string {
	id, _ := ctx.Value(contextKey{}).(string)
	return id
}

// New returns an ID that no other request has. It is no secret.
func New() string {
	var b [16]byte
	for i, n := range [...]uint64{rand.Uint64(), rand.Uint64()} {
		for j := range 8 {
			b[8*i+j] = byte(n >> (8 * j))
		}
	}
	return hex.EncodeToString(b[:])
}

// valid reports whether an ID of a client's can stand in a header, in a line of text and in JSON as
// it is.
func valid(id string) bool {
	if id == "" || len(id) > maxBytes {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=', c == '@':
		default:
			return false
		}
	}
	return true
}

// LogHandler adds the ID of a record's context to the record.
type LogHandler struct{ slog.Handler }

// Handle adds the ID and passes the record on.
func (h LogHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := From(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs returns the handler with attributes.
func (h LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return LogHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup returns the handler with a group.
func (h LogHandler) WithGroup(name string) slog.Handler { return LogHandler{h.Handler.WithGroup(name)} }
