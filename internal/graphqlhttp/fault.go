package graphqlhttp

import (
	"net/http"
	"strconv"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes of requests that are refused before a document is looked at.
const (
	CodeBadRequest           = "BAD_REQUEST"
	CodeMethodNotAllowed     = "METHOD_NOT_ALLOWED"
	CodeNotAcceptable        = "NOT_ACCEPTABLE"
	CodeUnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
	CodePayloadTooLarge      = "PAYLOAD_TOO_LARGE"
	CodeRequestTimeout       = "REQUEST_TIMEOUT"
	CodeAnswerTooLarge       = "ANSWER_TOO_LARGE"
)

// fault is a request refused for what it is as an HTTP request: the status is the same for every media type.
type fault struct {
	status int
	allow  string // header of the same name
	error  gqlerror.Error
}

func newFault(status int, code, message string) *fault {
	return &fault{status: status, error: gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}}
}

// limit tells which limit was met.
func (f *fault) limit(name string, value any) *fault {
	f.error.Extensions["limit"] = name
	f.error.Extensions["value"] = value
	return f
}

func badRequest(message string) *fault {
	return newFault(http.StatusBadRequest, CodeBadRequest, message)
}

func notAcceptable() *fault {
	return newFault(http.StatusNotAcceptable, CodeNotAcceptable, "answers are application/graphql-response+json or application/json, in UTF-8; Accept allows neither")
}

func methodNotAllowed(method string) *fault {
	f := newFault(http.StatusMethodNotAllowed, CodeMethodNotAllowed, "send GraphQL requests by POST or GET")
	if method == http.MethodOptions { // not a preflight of an origin that may ask, but a fair question
		f.status = http.StatusNoContent
	}
	f.allow = "GET, HEAD, OPTIONS, POST"
	return f
}

func mutationByGet() *fault {
	f := newFault(http.StatusMethodNotAllowed, CodeMethodNotAllowed, "send mutations by POST")
	f.allow = "POST"
	return f
}

func subscriptionRefused() *fault {
	return newFault(http.StatusBadRequest, CodeBadRequest, "subscribe over WebSocket or with Accept: text/event-stream")
}

func unsupportedMediaType(message string) *fault {
	return newFault(http.StatusUnsupportedMediaType, CodeUnsupportedMediaType, message)
}

func payloadTooLarge(limit int) *fault {
	return newFault(http.StatusRequestEntityTooLarge, CodePayloadTooLarge, "the request is longer than "+strconv.Itoa(limit)+" bytes").limit("body-bytes", limit)
}

func bodyTooSlow() *fault {
	return newFault(http.StatusRequestTimeout, CodeRequestTimeout, "the body came too slowly")
}

func tookTooLong(e *TimeoutError) *fault {
	return newFault(http.StatusServiceUnavailable, CodeRequestTimeout, e.Error()).limit("request-timeout", e.Limit.String())
}

// clientGone is for the log of whoever stands between: the client will not read it.
func clientGone() *fault {
	return newFault(http.StatusServiceUnavailable, CodeRequestTimeout, "the client has closed the request")
}
