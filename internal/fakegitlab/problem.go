package fakegitlab

import (
	"encoding/json"
	"net/http"
)

// problem is an error response.
type problem struct {
	status int
	header http.Header
	body   []byte
	text   bool // text/plain instead of JSON
}

func (p *problem) Error() string { return string(p.body) }

// withMessage returns an error in GitLab's own shape: {"message": …}.
func withMessage(status int, message string) *problem {
	return &problem{status: status, body: mustJSON(struct {
		Message string `json:"message"`
	}{message})}
}

// withError returns an error in Grape's shape: {"error": …}.
func withError(status int, text string) *problem {
	return &problem{status: status, body: mustJSON(struct {
		Error string `json:"error"`
	}{text})}
}

// oauthProblem returns an error about a token in the shape of the OAuth library.
func oauthProblem(status int, code, description, scope string) *problem {
	p := &problem{status: status, header: http.Header{}, body: mustJSON(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Scope       string `json:"scope,omitempty"`
	}{code, description, scope})}
	p.header.Set("WWW-Authenticate", `Bearer realm="The API", error="`+code+`", error_description="`+description+`"`)
	return p
}

func unauthorized() *problem { return withMessage(http.StatusUnauthorized, "401 Unauthorized") }

func forbidden(reason string) *problem {
	if reason != "" {
		reason = " - " + reason
	}
	return withMessage(http.StatusForbidden, "403 Forbidden"+reason)
}

func badRequest(reason string) *problem {
	return withMessage(http.StatusBadRequest, "400 Bad request - "+reason)
}

// recordNotFound is the error for a job or pipeline that does not exist, with a lower-case "found".
func recordNotFound() *problem { return withMessage(http.StatusNotFound, "404 Not found") }

// notFound is the error for other resources that do not exist, with a capital "Found".
func notFound(what string) *problem {
	return withMessage(http.StatusNotFound, "404 "+what+" Not Found")
}

// insufficientScope is the error for a valid token without the scope for the request.
func insufficientScope() *problem {
	return oauthProblem(http.StatusForbidden, "insufficient_scope",
		"The request requires higher privileges than provided by the access token.", "api read_api")
}

const tooManyRequests = "This endpoint has been requested too many times. Try again later."

// mustJSON encodes a value of this package's own types, which cannot fail.
func mustJSON(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return body
}
