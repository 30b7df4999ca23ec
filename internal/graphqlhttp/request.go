package graphqlhttp

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/internal/budget"
	"jobgraph/internal/documents"
)

// readPost reads a POST request's parameters from its body, which must be JSON. A request that
// another one in flight answers is not even decoded.
func (a *answer) readPost(r *http.Request) *fault {
	if !isJSON(r.Header.Get("Content-Type")) {
		return unsupportedMediaType("send the body as application/json, in UTF-8")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return unsupportedMediaType("send the body without a Content-Encoding")
	}
	limit := a.transport.config.BodyBytes
	switch {
	case limit > 0 && r.ContentLength > int64(limit):
		a.w.Header().Set("Connection", "close") // instead of reading the rest of the body
		return payloadTooLarge(limit)
	case limit > 0 && r.ContentLength < 0: // the server reads no more than a length that was declared
		r.Body = http.MaxBytesReader(a.w, r.Body, int64(limit))
	}
	if f := a.reserve(r, r.ContentLength); f != nil {
		return f
	}
	body := &a.body
	a.awaitBody()
	err := body.read(r.Body, r.ContentLength, a.account)
	a.account.ClientDone()
	switch {
	case a.account.Exhausted():
		a.w.Header().Set("Connection", "close")
		return overloaded()
	case err != nil:
		return bodyFault(err, limit)
	}
	a.wasRead()
	if a.only == nil {
		a.question, a.shared = a.transport.sharing.question(r, body.bytes)
	}
	if a.shared {
		// The execution of the query has a timeout, so this wait ends too.
		if e := a.transport.sharing.await(a.requestContext, a.question); e.response != nil {
			a.answered = true
			a.recorded.Share(e.operation)
			a.executed(e.response)
			return nil
		}
	}
	if a.account.Grow(valueFactor*int64(len(body.bytes))) != nil {
		return overloaded()
	}
	a.begin()
	d := decoder{data: body.bytes, maxDepth: a.transport.config.JSONDepth}
	defer body.free()
	return d.request(&a.params)
}

// isJSON reports whether the media type is application/json, in UTF-8. Browsers send it to other
// origins only after a preflight.
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// bodyFault describes why a body could not be read, without details of the connection.
func bodyFault(err error, limit int) *fault {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return payloadTooLarge(limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return bodyTooSlow()
	}
	return badRequest("the body ended early")
}

// readGet reads a GET request's parameters from its query string.
func (a *answer) readGet(r *http.Request) *fault {
	if limit := a.transport.config.BodyBytes; limit > 0 && len(r.URL.RawQuery) > limit {
		return payloadTooLarge(limit)
	}
	if f := a.reserve(r, int64(len(r.URL.RawQuery))*valueFactor); f != nil {
		return f
	}
	a.begin()
	return a.transport.decodeQuery(r, &a.params)
}

// decodeQuery reads the parameters from a query string.
func (t *Transport) decodeQuery(r *http.Request, params *graphql.RawParams) *fault {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return badRequest("the query string is not well-formed")
	}
	for _, name := range [...]string{"query", "operationName", "variables", "extensions", documents.IDKey} {
		if len(values[name]) > 1 {
			return badRequest("the query string has " + name + " twice")
		}
	}
	params.Query = values.Get("query")
	params.OperationName = values.Get("operationName")
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		d := decoder{data: []byte(text), maxDepth: t.config.JSONDepth}
		if fault := d.parameter(name, into); fault != nil {
			return fault
		}
	}
	setDocumentID(params, cmp.Or(r.PathValue("id"), values.Get(documents.IDKey)))
	return requireQuery(params)
}

// setDocumentID notes the ID that a request names its document by, where it does.
func setDocumentID(params *graphql.RawParams, id string) {
	if id == "" {
		return
	}
	if params.Extensions == nil {
		params.Extensions = map[string]any{}
	}
	params.Extensions[documents.IDKey] = id
}

// requireQuery refuses a request with nothing to execute. A persisted query's hash stands in
// extensions.
func requireQuery(params *graphql.RawParams) *fault {
	if params.Query == "" && params.Extensions == nil {
		return badRequest("query is missing")
	}
	return nil
}

// read reads the whole body, whose length is known or -1. The buffer grows with what arrives, so
// that a body that never comes takes little; the account is charged for a body without a length.
func (b *buffer) read(body io.Reader, length int64, account *budget.Account) error {
	size := smallBuffer
	if length >= smallBuffer {
		size = min(int(length)+1, mediumBuffer)
	}
	b.grow(size)
	for {
		n, err := body.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(b.bytes) == cap(b.bytes) {
			if length < 0 && account.Grow(bodyFactor*int64(cap(b.bytes))) != nil {
				return budget.ErrExhausted
			}
			b.grow(2 * cap(b.bytes))
		}
	}
}
