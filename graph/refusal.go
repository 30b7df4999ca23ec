package graph

import (
	"errors"
	"net/http"
	"strings"

	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// The codes of user errors. Clients switch on them, so they do not change. FORBIDDEN, NOT_FOUND and RATE_LIMITED are as for errors.
const (
	CodeNotRetryable        = "NOT_RETRYABLE"
	CodeNotErasable         = "NOT_ERASABLE"
	CodeNotPlayable         = "NOT_PLAYABLE"
	CodeArchivedOrForbidden = "ARCHIVED_OR_FORBIDDEN"
	CodeInvalidInputs       = "INVALID_INPUTS"
	CodeConflict            = "CONFLICT"
	CodeProjectMoved        = "PROJECT_MOVED"
)

// sentences tell refusals of one status apart. GitLab has nothing but its sentence for that; a sentence that it rewords falls back to the code of
// its status, see refusalCode.
var sentences = [...]struct {
	status int
	part   string
	code   string
}{
	{http.StatusForbidden, "Job is not retryable", CodeNotRetryable},
	{http.StatusForbidden, "Job is not erasable", CodeNotErasable},
	{http.StatusBadRequest, "Unplayable Job", CodeNotPlayable},
	{http.StatusBadRequest, "requested too many times", CodeRateLimited}, // a job's own limit is a 400, not a 429
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
			return CodeArchivedOrForbidden, true
		}
		return CodeForbidden, true
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return CodeInvalidInputs, true
	case http.StatusNotFound:
		return CodeNotFound, true
	case http.StatusMethodNotAllowed:
		return CodeProjectMoved, true
	case http.StatusConflict:
		return CodeConflict, true
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
	case CodeRateLimited, CodeConflict:
		shown.Field = nil
	case CodeInvalidInputs:
		if values != nil {
			shown.Field = values
		}
	}
	return shown
}
