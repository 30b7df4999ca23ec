package restclient

import (
	"encoding/json"
	"errors"
)

// Decode turns the answer to a Get[T] or a Post into its type. It is strict about the structure (a
// list is a list, an object an object with an ID) and lenient about the content (unknown fields and
// words). The error is an [*InvalidError].
func Decode[T any](r *Response) (T, error) {
	var v T
	if err := unmarshal(r.Body, &v); err != nil {
		var zero T
		return zero, err
	}
	if !isComplete(&v) {
		var zero T
		return zero, &InvalidError{Reason: InvalidShape, Err: errors.New("a null, or an object without an ID")}
	}
	return v, nil
}

// Processable is a job or a trigger job: exactly one of the two is not nil.
type Processable struct {
	Job    *Job
	Bridge *Bridge
	// Ambiguous reports that Job may be a trigger job in the form of a job. GitLab leaves its
	// runner_manager out; so do releases without runner managers for every job.
	Ambiguous bool
}

// DecodeProcessable decodes the response to a retry or a play. GitLab answers a retried trigger job
// in the form of a job.
func DecodeProcessable(r *Response) (Processable, error) {
	var keys struct {
		Downstream json.RawMessage `json:"downstream_pipeline"`
		Artifacts  json.RawMessage `json:"artifacts"`
		Runner     json.RawMessage `json:"runner"`
		Manager    json.RawMessage `json:"runner_manager"`
	}
	if err := unmarshal(r.Body, &keys); err != nil {
		return Processable{}, err
	}
	if keys.Downstream != nil && keys.Artifacts == nil && keys.Runner == nil {
		bridge, err := Decode[Bridge](r)
		if err != nil {
			return Processable{}, err
		}
		return Processable{Bridge: &bridge}, nil
	}
	job, err := Decode[Job](r)
	if err != nil {
		return Processable{}, err
	}
	return Processable{Job: &job, Ambiguous: keys.Manager == nil}, nil
}

// unmarshal is the one place where JSON is decoded.
func unmarshal(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &InvalidError{Reason: InvalidJSON, Err: err}
	}
	return &InvalidError{Reason: InvalidShape, Err: err}
}

// isComplete reports whether a decoded answer is there at all: null decodes to nothing without an
// error.
func isComplete(v any) bool {
	switch v := v.(type) {
	case *[]Job:
		return *v != nil && all(*v, func(j *Job) bool { return j.ID > 0 })
	case *[]Bridge:
		return *v != nil && all(*v, func(b *Bridge) bool { return b.ID > 0 })
	case *Job:
		return v.ID > 0
	case *Bridge:
		return v.ID > 0
	case *Pipeline:
		return v.ID > 0
	case *Project:
		return v.ID > 0
	case *AllowedAgents:
		return v.Job.ID > 0
	}
	return true
}

func all[E any](list []E, holds func(*E) bool) bool {
	for i := range list {
		if !holds(&list[i]) {
			return false
		}
	}
	return true
}
