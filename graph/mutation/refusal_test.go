package mutation

import (
	"errors"
	"slices"
	"testing"

	"jobgraph/restclient"
)

func TestRefusalsOfAWriteHaveStableCodes(t *testing.T) {
	id, values := []string{"input", "id"}, []string{"input", "inputs"}
	for _, c := range []struct {
		status  int
		message string
		code    string
		field   []string
	}{
		{403, "403 Forbidden - Job is not retryable", "NOT_RETRYABLE", id},
		{403, "403 Forbidden - Job is not erasable!", "NOT_ERASABLE", id},
		{400, "400 Bad request - Unplayable Job", "NOT_PLAYABLE", id},
		{400, "400 Bad request - This endpoint has been requested too many times. Try again later.", "RATE_LIMITED", nil},
		{403, "403 Forbidden", "ARCHIVED_OR_FORBIDDEN", id},
		{403, "The request requires higher privileges than provided by the access token.", "FORBIDDEN", id},
		{403, "403 Forbidden - Authentication by CI/CD job token not allowed from acme/app to project #8.", "FORBIDDEN", id},
		{400, "400 Bad request - Unknown input: colour", "INVALID_INPUTS", values},
		{400, "job_variables_attributes[0][key] is missing", "INVALID_INPUTS", values},
		{422, "Unprocessable Entity", "INVALID_INPUTS", values},
		{404, "404 Not found", "NOT_FOUND", id},
		{405, "Non GET methods are not allowed for moved projects", "PROJECT_MOVED", id},
		{409, "409 Conflict: Resource lock", "CONFLICT", nil},
	} {
		e := userError(&restclient.Error{Status: c.status, Message: c.message}, id, values)
		if e == nil || e.Code != c.code || e.Message != c.message || !slices.Equal(e.Field, c.field) {
			t.Errorf("%d %s: %+v, want %s about %q", c.status, c.message, e, c.code, c.field)
		}
	}
}

func TestFaultsOfAWriteAreNoRefusals(t *testing.T) {
	for _, err := range []error{
		&restclient.Error{Status: 401}, &restclient.Error{Status: 429},
		&restclient.Error{Status: 500}, &restclient.Error{Status: 503},
		&restclient.TransportError{}, &restclient.InvalidError{}, errors.New("a bug"),
	} {
		if e := userError(err, nil, nil); e != nil {
			t.Errorf("%v is told as %+v", err, e)
		}
	}
}
