package model

import (
	"errors"
	"io"
	"slices"

	"jobgraph/restclient"
)

// CancelOutcome is what a cancel did to a job.
type CancelOutcome string

// The outcomes of a cancel.
const (
	Canceled  CancelOutcome = "CANCELED"
	Canceling CancelOutcome = "CANCELING"
	Unchanged CancelOutcome = "UNCHANGED"
)

// OutcomeOf compares a job's status, in GitLab's words, before and after a cancel.
func OutcomeOf(before, after string) CancelOutcome {
	switch {
	case before == after:
		return Unchanged
	case after == "canceled":
		return Canceled
	case after == "canceling":
		return Canceling
	}
	return Unchanged // it changed by itself in the meantime, or ended
}

// MarshalGQL writes the outcome.
func (o CancelOutcome) MarshalGQL(w io.Writer) { quote(w, string(o)) }

// UnmarshalGQL is required by gqlgen; no argument is an outcome.
func (o *CancelOutcome) UnmarshalGQL(any) error { return errors.New("is no input") }

// The mutations' inputs, as the schema describes them.
type (
	// JobCancelInput names the job to cancel.
	JobCancelInput struct {
		ClientMutationID *string
		ID               string
		Force            *bool
	}
	// JobRetryInput names the job or trigger job to retry.
	JobRetryInput struct {
		ClientMutationID *string
		ID               string
		Inputs           []JobInput
	}
	// JobEraseInput names the job to erase.
	JobEraseInput struct {
		ClientMutationID *string
		ID               string
	}
	// JobPlayInput names the job or trigger job to start.
	JobPlayInput struct {
		ClientMutationID *string
		ID               string
		Variables        []restclient.Variable
		Inputs           []JobInput
	}
	// JobsCancelInput names the jobs to cancel.
	JobsCancelInput struct {
		ClientMutationID *string
		IDs              []string
		Force            *bool
	}
	// JobsRetryInput names the jobs and trigger jobs to retry.
	JobsRetryInput struct {
		ClientMutationID *string
		IDs              []string
	}
	// JobInput is a value for an input that a job declares.
	JobInput struct {
		Name  string
		Value JobInputValue
	}
)

// The mutations' payloads, as the schema describes them.
type (
	// JobCancelPayload is what a cancel did.
	JobCancelPayload struct {
		ClientMutationID *string
		Job              *Job
		Outcome          *CancelOutcome
		UserErrors       []UserError
	}
	// JobRetryPayload is what a retry did.
	JobRetryPayload struct {
		ClientMutationID *string
		Job              Processable
		RetriedJobID     *string
		UserErrors       []UserError
	}
	// JobErasePayload is what an erase did.
	JobErasePayload struct {
		ClientMutationID *string
		Job              *Job
		UserErrors       []UserError
	}
	// JobPlayPayload is what a play did.
	JobPlayPayload struct {
		ClientMutationID *string
		Job              Processable
		Retried          bool
		UserErrors       []UserError
	}
	// JobsActionPayload is what was done to many jobs.
	JobsActionPayload struct {
		ClientMutationID *string
		Results          []JobActionResult
	}
	// JobActionResult is what was done to one of many jobs.
	JobActionResult struct {
		ID           string
		Job          Processable
		Outcome      *CancelOutcome
		RetriedJobID *string
		UserErrors   []UserError
	}
	// UserError is why GitLab refused a write.
	UserError struct {
		Message string
		Code    string
		Field   []string
	}
)

// JobInputValue is the value of a job's input: a string, a number as it was written, a boolean, or
// a list of these.
type JobInputValue struct{ Value any }

// UnmarshalGQL keeps a value as it is; see Valid.
func (j *JobInputValue) UnmarshalGQL(v any) error {
	j.Value = v
	return nil
}

// Valid reports whether the value is of a kind that inputs have: no null and no object, at any
// depth.
func (j JobInputValue) Valid() bool { return isInputValue(j.Value) }

func isInputValue(v any) bool {
	switch v := v.(type) {
	case nil, map[string]any:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(element any) bool { return !isInputValue(element) })
	}
	return true
}

// MarshalGQL is required by gqlgen; no field has this type.
func (j JobInputValue) MarshalGQL(io.Writer) {}
