package http1

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// usualFields is the size that an answer's header is made with.
const usualFields = 8

// exchange is a request's parts and its answer, allocated together. Nothing of it is reused for
// another request: a handler may keep any part of it.
type exchange struct {
	response response
	url      url.URL
	body     body
}

// request returns the request at the beginning of the buffer. It puts the field names there into
// their canonical form, and keeps no reference to the buffer.
func (e *exchange) request(ctx context.Context, remote string, h *head, in []byte) *http.Request {
	for _, f := range h.fields {
		canonicalize(f.name.in(in))
	}
	text := string(in[:h.size])
	e.url.Path, e.url.RawQuery = text[h.path.from:h.path.to], text[h.query.from:h.query.to]
	r := http.Request{
		Method: h.method, URL: &e.url, RequestURI: text[h.target.from:h.target.to],
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(h.fields)), Host: text[h.fields[h.host].value.from:h.fields[h.host].value.to],
		Body: http.NoBody, ContentLength: int64(h.length), RemoteAddr: remote,
	}
	if h.length > 0 {
		e.body.rest = string(in[h.size : h.size+h.length])
		r.Body = &e.body
	}
	values := make([]string, len(h.fields))
	for i, f := range h.fields {
		if i == h.host {
			continue
		}
		name := text[f.name.from:f.name.to]
		values[i] = text[f.value.from:f.value.to]
		if before := r.Header[name]; before != nil {
			r.Header[name] = append(before, values[i])
		} else {
			r.Header[name] = values[i : i+1 : i+1]
		}
	}
	return r.WithContext(ctx)
}

// canonicalize writes a field's name as http.CanonicalHeaderKey would.
func canonicalize(name []byte) {
	upper := true
	for i, c := range name {
		if upper && c >= 'a' && c <= 'z' || !upper && c >= 'A' && c <= 'Z' {
			name[i] = c ^ 0x20
		}
		upper = c == '-'
	}
}

// body is a request's body, which was read completely.
type body struct {
	rest   string
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if b.rest == "" {
		return n, io.EOF
	}
	return n, nil
}

func (b *body) Close() error {
	b.closed = true
	return nil
}
