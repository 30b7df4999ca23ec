package mutation

import (
	"errors"
	"net/http"
	"strings"

	"jobgraph/graph/errcode"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// sentences distinguish the refusals of one status, because GitLab sends no code. If GitLab rewords
// a sentence, refusalCode falls back to the code of the status.
var sentences = [...]struct {
	status int
	part   string
	code   string
}{
	{http.StatusForbidden, "Job is not retryable", errcode.NotRetryable},
	{http.StatusForbidden, "Job is not erasable", errcode.NotErasable},
	{http.StatusBadRequest, "Unplayable Job", errcode.NotPlayable},
	{http.StatusBadRequest, "requested too many times", errcode.RateLimited}, // the limit of one job is a 400, not a 429
}

// bareForbidden is the sentence of a 403 that gives no reason: the job is archived, or the caller's
// role does not allow the action.
const bareForbidden = "403 Forbidden"

// refusalCode returns the code of GitLab's refusal of a write; false if the response is a failure,
// not a refusal.
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

// userError returns the user error of a write that GitLab refused; nil if err is not a refusal. id
// is the path of the argument that names the job, values that of the argument that sets variables
// or inputs, if there is one.
func userError(err error, id, values []string) *model.UserError {
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
