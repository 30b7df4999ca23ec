package http1

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// usualFields is how many fields there is room for in an answer's header from the beginning.
const usualFields = 8

// exchange is a request's parts and its answer, made together. Nothing of it is used for another request: whoever keeps a part of it keeps his own.
type exchange struct {
	response response
	url      url.URL
	body     body
}

// request makes the request that stands at the beginning of the buffer, whose names it puts into their canonical form. It keeps nothing of the buffer.
func (e *exchange) request(ctx context.Context, remote string, h *head, in []byte) *http.Request {
	for _, f := range h.fields {
		canonicalize(f.name.in(in))
	}
	text := string(in[:h.size])
	e.url.Path = text[h.path.from:h.path.to]
	e.body.rest = string(in[h.size : h.size+h.length])
	r := http.Request{
		Method: http.MethodPost, URL: &e.url, RequestURI: e.url.Path,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(h.fields)), Host: text[h.fields[h.host].value.from:h.fields[h.host].value.to],
		Body: &e.body, ContentLength: int64(h.length), RemoteAddr: remote,
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

// body is a request's body, all of which is here.
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
