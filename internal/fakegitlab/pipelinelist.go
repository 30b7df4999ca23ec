package fakegitlab

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// childPipeline is the source of pipelines that a pipeline of the same project started. Lists omit
// them, unless they are filtered by this source.
const childPipeline = "parent_pipeline"

func (pl *pipeline) isChild() bool { return pl.Source == childPipeline }

// pipelineSources are the sources that the filter accepts.
var pipelineSources = []string{
	"unknown", "push", "web", "trigger", "schedule", "api", "external", "pipeline", "chat", "webide",
	"merge_request_event", "external_pull_request_event", childPipeline, "ondemand_dast_scan", "ondemand_dast_validation",
	"security_orchestration_policy", "container_registry_push", "duo_workflow", "pipeline_execution_policy_schedule",
}

// pipelineFilters are the parameters of GET /projects/:id/pipelines, without those for pagination.
func pipelineFilters() []param {
	var words []string
	for _, s := range statuses {
		words = append(words, string(s))
	}
	return []param{
		{name: "scope", coerce: toString, check: oneOf("running", "pending", "finished", "branches", "tags")},
		{name: "status", coerce: toString, check: oneOf(words...)},
		{name: "ref", coerce: toString},
		{name: "sha", coerce: toString},
		{name: "yaml_errors", coerce: toBoolean},
		{name: "username", coerce: toString},
		{name: "updated_before", coerce: toTime},
		{name: "updated_after", coerce: toTime},
		{name: "created_before", coerce: toTime, without: Older17},
		{name: "created_after", coerce: toTime, without: Older17},
		{name: "order_by", coerce: toString, check: oneOf("id", "status", "ref", "updated_at", "user_id"), fallback: "id"},
		{name: "sort", coerce: toString, check: oneOf("asc", "desc"), fallback: "desc"},
		{name: "source", coerce: toString, check: oneOf(pipelineSources...)},
		{name: "name", coerce: toString},
	}
}

// listPipelines serves GET /projects/:id/pipelines.
func (q *request) listPipelines() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	rows := q.inPipelineScope(q.withoutChildren(p.pipelines))
	rows = slices.DeleteFunc(rows, func(pl *pipeline) bool {
		return !q.matchesPipeline(pl) || !q.matchesPipelineTimes(pl)
	})
	q.sortPipelines(rows)
	found := byOffset(q, slices.All(rows), func(*pipeline) bool { return true }, true)
	return found.answer(q.render().listedPipelines(found.rows)), nil
}

// withoutChildren returns a copy of the list, with child pipelines only if the request filters by
// their source.
func (q *request) withoutChildren(pipelines []*pipeline) []*pipeline {
	rows := slices.Clone(pipelines)
	if q.params.text("source") == childPipeline {
		return rows
	}
	return slices.DeleteFunc(rows, (*pipeline).isChild)
}

// inPipelineScope applies the scope parameter: a group of statuses, or the newest pipeline of each
// branch or tag.
func (q *request) inPipelineScope(rows []*pipeline) []*pipeline {
	withStatus := func(wanted ...Status) []*pipeline {
		return slices.DeleteFunc(rows, func(pl *pipeline) bool { return !slices.Contains(wanted, pl.statusAt(q.now)) })
	}
	switch q.params.text("scope") {
	case "running":
		return withStatus(Running)
	case "pending":
		return withStatus(Pending)
	case "finished":
		return withStatus(Success, Failed, Canceled)
	case "branches":
		return newestOfEachRef(rows, func(pl *pipeline) bool { return !pl.Tag && !strings.HasPrefix(pl.Ref, "refs/") })
	case "tags":
		return newestOfEachRef(rows, func(pl *pipeline) bool { return pl.Tag })
	}
	return rows
}

// newestOfEachRef returns the newest pipeline of each ref for which keep returns true.
func newestOfEachRef(rows []*pipeline, keep func(*pipeline) bool) []*pipeline {
	seen := map[string]bool{}
	var newest []*pipeline
	for _, pl := range slices.Backward(rows) {
		if keep(pl) && !seen[pl.Ref] {
			seen[pl.Ref] = true
			newest = append(newest, pl)
		}
	}
	return newest
}

// matchesPipeline applies the filters by text and yaml_errors. An empty text matches every
// pipeline.
func (q *request) matchesPipeline(pl *pipeline) bool {
	by := ""
	if pl.User != nil {
		by = pl.User.Username
	}
	matches := func(param, have string) bool {
		wanted := q.params.text(param)
		return wanted == "" || wanted == have || param == "username" && strings.EqualFold(wanted, have)
	}
	if wanted, sent := q.params["yaml_errors"].(bool); sent && wanted != (pl.YAMLErrors != "") {
		return false
	}
	return matches("status", string(pl.statusAt(q.now))) && matches("ref", pl.Ref) && matches("sha", pl.Commit.SHA) &&
		matches("source", pl.Source) && matches("name", pl.Name) && matches("username", by)
}

func (q *request) matchesPipelineTimes(pl *pipeline) bool {
	within := func(kind string, at time.Time) bool {
		before, hasBefore := q.params[kind+"_before"].(time.Time)
		after, hasAfter := q.params[kind+"_after"].(time.Time)
		return !(hasBefore && at.After(before)) && !(hasAfter && at.Before(after))
	}
	return within("updated", pl.updatedAt(q.now)) && within("created", pl.CreatedAt)
}

// sortPipelines sorts the list. In GitLab the database decides the order of equal rows; here the
// newest comes first.
func (q *request) sortPipelines(rows []*pipeline) {
	direction := -1
	if q.params.text("sort") == "asc" {
		direction = 1
	}
	order := q.pipelineOrder(q.params.text("order_by"))
	slices.SortFunc(rows, func(a, b *pipeline) int {
		return cmp.Or(direction*order(a, b), cmp.Compare(b.id, a.id))
	})
}

func (q *request) pipelineOrder(by string) func(a, b *pipeline) int {
	switch by {
	case "status":
		return func(a, b *pipeline) int { return cmp.Compare(a.statusAt(q.now), b.statusAt(q.now)) }
	case "ref":
		return func(a, b *pipeline) int { return cmp.Compare(a.Ref, b.Ref) }
	case "updated_at":
		return func(a, b *pipeline) int { return a.updatedAt(q.now).Compare(b.updatedAt(q.now)) }
	case "user_id":
		return func(a, b *pipeline) int { return cmp.Compare(a.userID(), b.userID()) }
	}
	return func(a, b *pipeline) int { return cmp.Compare(a.id, b.id) }
}

// userID returns the key for sorting by user. A pipeline without a user comes after all others, as
// the database sorts null.
func (pl *pipeline) userID() int64 {
	if pl.User == nil {
		return 1<<63 - 1
	}
	return pl.User.ID
}

// showLatestPipeline serves GET /projects/:id/pipelines/latest: the newest pipeline of the newest
// commit of a ref. If that commit has none, the answer is 403, because GitLab checks the permission
// to read a pipeline that is nil.
func (q *request) showLatestPipeline() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	ref := cmp.Or(q.params.text("ref"), p.DefaultBranch)
	for _, pl := range slices.Backward(p.pipelines) {
		if pl.Ref == ref && pl.Commit.SHA == p.heads[ref] && !pl.isChild() {
			return inJSON(http.StatusOK, q.render().wholePipeline(pl)), nil
		}
	}
	return nil, forbidden("")
}
