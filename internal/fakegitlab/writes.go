package fakegitlab

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func writeRoutes() []route {
	const jobPath = "projects/:id/jobs/:job_id"
	post := http.MethodPost
	return []route{
		{method: post, pattern: jobPath + "/cancel", serve: (*request).cancelJob, params: []param{jobParam,
			{name: "force", coerce: toBoolean}}},
		{method: post, pattern: jobPath + "/retry", serve: (*request).retryJob, params: []param{jobParam,
			{name: "inputs", coerce: toHash, without: Older17}}},
		{method: post, pattern: jobPath + "/erase", serve: (*request).eraseJob, params: []param{jobParam}},
		{method: post, pattern: jobPath + "/play", serve: (*request).playJob, params: []param{jobParam,
			{name: variablesParam, coerce: toList, check: checkVariables},
			{name: "job_inputs", coerce: toHash, without: Older17}}},
	}
}

const variablesParam = "job_variables_attributes"

func toList(v any) (any, bool) {
	if v == "" {
		return nil, true
	}
	list, ok := v.([]any)
	return list, ok
}

// checkVariables returns Grape's message about missing and invalid keys and values of variables, or
// "".
func checkVariables(v any) string {
	var problems []string
	for i, item := range v.([]any) {
		variable, ok := item.(params)
		if !ok {
			return variablesParam + " is invalid"
		}
		for _, name := range []string{"key", "value"} {
			field := fmt.Sprintf("%s[%d][%s]", variablesParam, i, name)
			if value, sent := variable[name]; !sent {
				problems = append(problems, field+" is missing")
			} else if _, ok := toString(value); !ok {
				problems = append(problems, field+" is invalid")
			}
		}
	}
	return strings.Join(problems, ", ")
}

// cancelJob serves POST …/cancel: 201 with the job as it is afterwards, even if there was nothing
// to cancel.
func (q *request) cancelJob() (*answer, *problem) {
	p, refusal := q.project()
	if refusal != nil {
		return nil, refusal
	}
	if q.role(p) < Developer {
		return nil, forbidden("")
	}
	j, refusal := q.build(p)
	if refusal != nil {
		return nil, refusal
	}
	force := q.params.truth("force")
	if !q.canUpdate(j) || force && q.role(p) < Maintainer {
		return nil, forbidden("")
	}
	if force {
		j.forceCancel(q.now)
	} else {
		j.cancel(q.now)
	}
	return inJSON(http.StatusCreated, q.render().job(j)), nil
}

// retryJob serves POST …/retry: 201 with the new job, which has a new ID. The new bridge of a
// retried bridge is also sent as a job.
func (q *request) retryJob() (*answer, *problem) {
	_, j, refusal := q.actionable(func(p *project) bool { return !q.lacks(Older17) || q.role(p) >= Developer })
	if refusal != nil {
		return nil, refusal
	}
	if q.throttledJob(j) {
		return nil, badRequest(tooManyRequests)
	}
	if !j.retryable(q.now) {
		return nil, forbidden("Job is not retryable")
	}
	if text := q.unknownInputs(j, "inputs"); text != "" {
		return nil, badRequest(text)
	}
	return inJSON(http.StatusCreated, q.render().job(q.retry(j))), nil
}

// actionable returns the job or bridge to retry or play, and its project, or an error if the caller
// may not do so. first is checked before the job is looked up.
func (q *request) actionable(first func(*project) bool) (*project, *job, *problem) {
	p, refusal := q.project()
	if refusal != nil {
		return nil, nil, refusal
	}
	if !first(p) {
		return nil, nil, forbidden("")
	}
	j, refusal := q.processable(p)
	if refusal != nil {
		return nil, nil, refusal
	}
	if j.Archived || !q.canUpdate(j) {
		return nil, nil, forbidden("")
	}
	return p, j, nil
}

// throttledJob counts a retry or play and reports whether it exceeds the job's limit.
func (q *request) throttledJob(j *job) bool {
	return !q.server.limiter.allow("job_retry", strconv.FormatInt(j.id, 10), q.server.options.Limits.JobRetry, q.now)
}

// unknownInputs returns GitLab's message about inputs that the job does not declare, or "". Older
// releases ignore all inputs.
func (q *request) unknownInputs(j *job, param string) string {
	if q.lacks(Older17) {
		return ""
	}
	inputs, _ := q.params[param].(params)
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.Contains(j.Inputs, name) {
			unknown = append(unknown, name)
		}
	}
	switch len(unknown) {
	case 0:
		return ""
	case 1:
		return "Unknown input: " + unknown[0]
	}
	return "Unknown inputs: " + strings.Join(unknown, ", ")
}

func (q *request) retry(old *job) *job {
	b := &Builder{world: q.world, now: q.now}
	return b.retry(old, q.identity.user)
}

// retry adds a new attempt of a job, and schedules the skipped jobs of later stages after it.
func (b *Builder) retry(old *job, by *User) *job {
	attempt := b.newJob(old.pipeline, 0, old.nextAttempt(b.now, by))
	attempt.bridge = old.bridge
	b.world.attach(attempt)
	old.Retried = true
	old.pipeline.Status = "" // no longer fixed
	old.pipeline.resume(attempt, b.now)
	return attempt
}

// eraseJob serves POST …/erase: it removes the artifacts and the log, and keeps the status.
func (q *request) eraseJob() (*answer, *problem) {
	p, refusal := q.project()
	if refusal != nil {
		return nil, refusal
	}
	j, refusal := q.build(p)
	if refusal != nil {
		return nil, refusal
	}
	switch {
	case !q.canErase(j):
		return nil, forbidden("")
	case !j.erasable(q.now):
		return nil, forbidden("Job is not erasable!")
	case p.StatsRefreshing:
		return nil, withMessage(http.StatusConflict, "Action temporarily disabled. The project this pipeline belongs to is undergoing stats refresh.")
	}
	j.erase(q.now)
	return inJSON(http.StatusCreated, q.render().job(j)), nil
}

// playJob serves POST …/play: 200 with the job, or with a new one if the job had already finished.
func (q *request) playJob() (*answer, *problem) {
	p, j, refusal := q.actionable(q.canReadBuilds)
	if refusal != nil {
		return nil, refusal
	}
	if !j.playable(q.now) {
		return nil, badRequest("Unplayable Job")
	}
	if q.throttledJob(j) {
		return nil, badRequest(tooManyRequests)
	}
	if variables, _ := q.params[variablesParam].([]any); len(variables) > 0 && q.role(p) < p.VariablesRole {
		return nil, forbidden("")
	}
	if text := q.unknownInputs(j, "job_inputs"); text != "" {
		return nil, badRequest(text)
	}
	if s := j.settle(q.now); s != Manual && s != Scheduled {
		return inJSON(http.StatusOK, q.render().processable(q.retry(j))), nil
	}
	j.play(q.now, q.identity.user)
	return inJSON(http.StatusOK, q.render().processable(j)), nil
}
