package fakegitlab_test

import (
	"net/http"
	"strings"
	"testing"

	. "jobgraph/internal/fakegitlab"
)

func TestCredentials(t *testing.T) {
	i := start(t, Options{Dataset: office})
	const jobs, own, trace, retry = "GET /projects/1/jobs", "GET /job", "GET /projects/1/jobs/100/trace", "POST /projects/1/jobs/102/retry"
	for _, c := range []struct {
		name, request, field, value string
		status                      int
		body                        string // a part of it
	}{
		{"PRIVATE-TOKEN", jobs, "Private-Token", reporter, 200, ""},
		{"bearer", jobs, "Authorization", "Bearer " + reporter, 200, ""},
		{"OAuth as bearer", jobs, "Authorization", "Bearer oauth", 200, ""},
		{"OAuth as PRIVATE-TOKEN", jobs, "Private-Token", "oauth", 401, `{"message":"401 Unauthorized"}`},
		{"private_token", jobs + "?private_token=" + reporter, "", "", 200, ""},
		{"access_token", jobs + "?access_token=oauth", "", "", 200, ""},
		{"none", jobs, "", "", 401, `{"message":"401 Unauthorized"}`},
		{"garbage", jobs, "Private-Token", "garbage", 401, `{"message":"401 Unauthorized"}`},
		{"garbage bearer", jobs, "Authorization", "Bearer garbage", 401, `{"message":"401 Unauthorized"}`},
		{"revoked", jobs, "Private-Token", "revoked", 401, `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`},
		{"expired", jobs, "Private-Token", "expired", 401, `"Token is expired. You can either do re-authorization or token refresh."`},
		{"read_api reads", jobs, "Private-Token", "reads", 200, ""},
		{"read_api does not write", retry, "Private-Token", "reads", 403,
			`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}`},
		{"another scope", jobs, "Private-Token", "knows-nothing", 403, "insufficient_scope"},
		{"job token", jobs, "Job-Token", "glcbt-running", 200, ""},
		{"job token as bearer", jobs, "Authorization", "Bearer glcbt-running", 200, ""},
		{"job_token", own + "?job_token=glcbt-running", "", "", 200, `{"id":103,`},
		{"own job", own, "Job-Token", "glcbt-running", 200, `{"id":103,`},
		{"own job by bearer", own, "Authorization", "Bearer glcbt-running", 200, `{"id":103,`},
		{"own job without", own, "", "", 401, "401 Unauthorized"},
		{"own job by a user", own, "Private-Token", reporter, 404, `{"message":"404 Job Not Found"}`},
		{"own job, finished", own, "Job-Token", "glcbt-finished", 401, "401 Unauthorized"},
		{"own job, finished, bearer", own, "Authorization", "Bearer glcbt-finished", 401, "401 Unauthorized"},
		{"own job, unknown", own, "Job-Token", "glcbt-unknown", 401, "401 Unauthorized"},
		{"job token where none is let in", trace, "Job-Token", "glcbt-running", 401, "401 Unauthorized"},
		{"job token bearer where none is let in", trace, "Authorization", "Bearer glcbt-running", 401, "401 Unauthorized"},
		{"job token as PRIVATE-TOKEN", jobs, "Private-Token", "glcbt-running", 401, "401 Unauthorized"},
		{"sudo by name", own + "?sudo=reporter", "Private-Token", root, 404, "404 Job Not Found"},
		{"sudo to someone unknown", jobs + "?sudo=nobody", "Private-Token", root, 404, `{"message":"404 User with ID or username 'nobody' Not Found"}`},
		{"sudo to a stranger", jobs + "?sudo=14", "Private-Token", root, 404, "404 Project Not Found"},
		{"sudo by a maintainer", jobs + "?sudo=10", "Private-Token", maintainer, 403, `{"message":"403 Forbidden - Must be admin to use sudo"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := i.call(c.request, "", func(r *http.Request) {
				if c.field != "" {
					r.Header.Set(c.field, c.value)
				}
			})
			if got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("= %d %s, want %d %s", got.status, got.body, c.status, c.body)
			}
			if strings.Contains(got.body, "invalid_token") != strings.HasPrefix(got.header.Get("WWW-Authenticate"), `Bearer realm="The API", error="invalid`) {
				t.Errorf("WWW-Authenticate = %q", got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestAJobTokenIsValidWhileItsJobRuns(t *testing.T) {
	i := start(t, Options{Dataset: office})
	i.FinishJob(103, Success)
	if got := i.call("GET /job", "", header("Job-Token", "glcbt-running")); got.status != 401 {
		t.Errorf("after its job's end: %d", got.status)
	}
}

func TestJobTokensNeedTheAllowlistOfOtherProjects(t *testing.T) {
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		u := b.User(User{ID: 50, Username: "ci"})
		source := b.Project(5, "group/source", Project{}).Member(u, Developer)
		b.JobToken("glcbt-source", source.Pipeline(0, Pipeline{User: u}).Job(0, Job{Status: Running}))
		for id, p := range map[int64]Project{
			51: {}, 52: {OpenToJobTokens: true}, 53: {JobTokenGrants: []JobTokenGrant{{Project: "group/source"}}},
			54: {JobTokenGrants: []JobTokenGrant{{Project: "group/source", Policies: []string{"read_pipelines"}}}},
		} {
			b.Project(id, "group/p"+string(rune('0'+id%10)), p).Member(u, Developer).Pipeline(id, Pipeline{})
		}
	}})
	for request, want := range map[string]string{
		"GET /projects/5/jobs":                  "[]",
		"GET /projects/51/jobs":                 `{"message":"403 Forbidden - Authentication by CI/CD job token not allowed from group/source to project #51."}`,
		"GET /projects/52/jobs":                 "[]",
		"GET /projects/53/jobs":                 "[]",
		"GET /projects/54/jobs":                 `{"message":"403 Forbidden - Insufficient permissions to access this resource in project #54. The following token permission is required: read_jobs."}`,
		"GET /projects/54/pipelines/54/bridges": "[]",
		"GET /projects/1/jobs":                  `{"message":"404 Project Not Found"}`,
	} {
		got := i.call(request, "", header("Job-Token", "glcbt-source"))
		if request == "GET /projects/5/jobs" {
			if got.status != 200 {
				t.Errorf("%s = %d", request, got.status)
			}
		} else if got.body != want {
			t.Errorf("%s = %d %s, want %s", request, got.status, got.body, want)
		}
	}
}

func TestAllowedAgentsContainTheTokensJobAndRoles(t *testing.T) {
	data := func(b *Builder) {
		office(b)
		b.ProjectBuilder(1).Agent(7, b.ProjectBuilder(2))
	}
	i := start(t, Options{Dataset: data})
	got := i.call("GET /job/allowed_agents", "", header("Job-Token", "glcbt-running"))
	for _, part := range []string{
		`"allowed_agents":[{"id":7,"config_project":{"id":2,"description":null,"name":"open","name_with_namespace":"group / open"`,
		`"job":{"id":103},"pipeline":{"id":10},"project":{"id":1,"groups":[{"id":1}]},"user":{"id":11,"username":"developer","roles_in_project":["guest","planner","reporter","developer"]}`,
	} {
		if !strings.Contains(got.body, part) {
			t.Errorf("%s\nlacks %s", got.body, part)
		}
	}
	older := start(t, Options{Dataset: data, Release: Older17})
	if got := older.call("GET /job/allowed_agents", "", header("Job-Token", "glcbt-running")); strings.Contains(got.body, "roles_in_project") || !strings.Contains(got.body, `"state":"active"`) {
		t.Errorf("older: %s", got.body)
	}
}
