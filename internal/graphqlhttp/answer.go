package graphqlhttp

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
	"jobgraph/internal/caller"
	"jobgraph/internal/telemetry"
)

// headers are the values of an answer's headers that are always the same, made once. They are
// shared by all answers and never changed.
type headers struct {
	contentType [2][]string // by media
	vary, cache []string
	revalidated []string
}

func newHeaders(compression bool) headers {
	vary := "Accept, "
	if compression {
		vary += "Accept-Encoding, "
	}
	return headers{
		contentType: [2][]string{
			mediaJSON:     {"application/json; charset=utf-8"},
			mediaResponse: {"application/graphql-response+json; charset=utf-8"},
		},
		vary:  []string{vary + strings.Join(caller.Headers(), ", ")},
		cache: []string{"no-store"},

		revalidated: []string{"private, no-cache"},
	}
}

// answer is the answer to one request.
type answer struct {
	transport *Transport
	w         http.ResponseWriter
	method    string
	media     media
	ctx       context.Context // of the execution, which ends when the request's time is up
	end       context.CancelFunc
	only      streamWriter // where the client accepts nothing but a stream

	requestContext context.Context // which ends when the client has gone
	recorded       *telemetry.Operation

	account  *budget.Account
	body     buffer
	zipped   buffer // the answer, where it is compressed
	params   graphql.RawParams
	question question // the request, where it is shared
	shared   bool
	answered bool // by another request's response
}

func (a *answer) setHeaders() {
	h, values := a.w.Header(), &a.transport.headers
	h["Content-Type"] = values.contentType[a.media]
	h["Cache-Control"] = values.cache
	if len(h["Vary"]) == 0 {
		h["Vary"] = values.vary
	} else {
		h.Add("Vary", values.vary[0])
	}
}

// refuse answers a request that is wrong as an HTTP request.
func (a *answer) refuse(f *fault) {
	if f.error.Extensions["code"] == errcode.ServerOverloaded {
		a.w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if f.allow != "" {
		a.w.Header().Set("Allow", f.allow)
	}
	if f.status == http.StatusNoContent {
		a.w.Header().Del("Content-Type")
		a.w.WriteHeader(f.status)
		return
	}
	a.write(f.status, &graphql.Response{Errors: gqlerror.List{&f.error}})
}

// refusalStatus is the status of a well-formed request whose document or variables are not.
func (a *answer) refusalStatus() int {
	if a.media == mediaJSON {
		return http.StatusOK // as the specification requires for clients that support only this type
	}
	return http.StatusBadRequest
}

// executed answers with the result of the execution.
func (a *answer) executed(response *graphql.Response) {
	status := http.StatusOK
	switch {
	case response.Data == nil:
		status = a.refusalStatus()
	case a.mayBeKept(response) && a.revalidate(response):
		return
	}
	if a.answered && a.account.Grow(int64(len(response.Data))) != nil {
		a.refuse(overloaded())
		return
	}
	a.write(status, response)
}

// autoLength is the length up to which net/http sets Content-Length by itself.
const autoLength = 1 << 10

// write sends a response with its data unchanged. The data key is omitted if nothing was executed.
func (a *answer) write(status int, response *graphql.Response) {
	a.recorded.Fail(response.Errors)
	head, tail := `{"data":`, "}"
	if len(response.Errors) > 0 || len(response.Extensions) > 0 || response.Data == nil {
		head, tail = frame(response)
	}
	data := []byte(response.Data)
	if a.compress(head, data, tail) {
		head, data, tail = "", a.zipped.bytes, ""
	}
	if n := len(head) + len(data) + len(tail); n > autoLength {
		a.w.Header()["Content-Length"] = []string{strconv.Itoa(n)}
	}
	if status != http.StatusOK {
		a.w.WriteHeader(status)
	}
	a.awaitReader(len(data))
	defer a.account.ClientDone()
	// An error means that the client has gone, so there is nothing to do.
	_, _ = io.WriteString(a.w, head)
	_, _ = a.w.Write(data)
	_, _ = io.WriteString(a.w, tail)
}

// frame returns what goes before and after the data: errors first, so that a reader sees them,
// extensions last.
func frame(response *graphql.Response) (head, tail string) {
	head = "{"
	if len(response.Errors) > 0 {
		head += `"errors":` + encode(response.Errors)
	}
	if response.Data != nil {
		if len(head) > 1 {
			head += ","
		}
		head += `"data":`
	}
	if len(response.Extensions) > 0 {
		if len(head) > 1 {
			tail = ","
		}
		tail += `"extensions":` + encode(response.Extensions)
	}
	return head, tail + "}"
}

// encode encodes errors and extensions, which consist of plain values here and in gqlgen.
func encode(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // a bug, answered as one
	}
	return string(out)
}
