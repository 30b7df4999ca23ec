package fakegitlab_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

func TestTheDemoStartsFastAndSmall(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	s := New(Options{})
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if heap := int64(after.HeapAlloc) - int64(before.HeapAlloc); heap > 60<<20 {
		t.Errorf("takes %d MB", heap>>20)
	}
	if took > 2*time.Second { // ten times as long as usual, for the race detector and busy machines
		t.Errorf("takes %v", took)
	}
	runtime.KeepAlive(s)
}

func TestTheDemoIsTheSameEachTime(t *testing.T) {
	a, b := start(t, Options{URL: "https://gitlab.example.com"}), start(t, Options{URL: "https://gitlab.example.com"})
	for _, p := range DemoProjects() {
		path := fmt.Sprintf("GET /projects/%d/jobs?per_page=100", p.ID)
		if x, y := a.call(path, TokenMaintainer), b.call(path, TokenMaintainer); x.body != y.body || x.status != 200 {
			t.Errorf("%s differs (%d, %d)", p.Path, x.status, y.status)
		}
	}
}

func TestTheDemoHoldsEveryStatusAndThousandsOfJobs(t *testing.T) {
	i := start(t, Options{})
	seen := map[Status]bool{}
	newest := int64(0)
	all := []Status{
		Created, WaitingForResource, Preparing, WaitingForCallback, Pending, Running, Success, Failed,
		Canceling, Canceled, Skipped, Manual, Scheduled,
	}
	for _, p := range DemoProjects() {
		for _, s := range all {
			list := i.call(fmt.Sprintf("GET /projects/%d/jobs?per_page=1&scope=%s", p.ID, s), TokenMaintainer)
			for _, r := range decode[[]row](t, list) {
				seen[s] = true
				newest = max(newest, r.ID)
			}
		}
	}
	if len(seen) != len(all) {
		t.Errorf("only these statuses are there: %v", seen)
	}
	if newest < 20000 { // IDs have no gaps
		t.Errorf("%d jobs", newest)
	}
}

func TestDemoPipelinesReachThreeProjectsDeep(t *testing.T) {
	i := start(t, Options{})
	type bridge struct {
		Downstream *struct {
			ID        int64
			ProjectID int64 `json:"project_id"`
		} `json:"downstream_pipeline"`
	}
	type stub struct {
		Pipeline struct{ ID int64 }
	}
	var follow func(project, pipeline int64) int
	follow = func(project, pipeline int64) int {
		deepest := 0
		for _, b := range decode[[]bridge](t, i.call(fmt.Sprintf("GET /projects/%d/pipelines/%d/bridges", project, pipeline), TokenMaintainer)) {
			if b.Downstream != nil && b.Downstream.ProjectID != project {
				deepest = max(deepest, follow(b.Downstream.ProjectID, b.Downstream.ID))
			}
		}
		return deepest + 1
	}
	for _, j := range decode[[]stub](t, i.call("GET /projects/1/jobs?ref=main&scope=success&per_page=100", TokenMaintainer)) {
		if follow(1, j.Pipeline.ID) >= 3 {
			return
		}
	}
	t.Error("no recent pipeline of the web project leads through three projects")
}

func TestDemoTokensHaveTheirDescribedPermissions(t *testing.T) {
	i := start(t, Options{})
	for token, want := range map[string]int{
		TokenAdmin: 200, TokenMaintainer: 200, TokenDeveloper: 200, TokenReporter: 200,
		TokenGuest: 403, TokenReadOnly: 200, TokenExpired: 401, TokenRevoked: 401,
	} {
		if got := i.call("GET /projects/orchard%2Fplatform%2Finfrastructure/jobs", token); got.status != want {
			t.Errorf("%s = %d, want %d", token, got.status, want)
		}
	}
	if got := i.call("GET /projects/99/jobs", TokenMaintainer); got.status != 404 {
		t.Errorf("the hidden project = %d", got.status)
	}
	if got := i.call("GET /job/allowed_agents", "", header("Job-Token", TokenJob)); got.status != 200 {
		t.Errorf("the job token = %d %s", got.status, got.body)
	}
	if len(DemoTokens()) != 9 {
		t.Errorf("%d tokens are described", len(DemoTokens()))
	}
}

func TestNoPipelinesBeginInTheDemo(t *testing.T) {
	i := start(t, Options{})
	newest := func() int64 {
		return decode[[]row](t, i.call("GET /projects/8/pipelines?per_page=1", TokenMaintainer))[0].ID
	}
	i.clock.turn(5 * time.Hour) // enough for the running pipelines and their downstream pipelines
	before := newest()
	i.clock.turn(24 * time.Hour)
	if after := newest(); after != before {
		t.Errorf("a day later there is pipeline %d", after)
	}
}

func TestPipelinesBeginInTheWorkingDemo(t *testing.T) {
	i := start(t, Options{Dataset: WorkingDemo})
	newest := func() row { return decode[[]row](t, i.call("GET /projects/1/jobs?per_page=1", TokenMaintainer))[0] }
	before := newest()
	i.clock.turn(5 * time.Hour)
	after := newest()
	if after.ID <= before.ID {
		t.Errorf("five hours later the newest job is still %d", after.ID)
	}
	if got := i.call("GET /job", "", header("Job-Token", TokenJob)); got.status != 200 {
		t.Errorf("the job token's job has ended: %d", got.status)
	}
}

func TestSamplesAnswerTheDocumentationsExamples(t *testing.T) {
	listener := httptest.NewServer(Samples())
	defer listener.Close()
	i := &instance{t: t, url: listener.URL}
	for request, want := range map[string]int{
		"GET /projects/1": 200, "GET /projects/1/jobs": 200, "GET /projects/1/pipelines/6": 200, "GET /projects/1/pipelines/6/jobs": 200,
		"GET /projects/1/pipelines/6/bridges": 200, "GET /job": 200, "GET /job/allowed_agents": 200, "GET /projects/1/jobs/8": 200,
		"POST /projects/1/jobs/1/cancel": 201, "POST /projects/1/jobs/1/retry": 201, "POST /projects/1/jobs/1/erase": 201, "POST /projects/1/jobs/1/play": 200,
	} {
		got := i.call(request, "")
		if got.status != want {
			t.Errorf("%s = %d", request, got.status)
		}
		decode[any](t, got)
	}
	if got := i.call("GET /projects/1/jobs/8/trace", ""); got.status != http.StatusOK || got.body == "" {
		t.Errorf("trace = %d", got.status)
	}
	if got := i.call("GET /projects/2", ""); got.status != http.StatusNotFound {
		t.Errorf("elsewhere = %d", got.status)
	}
}
