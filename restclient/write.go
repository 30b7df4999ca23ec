package restclient

import "encoding/json"

// Post is one write. It is sent at most once; see [Client.Send].
type Post struct {
	path    string
	body    []byte // JSON; nil = none
	invalid error  // *ArgumentError: what is wrong with the arguments
}

// Path is the escaped path below /api/v4, "" where the arguments were refused.
func (p Post) Path() string { return p.path }

// Body is the JSON that is sent, nil where there is none.
func (p Post) Body() []byte { return p.body }

// Err returns an [*ArgumentError] where the arguments name nothing that can be acted on.
func (p Post) Err() error { return p.invalid }

// Variable is a CI/CD variable given to a manual job.
type Variable struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Cancel stops a job. force ends a job that is already canceling. GitLab answers with the job as it
// then is, also where there was nothing to cancel: compare the status.
//
// API: https://docs.gitlab.com/api/jobs/#cancel-a-job
func Cancel(p ProjectID, job int64, force bool) Post {
	var body any
	if force {
		body = struct {
			Force bool `json:"force"`
		}{true}
	}
	return post(p, job, "cancel", body)
}

// Retry runs a job or a trigger job again, with inputs if the instance supports them. The answer is
// the new job.
//
// API: https://docs.gitlab.com/api/jobs/#retry-a-job
func Retry(p ProjectID, job int64, inputs map[string]any) Post {
	var body any
	if len(inputs) > 0 {
		body = struct {
			Inputs map[string]any `json:"inputs"`
		}{inputs}
	}
	return post(p, job, "retry", body)
}

// Erase removes a finished job's artifacts and log.
//
// API: https://docs.gitlab.com/api/jobs/#erase-a-job
func Erase(p ProjectID, job int64) Post { return post(p, job, "erase", nil) }

// Play starts a manual or delayed job or trigger job; see [DecodeProcessable] for its answer. A
// finished manual job is retried instead: the answer then has another ID.
//
// API: https://docs.gitlab.com/api/jobs/#run-a-job
func Play(p ProjectID, job int64, vars []Variable, inputs map[string]any) Post {
	var body any
	if len(vars) > 0 || len(inputs) > 0 {
		body = struct {
			Variables []Variable     `json:"job_variables_attributes,omitempty"`
			Inputs    map[string]any `json:"job_inputs,omitempty"`
		}{vars, inputs}
	}
	return post(p, job, "play", body)
}

// post makes the write; encoding/json sorts the keys of maps, so equal writes have equal bodies.
func post(p ProjectID, job int64, action string, body any) Post {
	e := newEndpoint(p).in("jobs", job).then(action)
	if e.problem != nil {
		return Post{invalid: e.problem}
	}
	if body == nil {
		return Post{path: e.string()}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return Post{invalid: &ArgumentError{Name: "inputs", Problem: "they have no JSON form", Err: err}}
	}
	return Post{path: e.string(), body: encoded}
}
