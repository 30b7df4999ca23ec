package fakegitlab

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// request is one request on its way through the server. The world is locked for as long as it
// lives.
type request struct {
	server   *Server
	http     *http.Request
	world    *world
	now      time.Time
	base     string // external address, without a slash at the end
	route    *route
	params   params
	identity identity
}

// maxBody is more than any call of this API needs.
const maxBody = 1 << 20

// run takes the steps in GitLab's own order: throttle, route, credential, parameters, the
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
	if q.route.limited && !q.server.limiter.allow("jobs_index", q.identity.key(q.http), q.server.options.Limits.JobsIndex, q.now) {
		return nil, tooManyJobsIndex()
	}
	return q.route.serve(q)
}

// parse finds the route and gathers the parameters of path, query and body.
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

// lacks reports whether the simulated release is without something whose last release without it is
// the one given.
func (q *request) lacks(without Release) bool { return q.server.options.Release.lacks(without) }

// project finds the project that the path names, as far as the caller may see it. Old paths
// redirect reads.
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

// find looks a project up by number or full path; moved reports that the path is an old one.
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

// readableProject is project, for callers that must be able to read its jobs.
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

// build finds a real job of a project: a bridge's ID is not found.
func (q *request) build(p *project) (*job, *problem) {
	j, refusal := q.processable(p)
	if refusal != nil || j.bridge {
		return nil, recordNotFound()
	}
	return j, nil
}

// processable finds a job or bridge of a project.
func (q *request) processable(p *project) (*job, *problem) {
	j := q.world.jobs[q.params.number("job_id")]
	if j == nil || j.pipeline.project != p {
		return nil, recordNotFound()
	}
	return j, nil
}

func (q *request) pipeline(p *project) (*pipeline, *problem) {
	pl := q.world.pipelines[q.params.number("pipeline_id")]
	if pl == nil || pl.project != p {
		return nil, recordNotFound()
	}
	return pl, nil
}
