package fakegitlab_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

func TestRightsChangeWhileTheInstanceRuns(t *testing.T) {
	const jobs, trace = "GET /projects/1/jobs/100", "GET /projects/1/jobs/100/trace"
	for _, c := range []struct {
		name    string
		change  func(*instance)
		request string
		token   string
		status  int
	}{
		{"a token is revoked", func(i *instance) { i.RevokeToken(reporter) }, jobs, reporter, 401},
		{"another one is not", func(i *instance) { i.RevokeToken(reporter) }, jobs, developer, 200},
		{"a token expires", func(i *instance) { i.ChangeToken(reporter, func(t *Token) { t.ExpiresAt = noon }) }, jobs, reporter, 401},
		{"a token loses its scope", func(i *instance) { i.ChangeToken(reporter, func(t *Token) { t.Scopes = []string{"read_user"} }) }, jobs, reporter, 403},
		{"a member goes", func(i *instance) { i.SetRole(1, "reporter", NoRole) }, jobs, reporter, 404},
		{"a member comes", func(i *instance) { i.SetRole(1, "stranger", Reporter) }, jobs, stranger, 200},
		{"a member becomes a guest of private pipelines", func(i *instance) { i.SetRole(3, "reporter", Guest) }, "GET /projects/3/jobs", reporter, 403},
		{"pipelines become private", func(i *instance) { i.ChangeProject(1, func(p *Project) { p.MembersOnly = true }) }, jobs, guest, 403},
		{"a project becomes public", func(i *instance) { i.ChangeProject(1, func(p *Project) { p.Visibility = Public }) }, jobs, stranger, 200},
		{"a log becomes a debug log", func(i *instance) { i.ChangeJob(100, func(j *Job) { j.Debug = true }) }, trace, reporter, 403},
		{"a project is removed", func(i *instance) { i.RemoveProject(1) }, jobs, root, 404},
		{"a removed project leaves its path", func(i *instance) { i.RemoveProject(1) }, "GET /projects/group%2Fold", root, 404},
		{"a pipeline is removed", func(i *instance) { i.RemovePipeline(10) }, "GET /projects/1/pipelines/10/jobs", maintainer, 404},
		{"its jobs with it", func(i *instance) { i.RemovePipeline(10) }, jobs, maintainer, 404},
		{"what it started stays", func(i *instance) { i.RemovePipeline(10) }, "GET /projects/2/jobs/200", root, 200},
		{"its job's token ends", func(i *instance) { i.RemovePipeline(10) }, "GET /job?job_token=glcbt-running", "", 401},
	} {
		i := start(t, Options{Dataset: office})
		c.change(i)
		if got := i.call(c.request, c.token); got.status != c.status {
			t.Errorf("%s: %s as %q = %d %s, want %d", c.name, c.request, c.token, got.status, got.body, c.status)
		}
	}
}

func TestARemovedPipelineIsNoLongerADownstreamPipeline(t *testing.T) {
	i := start(t, Options{Dataset: office})
	i.RemovePipeline(20)
	if got := i.call("GET /projects/1/pipelines/10/bridges", maintainer); !strings.Contains(got.body, `"downstream_pipeline":null`) {
		t.Errorf("the bridge = %s", got.body)
	}
}

func TestAMovedProjectRedirectsFromEachOfItsPaths(t *testing.T) {
	i := start(t, Options{Dataset: office})
	i.MoveProject(1, "elsewhere/app")
	for path, want := range map[string]int{"elsewhere%2Fapp": 200, "1": 200, "group%2Fapp": 301, "group%2Fold": 301} {
		if got := i.call("GET /projects/"+path, maintainer); got.status != want {
			t.Errorf("%s = %d, want %d", path, got.status, want)
		}
	}
	if got := i.call("POST /projects/group%2Fapp/jobs/103/cancel", maintainer); got.status != 405 {
		t.Errorf("a write to the old path = %d", got.status)
	}
	if got := i.call("GET /projects/1/jobs/100", maintainer); !strings.Contains(got.body, "/elsewhere/app/-/jobs/100") {
		t.Errorf("web_url of %s", got.body)
	}
}

func TestATokenHasALimitOfItsOwn(t *testing.T) {
	i := start(t, Options{Dataset: office})
	i.ChangeToken(reporter, func(t *Token) { t.Limit = 2 })
	for n, want := range []int{200, 200, 429} {
		if got := i.call("GET /projects/1/jobs/100", reporter); got.status != want || want == 429 && got.header.Get("Retry-After") != "60" {
			t.Errorf("request %d = %d %v", n+1, got.status, got.header)
		}
	}
	if got := i.call("GET /projects/1/jobs/100", developer); got.status != 200 {
		t.Errorf("another token = %d", got.status)
	}
	i.clock.turn(time.Minute)
	if got := i.call("GET /projects/1/jobs/100", reporter); got.status != 200 {
		t.Errorf("a minute later = %d", got.status)
	}
}

func TestAFaultAppliesToOneTokenAndTheCallLogNamesIt(t *testing.T) {
	i := start(t, Options{Dataset: office})
	defer i.Inject(Fault{Kind: ErrorStatus, Status: 503, Token: reporter, Match: "GET /api/v4/projects/*/jobs"})()
	i.call("GET /projects/1/jobs", reporter)
	i.call("GET /projects/1", reporter)
	i.call("GET /projects/1/jobs", "", header("Authorization", "Bearer "+reporter))
	i.call("GET /projects/1/jobs", developer)
	var got []string
	for _, c := range i.Calls() {
		got = append(got, c.Token+" "+strconv.Itoa(c.Status))
	}
	if want := []string{"reporter 503", "reporter 200", "reporter 503", "developer 200"}; !slices.Equal(got, want) {
		t.Errorf("calls = %q, want %q", got, want)
	}
}

func TestAnArchivedLogMayDifferFromTheLiveOne(t *testing.T) {
	i := start(t, Options{Dataset: logs})
	const trace = "GET /projects/1/jobs/7/trace"
	i.AppendLog(7, "live\n")
	live := i.call(trace, reporter).body
	i.FinishJob(7, Success)
	if got := i.call(trace, reporter).body; got != live {
		t.Errorf("the log has changed with the job's end: %q", got)
	}
	artifact := func(size int) string {
		return `"artifacts":[{"file_type":"trace","size":` + strconv.Itoa(size) + `,"filename":"job.log","file_format":"raw"}]`
	}
	for _, c := range []struct {
		rewrite func(string) string
		want    string
	}{
		{nil, live},
		{func(live string) string { return strings.ReplaceAll(live, "live", "[MASKED]") }, strings.ReplaceAll(live, "live", "[MASKED]")},
		{func(string) string { return "" }, ""},
	} {
		i.ArchiveLog(7, c.rewrite)
		if got := i.call(trace, reporter).body; got != c.want {
			t.Errorf("the archived log = %q, want %q", got, c.want)
		}
		if got := i.call("GET /projects/1/jobs/7", reporter).body; !strings.Contains(got, artifact(len(c.want))) {
			t.Errorf("lacks %s in %s", artifact(len(c.want)), got)
		}
	}
	i.EraseJob(7)
	if got := i.call("GET /projects/1/jobs/7", reporter).body; !strings.Contains(got, `"artifacts":[]`) || i.call(trace, reporter).body != "" {
		t.Errorf("an erased job = %s", got)
	}
}

func TestTheDemosTraceArtifactsHaveTheSizeOfTheirLogs(t *testing.T) {
	i := start(t, Options{})
	type job struct {
		ID        int64
		Artifacts []struct {
			FileType string `json:"file_type"`
			Size     int
		}
	}
	seen := 0
	for _, j := range decode[[]job](t, i.call("GET /projects/1/jobs?scope=success&per_page=20", TokenMaintainer)) {
		for _, a := range j.Artifacts {
			if a.FileType != "trace" {
				continue
			}
			seen++
			if log := i.call("GET /projects/1/jobs/"+itoa(j.ID)+"/trace", TokenMaintainer).body; len(log) != a.Size {
				t.Errorf("job %d: the artifact has %d bytes, the log %d", j.ID, a.Size, len(log))
			}
		}
	}
	if seen == 0 {
		t.Error("no job has a trace artifact")
	}
}
