package graph

import (
	"errors"
	"net/http"
	"strings"

	"jobgraph/graph/errcode"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// sentences tell refusals of one status apart. GitLab has nothing but its sentence for that; a sentence that it rewords falls back to the code of
// its status, see refusalCode.
var sentences = [...]struct {
	status int
	part   string
	code   string
}{
	{http.StatusForbidden, "Job is not retryable", errcode.NotRetryable},
	{http.StatusForbidden, "Job is not erasable", errcode.NotErasable},
	{http.StatusBadRequest, "Unplayable Job", errcode.NotPlayable},
	{http.StatusBadRequest, "requested too many times", errcode.RateLimited}, // a job's own limit is a 400, not a 429
}

// bareForbidden is the sentence of a 403 that gives no reason: the job is archived, or the caller's role does not allow it.
const bareForbidden = "403 Forbidden"

// refusalCode is the user error's code for GitLab's refusal of a write; false for what is a fault, not an answer.
func refusalCode(e *restclient.Error) (string, bool) {
	for _, s := range sentences {
		if e.Status == s.status && strings.Contains(e.Message, s.part) {
			return s.code, true
		}
	}
	switch e.Status {
	case http.StatusForbidden:
		if e.Message == bareForbidden {
			return errcode.ArchivedOrForbidden, true
		}
		return errcode.Forbidden, true
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return errcode.InvalidInputs, true
	case http.StatusNotFound:
		return errcode.NotFound, true
	case http.StatusMethodNotAllowed:
		return errcode.ProjectMoved, true
	case http.StatusConflict:
		return errcode.Conflict, true
	}
	return "", false
}

// refused is the user error of a write that GitLab refused; nil where err is a fault. values are the arguments that set variables or inputs, if
// there are any; id is the one that names the job.
func refused(err error, id, values []string) *model.UserError {
	e, ok := errors.AsType[*restclient.Error](err)
	if !ok {
		return nil
	}
	code, ok := refusalCode(e)
	if !ok {
		return nil
	}
	shown := &model.UserError{Message: e.Message, Code: code, Field: id}
	switch code {
	case errcode.RateLimited, errcode.Conflict:
		shown.Field = nil
	case errcode.InvalidInputs:
		if values != nil {
			shown.Field = values
		}
	}
	return shown
}
