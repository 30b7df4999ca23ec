package fakegitlab_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

func TestReadsAnswerWithGitLabsOwnStatusAndWords(t *testing.T) {
	i := start(t, Options{Dataset: office})
	const keyError, notFound, noRights = `{"error":"404 Not Found"}`, `{"message":"404 Not found"}`, `{"message":"403 Forbidden"}`
	const noProject, unauthorized = `{"message":"404 Project Not Found"}`, `{"message":"401 Unauthorized"}`
	for _, c := range []struct {
		request, token string
		status         int
		body           string // the complete body; empty: not checked
	}{
		{"GET /projects/1", reporter, 200, ""},
		{"GET /projects/group%2Fapp/jobs", reporter, 200, ""},
		{"GET /projects/Group%2FApp/jobs/100", reporter, 200, ""},
		{"HEAD /projects/1/jobs/100", reporter, 200, ""},
		{"GET /projects/1/jobs/", reporter, 200, ""},
		{"GET /projects/1/jobs", stranger, 404, noProject},
		{"GET /projects/99/jobs", maintainer, 404, noProject},
		{"GET /projects/word/jobs", maintainer, 404, noProject},
		{"GET /projects/group/app/jobs", maintainer, 404, keyError},
		{"GET /projects/1/unknown", maintainer, 404, keyError},
		{"GET /projects/1/jobs/999", maintainer, 404, notFound},
		{"GET /projects/1/jobs/200", maintainer, 404, notFound},
		{"GET /projects/1/jobs/104", maintainer, 404, notFound}, // a bridge
		{"GET /projects/1/jobs/104/trace", maintainer, 404, notFound},
		{"GET /projects/1/pipelines/20/jobs", maintainer, 404, notFound},
		{"GET /projects/1/pipelines/10", maintainer, 200, ""},
		{"GET /projects/1/jobs/x", maintainer, 400, `{"error":"job_id is invalid"}`},
		{"GET /projects/1/pipelines/x/jobs?scope=x", maintainer, 400, `{"error":"pipeline_id is invalid, scope does not have a valid value"}`},
		{"GET /projects/1/jobs?per_page=0", maintainer, 400, `{"error":"per_page has a value not allowed"}`},
		{"GET /projects/1/jobs?page=two", maintainer, 400, `{"error":"page is invalid"}`},
		{"GET /projects/1/jobs?pagination=other", maintainer, 400, `{"error":"pagination does not have a valid value"}`},
		{"GET /projects/99/jobs?scope=x", maintainer, 400, `{"error":"scope does not have a valid value"}`}, // before the project
		{"GET /projects/99/jobs?scope=x", "", 401, unauthorized},                                            // before the parameters
		{"GET /projects/1/jobs?pagination=keyset&sort=asc", maintainer, 405, `{"error":"Keyset pagination is not yet available for this type of request"}`},
		{"GET /projects/1/jobs?pagination=keyset&order_by=name", maintainer, 405, ""},
		{"GET /projects/1/jobs?pagination=keyset&order_by=id&sort=desc", maintainer, 200, ""},
		{"GET /projects/1/jobs?pagination=keyset&cursor=%25", maintainer, 500, `{"message":"500 Internal Server Error"}`},
		{"GET /projects/1/jobs?pagination=keyset&cursor=bm90IGpzb24=", maintainer, 500, ""},
		{"GET /projects/1/pipelines/10/jobs?include_retried=maybe", maintainer, 400, `{"error":"include_retried is invalid"}`},
		{"GET /projects/1/jobs/100/trace?byte_offset=-1", maintainer, 400, `{"error":"byte_offset does not have a valid value"}`},
		{"GET /projects/1/jobs/100/trace?byte_limit=512001", maintainer, 400, `{"error":"byte_limit does not have a valid value"}`},
		{"GET /projects/3/jobs", guest, 403, noRights},
		{"GET /projects/3", guest, 200, ""},
		{"GET /projects/3/pipelines/30/jobs", guest, 403, noRights},
		{"GET /projects/1/jobs", guest, 200, ""}, // public pipelines
		{"GET /projects/2/jobs", "", 401, unauthorized},
		{"GET /projects/2/jobs/200", "", 401, unauthorized},
		{"GET /projects/2/jobs/200/trace", "", 401, unauthorized},
		{"GET /projects/2/pipelines/20/jobs", "", 200, ""},
		{"GET /projects/2/pipelines/20/bridges", "", 200, "[]"},
		{"GET /projects/2/pipelines/20/bridges", "garbage", 401, unauthorized},
		{"GET /projects/1/pipelines/10/jobs", "", 404, noProject},
		{"GET /projects/1/jobs/100/runtime_environment_key", maintainer, 404, `{"message":"404 Not Found"}`},
		{"GET /projects/1/jobs?a[b=1&a=2&a[]=3", maintainer, 400, ""},
	} {
		got := i.call(c.request, c.token)
		if got.status != c.status || c.body != "" && got.body != c.body {
			t.Errorf("%s as %q = %d %s, want %d %s", c.request, c.token, got.status, got.body, c.status, c.body)
		}
	}
}

func TestVersion3IsGone(t *testing.T) {
	i := start(t, Options{Dataset: office})
	response, err := http.Get(i.url + "/api/v3/projects/1/jobs")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusGone {
		t.Errorf("status = %d", response.StatusCode)
	}
}

func TestWrongVerbNamesTheRightOnes(t *testing.T) {
	i := start(t, Options{Dataset: office})
	for request, allow := range map[string]string{"POST /projects/1/jobs": "OPTIONS, GET, HEAD", "GET /projects/1/jobs/100/retry": "OPTIONS, POST"} {
		got := i.call(request, maintainer)
		if got.status != 405 || got.body != `{"error":"405 Not Allowed"}` || got.header.Get("Allow") != allow {
			t.Errorf("%s = %d %s, Allow %q", request, got.status, got.body, got.header.Get("Allow"))
		}
	}
}

func TestScopeTakesEveryShapeThatGrapeTakes(t *testing.T) {
	i := start(t, Options{Dataset: office})
	for query, want := range map[string][]int64{
		"":                                     {103, 102, 101, 100},
		"scope=failed":                         {102, 101},
		"scope[]=failed&scope[]=running":       {103, 102, 101},
		"scope%5B%5D=success":                  {100},
		"scope[0]=success&scope[1]=running":    {103, 100},
		"scope=running&scope=success":          {100}, // Rack: the last one counts
		"scope=waiting_for_callback":           {},
		"scope[]=failed&ref=main":              {102, 101},
		"ref=feature":                          {},
		"ref=":                                 {103, 102, 101, 100},
		"name=build":                           {103, 102, 101, 100}, // not a parameter
		"pagination=keyset&scope=failed":       {102, 101},
		"pagination=legacy&per_page=1&page=2":  {102},
		"pagination=keyset&per_page=2&page=99": {103, 102},
	} {
		got := i.call("GET /projects/1/jobs?"+query, maintainer)
		if rows := ids(decode[[]row](t, got)); got.status != 200 || !slices.Equal(rows, want) {
			t.Errorf("%q = %d %v, want %v", query, got.status, rows, want)
		}
	}
	for _, query := range []string{"scope=pending,running", "scope=", "scope=cancelled", "scope[]=failed&scope[]=x"} {
		if got := i.call("GET /projects/1/jobs?"+query, maintainer); got.status != 400 {
			t.Errorf("%q = %d %s, want 400", query, got.status, got.body)
		}
	}
}

func TestPipelineListsLeaveRetriedJobsOutUnlessAsked(t *testing.T) {
	i := start(t, Options{Dataset: office})
	for path, want := range map[string][]int64{
		"jobs":                                {103, 102, 100},
		"jobs?include_retried=true":           {103, 102, 101, 100},
		"jobs?include_retried=1&scope=failed": {102, 101},
		"jobs?pagination=keyset&per_page=1":   {103}, // ignored: plain offset
		"bridges":                             {104},
		"bridges?scope=failed":                {},
	} {
		got := i.call("GET /projects/1/pipelines/10/"+path, maintainer)
		if rows := ids(decode[[]row](t, got)); !slices.Equal(rows, want) {
			t.Errorf("%s = %v, want %v", path, rows, want)
		}
		if got.header.Get("X-Total") == "" {
			t.Errorf("%s has no X-Total", path)
		}
	}
}

func TestTriggerJobsAreBridgesByTheirNewName(t *testing.T) {
	newest, older := start(t, Options{Dataset: office, URL: "https://gitlab.example.com"}), start(t, Options{Dataset: office, Release: Older19})
	for _, query := range []string{"", "?scope=success", "?scope=failed"} {
		bridges, triggers := newest.call("GET /projects/1/pipelines/10/bridges"+query, maintainer), newest.call("GET /projects/1/pipelines/10/trigger_jobs"+query, maintainer)
		if triggers.status != 200 || triggers.body != bridges.body || triggers.header.Get("X-Total") != bridges.header.Get("X-Total") {
			t.Errorf("%q = %d %s, want %s", query, triggers.status, triggers.body, bridges.body)
		}
	}
	for _, c := range []struct {
		i             *instance
		request, body string
	}{
		{newest, "GET /projects/1/pipelines/99/trigger_jobs", `{"message":"404 Not found"}`},
		{older, "GET /projects/1/pipelines/10/trigger_jobs", `{"error":"404 Not Found"}`},
		{older, "GET /projects/1/pipelines/99/trigger_jobs", `{"error":"404 Not Found"}`},
	} {
		if got := c.i.call(c.request, maintainer); got.status != 404 || got.body != c.body {
			t.Errorf("%s = %d %s, want %s", c.request, got.status, got.body, c.body)
		}
	}
	if got := older.call("GET /projects/1/pipelines/10/bridges", maintainer); got.status != 200 {
		t.Errorf("bridges of the older release = %d", got.status)
	}
}

func TestACallerWhoSeesThePipelineButNotItsJobsGetsAnEmptyList(t *testing.T) {
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		b.ProjectBuilder(1).Pipeline(11, Pipeline{BuildsHidden: true}).Job(0, Job{})
	}})
	for token, want := range map[string]int{reporter: 0, developer: 1} {
		if got := decode[[]row](t, i.call("GET /projects/1/pipelines/11/jobs", token)); len(got) != want {
			t.Errorf("%s sees %d jobs, want %d", token, len(got), want)
		}
	}
}

func TestRenamedProjectRedirectsReadsToItsNumber(t *testing.T) {
	i := start(t, Options{Dataset: office, URL: "https://gitlab.example.com"})
	got := i.call("GET /projects/group%2Fold/jobs/100?x=1", maintainer)
	const want = "https://gitlab.example.com/api/v4/projects/1/jobs/100?x=1"
	if got.status != 301 || got.header.Get("Location") != want || got.body != "This resource has been moved permanently to "+want {
		t.Errorf("= %d %q %q", got.status, got.header.Get("Location"), got.body)
	}
	if got := i.call("GET /projects/group%2Fold", maintainer); got.header.Get("Location") != "https://gitlab.example.com/api/v4/projects/1" {
		t.Errorf("Location = %q", got.header.Get("Location"))
	}
	if got := i.call("GET /projects/group%2Fold", stranger); got.status != 404 {
		t.Errorf("a stranger gets %d", got.status)
	}
}

func TestEveryResponseCarriesGitLabsHeaders(t *testing.T) {
	i := start(t, Options{Dataset: office})
	for _, request := range []string{"GET /projects/1/jobs", "GET /nowhere"} {
		h := i.call(request, maintainer).header
		if !strings.Contains(h.Get("X-Gitlab-Meta"), h.Get("X-Request-Id")) || h.Get("X-Runtime") == "" ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "SAMEORIGIN" || h.Get("Vary") != "Origin" {
			t.Errorf("%s: %v", request, h)
		}
	}
}

func TestSameBytesAnswer304(t *testing.T) {
	i := start(t, Options{Dataset: office})
	first := i.call("GET /projects/1/jobs/100", maintainer)
	etag := first.header.Get("ETag")
	if !strings.HasPrefix(etag, `W/"`) || first.header.Get("Cache-Control") != "max-age=0, private, must-revalidate" {
		t.Fatalf("ETag %q, Cache-Control %q", etag, first.header.Get("Cache-Control"))
	}
	if got := i.call("GET /projects/1/jobs/100", maintainer, header("If-None-Match", etag)); got.status != 304 || got.body != "" {
		t.Errorf("= %d %q", got.status, got.body)
	}
	i.ChangeJob(100, func(j *Job) { j.Name = "compile" })
	if got := i.call("GET /projects/1/jobs/100", maintainer, header("If-None-Match", etag)); got.status != 200 {
		t.Errorf("after a change = %d", got.status)
	}
}

func TestCallLogKeepsOrderStatusAndTokenNames(t *testing.T) {
	i := start(t, Options{Dataset: office})
	i.call("GET /projects/group%2Fapp/jobs?scope[]=failed", maintainer)
	i.call("POST /projects/1/jobs/999/retry", developer)
	i.call("GET /job", "", header("Job-Token", "glcbt-running"))
	i.clock.turn(time.Second)
	i.call("GET /job", "garbage")
	want := []Call{
		{"GET", "/api/v4/projects/group%2Fapp/jobs?scope[]=failed", 200, "maintainer", noon},
		{"POST", "/api/v4/projects/1/jobs/999/retry", 404, "developer", noon},
		{"GET", "/api/v4/job", 200, "job token 103", noon},
		{"GET", "/api/v4/job", 401, "", noon.Add(time.Second)},
	}
	if got := i.Calls(); !slices.Equal(got, want) {
		t.Errorf("calls = %v", got)
	}
	if i.ResetCalls(); len(i.Calls()) != 0 {
		t.Error("calls are left after a reset")
	}
}
