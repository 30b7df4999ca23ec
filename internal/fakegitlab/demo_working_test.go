package fakegitlab_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

func working() Options {
	return Options{Dataset: WorkingDemo, LogInterval: WatchedLogInterval, URL: "https://gitlab.example.com"}
}

func TestAtWorkSomethingHappensWithinTenSeconds(t *testing.T) {
	i := start(t, working())
	states := func() string {
		var b strings.Builder
		for _, r := range decode[[]row](t, i.call("GET /projects/1/jobs?per_page=100", TokenMaintainer)) {
			fmt.Fprintln(&b, r.ID, r.Status)
		}
		return b.String()
	}
	log := func() string {
		for _, r := range decode[[]row](t, i.call("GET /projects/1/jobs?per_page=1&scope=running", TokenMaintainer)) {
			return strconv.FormatInt(r.ID, 10) + i.call(fmt.Sprintf("GET /projects/1/jobs/%d/trace", r.ID), TokenMaintainer).body
		}
		return ""
	}
	beforeStates, beforeLog := states(), log()
	for n := range 360 { // an hour
		i.clock.turn(10 * time.Second)
		nowStates, nowLog := states(), log()
		if nowStates == beforeStates {
			t.Fatalf("in the ten seconds after %d no job of the first project moved", 10*n)
		}
		if nowLog == beforeLog || n > 0 && nowLog == "" {
			t.Fatalf("in the ten seconds after %d no log of the first project grew", 10*n)
		}
		beforeStates, beforeLog = nowStates, nowLog
	}
}

func TestAJobThatKeepsRunningKeepsPrinting(t *testing.T) {
	i := start(t, Options{LogInterval: WatchedLogInterval})
	soak := decode[row](t, i.call("GET /job", "", header("Job-Token", TokenJob))).ID
	trace := func() int {
		return len(i.call(fmt.Sprintf("GET /projects/7/jobs/%d/trace", soak), TokenMaintainer).body)
	}
	before := trace()
	for range 60 {
		i.clock.turn(10 * time.Second)
		now := trace()
		if now <= before {
			t.Fatalf("the log of job %d did not grow", soak)
		}
		before = now
	}
	i.clock.turn(30 * 24 * time.Hour)
	if after := trace(); after > 10<<20 {
		t.Errorf("a month later the log has %d MB", after>>20)
	}
}

func TestAtWorkJobsFailAndAreRetriedAndCanceled(t *testing.T) {
	i := start(t, working())
	last := decode[[]row](t, i.call("GET /projects/1/jobs?per_page=1", TokenMaintainer))[0].ID
	i.clock.turn(time.Hour)
	seen := map[string]int{}
	attempts := map[string]int{}
	type job struct {
		row
		Pipeline struct{ ID int64 }
	}
	for path := "/projects/1/jobs?per_page=100&pagination=keyset"; path != ""; {
		got := i.call("GET "+path, TokenMaintainer)
		path = got.linkTo("next")
		for _, j := range decode[[]job](t, got) {
			if j.ID <= last {
				path = ""
				break
			}
			seen[j.Status]++
			attempts[fmt.Sprint(j.Pipeline.ID, j.Name)]++
		}
	}
	retried := 0
	for _, n := range attempts {
		if n > 1 {
			retried++
		}
	}
	for _, status := range []Status{Created, Running, Success, Failed, Canceled, Skipped, Manual} {
		if seen[string(status)] == 0 {
			t.Errorf("no job of the last hour is %s: %v", status, seen)
		}
	}
	if retried == 0 {
		t.Error("no job of the last hour was retried")
	}
}

func TestWorkDoesNotDependOnTheNumberOfSteps(t *testing.T) {
	stepped, jumped := start(t, working()), start(t, working())
	for range 600 {
		stepped.clock.turn(time.Second)
		stepped.Step()
	}
	jumped.clock.turn(600 * time.Second)
	for _, p := range DemoProjects() {
		path := fmt.Sprintf("GET /projects/%d/jobs?per_page=100", p.ID)
		x, y := stepped.call(path, TokenMaintainer), jumped.call(path, TokenMaintainer)
		if x.body != y.body || x.status != 200 {
			t.Errorf("%s differs (%d, %d)", p.Path, x.status, y.status)
		}
	}
}

func TestAWeekOfWorkKeepsTheHistoryAndTheMemory(t *testing.T) {
	still, i := start(t, Options{URL: "https://gitlab.example.com"}), start(t, working())
	newest := decode[[]row](t, still.call("GET /projects/1/pipelines?per_page=1", TokenMaintainer))[0].ID
	if before := decode[[]row](t, i.call("GET /projects/1/pipelines?per_page=1", TokenMaintainer))[0].ID; before != newest {
		t.Fatalf("at work the newest pipeline is %d at the start, standing still %d", before, newest)
	}
	// history returns the list without the pipelines that began after the start.
	history := func(i *instance, project int64) string {
		before := noon.Add(-time.Hour).Format(time.RFC3339)
		path := fmt.Sprintf("/projects/%d/pipelines?per_page=100&created_before=%s", project, before)
		return i.call("GET "+path, TokenMaintainer).body
	}
	total := func() string {
		return i.call("GET /projects/1/pipelines?per_page=1", TokenMaintainer).header.Get("X-Total")
	}
	pass := func(d time.Duration) {
		for range d / time.Hour {
			i.clock.turn(time.Hour)
			i.Step()
		}
	}
	pass(24 * time.Hour)
	firstDay, firstTotal := heap(), total()
	pass(6 * 24 * time.Hour)
	lastDay, lastTotal := heap(), total()
	if lastDay > firstDay+4<<20 {
		t.Errorf("the heap has %d MB after a day and %d MB after a week", firstDay>>20, lastDay>>20)
	}
	a, _ := strconv.Atoi(firstTotal)
	b, _ := strconv.Atoi(lastTotal)
	if b > a+80 || b < a-80 {
		t.Errorf("the first project has %d pipelines after a day and %d after a week", a, b)
	}
	still.clock.turn(7 * 24 * time.Hour)
	for _, p := range DemoProjects() {
		if history(i, p.ID) != history(still, p.ID) {
			t.Errorf("the history of %s has changed", p.Path)
		}
	}
	for _, path := range []string{
		"/projects/1/jobs/26549", "/projects/1/pipelines/3454/jobs", fmt.Sprintf("/projects/1/pipelines/%d", newest),
	} {
		if got := i.call("GET "+path, TokenMaintainer); got.status != 200 {
			t.Errorf("%s = %d", path, got.status)
		}
	}
	if got := i.call("GET /job", "", header("Job-Token", TokenJob)); got.status != 200 || !strings.Contains(got.body, `"online":true`) {
		t.Errorf("the job token's job = %d %s, want it on a runner that is online", got.status, got.body)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
