package restclient

import "strings"

// OtherRoute is the route of a path that is none of this package's endpoints.
const OtherRoute = "other"

// endpointRoute is the template of an endpoint's paths, whole and by segments.
type endpointRoute struct {
	template string
	segments []string
}

// routes are the endpoints that this package calls. A segment that begins with a colon names
// something.
var routes = []endpointRoute{
	route("/projects/:id/jobs/:job_id"),
	route("/projects/:id/jobs"),
	route("/projects/:id/pipelines/:pipeline_id/jobs"),
	route("/projects/:id/pipelines/:pipeline_id/trigger_jobs"),
	route("/projects/:id/pipelines/:pipeline_id/bridges"),
	route("/projects/:id/pipelines/:pipeline_id"),
	route("/projects/:id"),
	route("/projects/:id/jobs/:job_id/trace"),
	route("/projects/:id/jobs/:job_id/retry"),
	route("/projects/:id/jobs/:job_id/cancel"),
	route("/projects/:id/jobs/:job_id/play"),
	route("/projects/:id/jobs/:job_id/erase"),
	route("/job"),
	route("/job/allowed_agents"),
}

func route(template string) endpointRoute {
	return endpointRoute{template, strings.Split(template[1:], "/")}
}

// Route returns the template of a path below /api/v4, as GitLab's documentation writes it, or
// [OtherRoute]. There are as many as there are endpoints, whatever the path.
func Route(path string) string {
	path, _, _ = strings.Cut(path, "?")
	for i := range routes {
		if matches(strings.TrimPrefix(path, "/"), routes[i].segments) {
			return routes[i].template
		}
	}
	return OtherRoute
}

func matches(path string, segments []string) bool {
	for i, want := range segments {
		segment, rest, more := strings.Cut(path, "/")
		if segment != want && (want[0] != ':' || segment == "") || more != (i < len(segments)-1) {
			return false
		}
		path = rest
	}
	return true
}
