package restclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Probe asks the instance for its release, and so whether it can be reached and is trusted. The
// release is "" where GitLab does not tell it to this caller: any answer of an API will do. The
// error says why calls will fail, with the cause in it: it is for the operator.
//
// API: https://docs.gitlab.com/api/version/
func (c *Client) Probe(ctx context.Context, cred Credential) (release string, err error) {
	call := call{method: http.MethodGet, path: "/version", cred: cred, accept: mediaJSON}
	result := c.run(ctx, &call)
	if status, ok := errors.AsType[*Error](result.err); ok && status.Status < http.StatusInternalServerError {
		return "", nil
	}
	if result.err != nil {
		_, cause := failureKind(result.err)
		return "", &probeError{err: result.err, cause: cause}
	}
	var version struct{ Version string }
	if json.Unmarshal(result.response.Body, &version) != nil || len(version.Version) > 64 {
		return "", nil
	}
	return version.Version, nil
}

// probeError is an error of a call, with its cause.
type probeError struct {
	err   error
	cause string
}

func (e *probeError) Error() string {
	if e.cause == "" {
		return e.err.Error()
	}
	return e.err.Error() + ": " + e.cause
}

// Unwrap returns the error of the call.
func (e *probeError) Unwrap() error { return e.err }
