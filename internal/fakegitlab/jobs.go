package fakegitlab

import (
	"net/http"
	"slices"
	"strconv"
)

// keepScope returns the filter for the scope parameter.
func (q *request) keepScope() func(*job) bool {
	scope, _ := q.params["scope"].([]any)
	if scope == nil {
		return func(*job) bool { return true }
	}
	return func(j *job) bool { return slices.Contains(scope, any(string(j.statusAt(q.now)))) }
}

// listProjectJobs serves GET /projects/:id/jobs.
func (q *request) listProjectJobs() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	keep := q.keepScope()
	if ref := q.params.text("ref"); ref != "" && !q.lacks(Older17) {
		inScope := keep
		keep = func(j *job) bool { return j.pipeline.Ref == ref && inScope(j) }
	}
	if q.params.text("pagination") == "keyset" {
		return q.listByKeyset(p, keep)
	}
	if limit := q.server.options.Limits.Offset; limit > 0 && q.params.number("page")*q.perPage() > limit {
		return nil, withError(http.StatusMethodNotAllowed, "Offset pagination has a maximum allowed offset of "+strconv.FormatInt(limit, 10)+
			" for requests that return objects of type Ci::Build. Remaining records can be retrieved using keyset pagination.")
	}
	found := byOffset(q, slices.Backward(p.builds), keep, false)
	return found.answer(q.render().jobs(found.rows)), nil
}

func (q *request) listByKeyset(p *project, keep func(*job) bool) (*answer, *problem) {
	order, sort := q.params.text("order_by"), q.params.text("sort")
	if order != "" && order != "id" || sort != "" && sort != "desc" {
		return nil, withError(http.StatusMethodNotAllowed, "Keyset pagination is not yet available for this type of request")
	}
	found, refusal := q.byKeyset(p.builds, keep)
	if refusal != nil {
		return nil, refusal
	}
	return found.answer(q.render().jobs(found.rows)), nil
}

// showJob serves GET /projects/:id/jobs/:job_id.
func (q *request) showJob() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	j, refusal := q.build(p)
	if refusal != nil {
		return nil, refusal
	}
	return inJSON(http.StatusOK, q.render().job(j)), nil
}

// showRuntimeEnvironmentKey serves a route whose feature flag is off.
func (q *request) showRuntimeEnvironmentKey() (*answer, *problem) {
	return nil, withMessage(http.StatusNotFound, "404 Not Found")
}

// showOwnJob serves GET /job.
func (q *request) showOwnJob() (*answer, *problem) {
	return inJSON(http.StatusOK, q.render().job(q.identity.job)), nil
}
