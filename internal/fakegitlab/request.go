package fakegitlab

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// request is one request while it is processed. The world is locked for its whole lifetime.
type request struct {
	server   *Server
	http     *http.Request
	world    *world
	now      time.Time
	base     string // external URL, without a trailing slash
	route    *route
	params   params
	identity identity
}

// maxBody is larger than any body that this API needs.
const maxBody = 1 << 20

// run processes the request in GitLab's order: route, credential, throttle, parameters, the
// endpoint's limit, the endpoint.
func (q *request) run() (*answer, *problem) {
	if refusal := q.parse(); refusal != nil {
		return nil, refusal
	}
	caller, refused := q.authenticate()
	q.identity = caller
	if throttled := q.throttle(); throttled != nil {
		return nil, throttled
	}
	if refused != nil {
		return nil, refused
	}
	if text := q.params.validate(q.route.params, q.server.options.Release); text != "" {
		return nil, withError(http.StatusBadRequest, text)
	}
	if q.route.limited {
		limit := q.server.options.Limits.JobsIndex
		if !q.server.limiter.allow("jobs_index", q.identity.key(q.http), limit, q.now) {
			return nil, tooManyJobsIndex()
		}
	}
	return q.route.serve(q)
}

// parse finds the route and collects the parameters of the path, the query and the body.
func (q *request) parse() *problem {
	route, inPath, refusal := q.server.match(q.http)
	if refusal != nil {
		return refusal
	}
	q.route = route
	p, err := parseQuery(q.http.URL.RawQuery)
	if err != nil {
		return withError(http.StatusBadRequest, "Bad Request")
	}
	if q.http.Method == http.MethodPost {
		inBody, err := q.parseBody()
		if err != nil {
			return withError(http.StatusBadRequest, "message body does not match declared format")
		}
		p = p.with(inBody)
	}
	q.params = p.with(inPath)
	return nil
}

func (q *request) parseBody() (params, error) {
	body, err := io.ReadAll(io.LimitReader(q.http.Body, maxBody))
	if err != nil || len(body) == 0 {
		return params{}, err
	}
	if strings.HasPrefix(q.http.Header.Get("Content-Type"), "application/json") {
		return parseJSON(body)
	}
	return parseQuery(string(body))
}

// lacks reports whether the simulated release lacks a feature, given the last release without it.
func (q *request) lacks(without Release) bool { return q.server.options.Release.lacks(without) }

// project returns the project in the path, or 404 if the caller may not see it. Reads of an old
// path are redirected.
func (q *request) project() (*project, *problem) {
	id := q.params.text("id")
	p, moved := q.world.find(id)
	if p == nil || !q.canReadProject(p) {
		return nil, notFound("Project")
	}
	if refusal := q.checkJobTokenScope(p); refusal != nil {
		return nil, refusal
	}
	if !moved {
		return p, nil
	}
	if q.http.Method == http.MethodPost {
		return nil, withMessage(http.StatusMethodNotAllowed, "Non GET methods are not allowed for moved projects")
	}
	return nil, q.redirectTo(p)
}

// find returns the project with an ID or full path, or nil. moved reports whether the path is an
// old one.
func (w *world) find(id string) (p *project, moved bool) {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		return w.projects[n], false
	}
	if p := w.paths[strings.ToLower(id)]; p != nil {
		return p, false
	}
	p = w.oldPaths[strings.ToLower(id)]
	return p, p != nil
}

// redirectTo returns a redirect of the request to the project's ID.
func (q *request) redirectTo(p *project) *problem {
	rest := strings.TrimPrefix(q.http.URL.EscapedPath(), "/api/v4/projects/")
	_, rest, _ = strings.Cut(rest, "/")
	target := q.base + "/api/v4/projects/" + strconv.FormatInt(p.id, 10)
	if rest != "" {
		target += "/" + rest
	}
	if q.http.URL.RawQuery != "" {
		target += "?" + q.http.URL.RawQuery
	}
	return &problem{
		status: http.StatusMovedPermanently, header: http.Header{"Location": {target}}, text: true,
		body: []byte("This resource has been moved permanently to " + target),
	}
}

// readableProject is like project, but returns 403 if the caller may not read the project's jobs.
func (q *request) readableProject() (*project, *problem) {
	p, refusal := q.project()
	if refusal != nil {
		return nil, refusal
	}
	if !q.canReadBuilds(p) {
		return nil, forbidden("")
	}
	return p, nil
}

// build returns the job in the path. It returns 404 for a bridge.
func (q *request) build(p *project) (*job, *problem) {
	j, refusal := q.processable(p)
	if refusal != nil || j.bridge {
		return nil, recordNotFound()
	}
	return j, nil
}

// processable returns the job or bridge in the path.
func (q *request) processable(p *project) (*job, *problem) {
	j := q.world.jobs[q.params.number("job_id")]
	if j == nil || j.pipeline.project != p {
		return nil, recordNotFound()
	}
	return j, nil
}

// pipeline returns the pipeline in the path.
func (q *request) pipeline(p *project) (*pipeline, *problem) {
	pl := q.world.pipelines[q.params.number("pipeline_id")]
	if pl == nil || pl.project != p {
		return nil, recordNotFound()
	}
	return pl, nil
}
