package fakegitlab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one endpoint: its path, its access rules, its parameters and its handler.
type route struct {
	method  string
	pattern string // segments after /api/v4; ":name" matches one segment, which becomes a parameter
	// anonymous allows reads without a credential, as far as the project's rules do.
	anonymous bool
	// jobToken is the fine-grained permission that a CI job token requires; empty: job tokens are
	// not accepted.
	jobToken string
	// without is the last release that does not have the route; zero: every release has it.
	without Release
	// jobTokenNewest means that older releases do not accept job tokens.
	jobTokenNewest bool
	params         []param
	// limited applies the "jobs_index" limit, before the project is looked up.
	limited bool
	serve   func(*request) (*answer, *problem)
}

// ownJob is the value of route.jobToken for the two endpoints about the token's own job.
const ownJob = "own job"

var (
	pageParams = []param{
		{name: "page", coerce: toInteger, fallback: int64(1)},
		{name: "per_page", coerce: toInteger, check: checkNotZero, fallback: int64(defaultPerPage)},
	}
	scopeParam    = param{name: "scope", coerce: toScope, check: checkScope}
	jobParam      = param{name: "job_id", coerce: toInteger, required: true}
	pipelineParam = param{name: "pipeline_id", coerce: toInteger, required: true}
)

// routes returns the endpoints of a release.
func routes(release Release) []route {
	all := slices.Concat(readRoutes(), writeRoutes())
	return slices.DeleteFunc(all, func(r route) bool { return release.lacks(r.without) })
}

func readRoutes() []route {
	const pipelinePath = "projects/:id/pipelines/:pipeline_id"
	get := http.MethodGet
	return []route{
		{method: get, pattern: "projects/:id", anonymous: true, serve: (*request).showProject},
		{method: get, pattern: "projects/:id/jobs", jobToken: "read_jobs", jobTokenNewest: true, limited: true,
			serve: (*request).listProjectJobs,
			params: slices.Concat(pageParams, []param{scopeParam,
				{name: "ref", coerce: toString, without: Older17},
				{name: "pagination", coerce: toString, check: oneOf("legacy", "keyset")},
				{name: "order_by", coerce: toString},
				{name: "sort", coerce: toString, check: oneOf("asc", "desc")},
				{name: "cursor", coerce: toString},
			})},
		{method: get, pattern: "projects/:id/jobs/:job_id", params: []param{jobParam}, serve: (*request).showJob},
		{method: get, pattern: "projects/:id/jobs/:job_id/trace", serve: (*request).showTrace, params: []param{jobParam,
			{name: "byte_offset", coerce: toInteger, check: checkBetween(0, 1<<62), without: Older18},
			{name: "byte_limit", coerce: toInteger, check: checkBetween(1, 512000), without: Older18},
		}},
		{method: get, pattern: "projects/:id/jobs/:job_id/runtime_environment_key", params: []param{jobParam},
			serve: (*request).showRuntimeEnvironmentKey},
		{method: get, pattern: "projects/:id/pipelines", anonymous: true, jobToken: "read_pipelines", jobTokenNewest: true,
			params: slices.Concat(pageParams, pipelineFilters()), serve: (*request).listPipelines},
		{method: get, pattern: "projects/:id/pipelines/latest", anonymous: true, params: []param{{name: "ref", coerce: toString}},
			serve: (*request).showLatestPipeline},
		{method: get, pattern: pipelinePath, anonymous: true, params: []param{pipelineParam}, serve: (*request).showPipeline},
		{method: get, pattern: pipelinePath + "/jobs", anonymous: true, jobToken: "read_jobs", jobTokenNewest: true,
			serve: (*request).listPipelineJobs,
			params: slices.Concat(pageParams, []param{pipelineParam, scopeParam,
				{name: "include_retried", coerce: toBoolean, fallback: false}})},
		{method: get, pattern: pipelinePath + "/bridges", anonymous: true, jobToken: "read_pipelines", jobTokenNewest: true,
			params: slices.Concat(pageParams, []param{pipelineParam, scopeParam}), serve: (*request).listBridges},
		{method: get, pattern: pipelinePath + "/trigger_jobs", without: Older19, anonymous: true, jobToken: "read_pipelines",
			params: slices.Concat(pageParams, []param{pipelineParam, scopeParam}), serve: (*request).listBridges},
		{method: get, pattern: "job", jobToken: ownJob, serve: (*request).showOwnJob},
		{method: get, pattern: "job/allowed_agents", jobToken: ownJob, serve: (*request).showAllowedAgents},
	}
}

// oneOf returns the check for Grape's "values:".
func oneOf(values ...string) func(any) string {
	return func(v any) string {
		if !slices.Contains(values, v.(string)) {
			return notAValidValue
		}
		return ""
	}
}

// match returns the route of a request and the parameters in its path. The path is split before it
// is unescaped, so that "group%2Fapp" stays one segment.
func (s *Server) match(r *http.Request) (*route, params, *problem) {
	path := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	if path == "/api/v3" || strings.HasPrefix(path, "/api/v3/") {
		return nil, nil, withError(http.StatusGone, "API V3 is no longer supported. Use API V4 instead.")
	}
	rest, ok := strings.CutPrefix(path, "/api/v4/")
	if !ok {
		return nil, nil, withError(http.StatusNotFound, "404 Not Found")
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	segments := strings.Split(rest, "/")
	for i := range s.routes {
		p, ok := s.routes[i].matchPath(segments)
		if !ok {
			continue
		}
		if s.routes[i].method == method {
			return &s.routes[i], p, nil
		}
		allowed = append(allowed, s.routes[i].verbs()...)
	}
	if allowed == nil {
		return nil, nil, withError(http.StatusNotFound, "404 Not Found")
	}
	refusal := withError(http.StatusMethodNotAllowed, "405 Not Allowed")
	refusal.header = http.Header{"Allow": {strings.Join(append([]string{http.MethodOptions}, allowed...), ", ")}}
	return nil, nil, refusal
}

// verbs returns the methods of the route for an Allow header.
func (t *route) verbs() []string {
	if t.method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{t.method}
}

func (t *route) matchPath(segments []string) (params, bool) {
	if strings.Count(t.pattern, "/") != len(segments)-1 {
		return nil, false
	}
	p := params{}
	rest := t.pattern
	for _, segment := range segments {
		var want string
		want, rest, _ = strings.Cut(rest, "/")
		if name, isParam := strings.CutPrefix(want, ":"); isParam {
			value, err := url.PathUnescape(segment)
			if err != nil || value == "" {
				return nil, false
			}
			p[name] = value
		} else if want != segment {
			return nil, false
		}
	}
	return p, true
}
