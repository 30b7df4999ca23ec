package restclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Probe requests the instance's release, and so checks that it can be reached and that its
// certificate is trusted. The release is "" if GitLab does not send it to this caller: any answer
// of an API is a success. The error explains why calls will fail and wraps the cause. It is meant
// for the operator.
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
