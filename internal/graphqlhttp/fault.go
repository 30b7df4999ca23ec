package graphqlhttp

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// fault is a request refused for what it is as an HTTP request: the status is the same for every
// media type.
type fault struct {
	status int
	allow  string // header of the same name
	error  gqlerror.Error
}

func newFault(status int, code, message string) *fault {
	return &fault{status: status, error: gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}}
}

// limit is the limit that was exceeded.
func (f *fault) limit(name string, value any) *fault {
	f.error.Extensions["limit"] = name
	f.error.Extensions["value"] = value
	return f
}

func badRequest(message string) *fault {
	return newFault(http.StatusBadRequest, errcode.BadRequest, message)
}

func notAcceptable() *fault {
	return newFault(http.StatusNotAcceptable, errcode.NotAcceptable, "answers are application/graphql-response+json or application/json, in UTF-8; Accept allows neither")
}

func methodNotAllowed(method string) *fault {
	f := newFault(http.StatusMethodNotAllowed, errcode.MethodNotAllowed, "send GraphQL requests by POST or GET")
	if method == http.MethodOptions { // not a preflight of an allowed origin
		f.status = http.StatusNoContent
	}
	f.allow = "GET, HEAD, OPTIONS, POST"
	return f
}

// tokenHeaders are the parameters by which GitLab takes a token in an address, and the header to
// send it in.
var tokenHeaders = map[string]string{
	"private_token": "PRIVATE-TOKEN: ", "job_token": "JOB-TOKEN: ", "access_token": "Authorization: Bearer ",
}

// tokenInAddress refuses a token in the query string, which GitLab takes and the gateway does not:
// addresses end up in logs. If it were ignored, the request would be answered as an anonymous one.
func tokenInAddress(query string) *fault {
	if !strings.Contains(query, "_token=") {
		return nil
	}
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if header := tokenHeaders[name]; header != "" {
			return badRequest(name + " is not read from the address, for addresses end up in logs: send the header " + header + "<token>")
		}
	}
	return nil
}

func mutationByGet() *fault {
	f := newFault(http.StatusMethodNotAllowed, errcode.MethodNotAllowed, "send mutations by POST")
	f.allow = "POST"
	return f
}

func subscriptionNotAcceptable() *fault {
	return newFault(http.StatusNotAcceptable, errcode.NotAcceptable,
		"subscribe over WebSocket (graphql-transport-ws), or with Accept: text/event-stream, or with "+
			`Accept: multipart/mixed;subscriptionSpec="1.0"`)
}

func unsupportedMediaType(message string) *fault {
	return newFault(http.StatusUnsupportedMediaType, errcode.UnsupportedMediaType, message)
}

func payloadTooLarge(limit int) *fault {
	return newFault(http.StatusRequestEntityTooLarge, errcode.PayloadTooLarge, "the request is longer than "+strconv.Itoa(limit)+" bytes").limit("body-bytes", limit)
}

func bodyTooSlow() *fault {
	return newFault(http.StatusRequestTimeout, errcode.RequestTimeout, "the body came too slowly")
}

func tookTooLong(e *TimeoutError) *fault {
	return newFault(http.StatusServiceUnavailable, errcode.RequestTimeout, e.Error()).limit("request-timeout", e.Limit.String())
}

// clientGone is the status that a proxy logs: the client does not read it.
func clientGone() *fault {
	return newFault(http.StatusServiceUnavailable, errcode.RequestTimeout, "the client has closed the request")
}
