package fakegitlab

import (
	"net/http"
	"slices"
)

// showProject serves GET /projects/:id.
func (q *request) showProject() (*answer, *problem) {
	p, refusal := q.project()
	if refusal != nil {
		return nil, refusal
	}
	return inJSON(http.StatusOK, q.render().project(p)), nil
}

// showPipeline serves GET /projects/:id/pipelines/:pipeline_id.
func (q *request) showPipeline() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	pl, refusal := q.pipeline(p)
	if refusal != nil {
		return nil, refusal
	}
	return inJSON(http.StatusOK, q.render().wholePipeline(pl)), nil
}

// listPipelineJobs serves GET /projects/:id/pipelines/:pipeline_id/jobs.
func (q *request) listPipelineJobs() (*answer, *problem) {
	withRetried := q.params.truth("include_retried")
	found, refusal := q.listPipeline(func(j *job) bool { return !j.bridge && (withRetried || !j.Retried) })
	if refusal != nil {
		return nil, refusal
	}
	return found.answer(q.render().jobs(found.rows)), nil
}

// listBridges serves GET /projects/:id/pipelines/:pipeline_id/bridges and trigger_jobs.
func (q *request) listBridges() (*answer, *problem) {
	found, refusal := q.listPipeline(func(j *job) bool { return j.bridge && !j.Retried })
	if refusal != nil {
		return nil, refusal
	}
	return found.answer(q.render().bridges(found.rows)), nil
}

// listPipeline returns a page of a pipeline's jobs of one kind. A caller who may see the pipeline
// but not its jobs gets an empty list.
func (q *request) listPipeline(kind func(*job) bool) (page[*job], *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return page[*job]{}, refusal
	}
	pl, refusal := q.pipeline(p)
	if refusal != nil {
		return page[*job]{}, refusal
	}
	inScope, visible := q.keepScope(), q.canSeeBuilds(pl)
	return byOffset(q, slices.Backward(pl.jobs), func(j *job) bool { return visible && kind(j) && inScope(j) }, true), nil
}
