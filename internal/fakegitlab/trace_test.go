package fakegitlab_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// logs has jobs with and without a log: 1 with a given text, 2 generated, 3 none, 4 erased, 5 of a
// pending job, 6 of a debug job, 7 of a running job, 8 huge, 9 of an old runner.
func logs(b *Builder) {
	office(b)
	pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{})
	pl.Job(1, Job{Log: Log{Text: "0123456789"}})
	pl.Job(2, Job{Log: Log{Tool: "npm"}})
	pl.Job(3, Job{Log: Log{None: true}})
	pl.Job(4, Job{ErasedAt: noon})
	pl.Job(5, Job{Status: Pending, Log: Log{Text: "not yet"}})
	pl.Job(6, Job{Debug: true, Log: Log{Text: "secrets"}})
	graceful := b.RunnerManager(RunnerManager{Version: "17.0.0"})
	pl.Job(7, Job{
		Status: Running, StartedAt: noon.Add(-time.Second), FinishedAt: noon.Add(2 * time.Minute),
		Log: Log{Tool: "cargo"}, RunnerManager: graceful,
	})
	pl.Job(8, Job{Log: Log{Size: 200 << 20}})
	pl.Job(9, Job{Status: Failed, Log: Log{Tool: "go", Plain: true}})
}

func TestTraceSendsTheLogOrThePartAskedFor(t *testing.T) {
	newest, older := start(t, Options{Dataset: logs, Release: Older19}), start(t, Options{Dataset: logs, Release: Older18})
	for _, c := range []struct{ query, newest, older string }{
		{"1/trace", "0123456789", "0123456789"},
		{"1/trace?byte_offset=4", "456789", "0123456789"},
		{"1/trace?byte_offset=4&byte_limit=3", "456", "0123456789"},
		{"1/trace?byte_limit=3", "012", "0123456789"},
		{"1/trace?byte_offset=10", "", "0123456789"},
		{"1/trace?byte_offset=99&byte_limit=9", "", "0123456789"},
		{"3/trace", "", ""},
		{"4/trace", "", ""},
		{"5/trace", "", ""},
	} {
		for i, want := range map[*instance]string{newest: c.newest, older: c.older} {
			got := i.call("GET /projects/1/jobs/"+c.query, reporter)
			if got.status != 200 || got.body != want {
				t.Errorf("%s = %d %q, want %q", c.query, got.status, got.body, want)
			}
		}
	}
	got := newest.call("GET /projects/1/jobs/1/trace", reporter).header
	if got.Get("Content-Type") != "text/plain" || got.Get("Content-Disposition") != `infile; filename="1.log"` || got.Get("Accept-Ranges") != "" {
		t.Errorf("headers = %v", got)
	}
}

func TestDebugLogsAreForDevelopers(t *testing.T) {
	i := start(t, Options{Dataset: logs})
	for token, want := range map[string]int{reporter: 403, developer: 200} {
		if got := i.call("GET /projects/1/jobs/6/trace", token); got.status != want {
			t.Errorf("%s = %d", token, got.status)
		}
	}
}

var timestamped = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [0-9a-f]{2}[OE][ +]`)

func TestGeneratedLogsLookLikeARunners(t *testing.T) {
	i := start(t, Options{Dataset: logs})
	log := i.call("GET /projects/1/jobs/2/trace", reporter).body
	for line := range strings.Lines(log) {
		if !timestamped.MatchString(line) {
			t.Fatalf("a line without header: %q", line)
		}
	}
	for _, part := range []string{"Running with gitlab-runner", ":prepare_executor\r\x1b[0K", "vitest[collapsed=true]\r", "\x1b[32;1m$ npm ci", "01E+", "\x1b[32;1mJob succeeded\x1b[0;m\n"} {
		if !strings.Contains(log, part) {
			t.Errorf("lacks %q", part)
		}
	}
	plain := i.call("GET /projects/1/jobs/9/trace", reporter).body
	if timestamped.MatchString(plain) || !strings.HasSuffix(plain, "\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m\n") {
		t.Errorf("plain log ends %q", plain[max(0, len(plain)-80):])
	}
	for _, text := range []string{log, plain} {
		if opened, closed := strings.Count(text, "section_start:"), strings.Count(text, "section_end:"); opened != closed || opened < 6 {
			t.Errorf("%d sections begin, %d end", opened, closed)
		}
	}
}

func TestARunningJobsLogOnlyGrowsWhateverEndsIt(t *testing.T) {
	const path = "/projects/1/jobs/7"
	for name, end := range map[string]func(*instance){
		"by itself":   func(i *instance) { i.clock.turn(2 * time.Minute) },
		"canceled":    func(i *instance) { i.call("POST "+path+"/cancel", maintainer); i.clock.turn(time.Minute) },
		"finished":    func(i *instance) { i.FinishJob(7, Failed) },
		"appended to": func(i *instance) { i.AppendLog(7, "one more line\n") },
	} {
		t.Run(name, func(t *testing.T) {
			i := start(t, Options{Dataset: logs, LogInterval: WatchedLogInterval})
			before, grown := "", 0
			look := func() {
				now := i.call("GET "+path+"/trace", reporter).body
				if !strings.HasPrefix(now, before) {
					t.Fatalf("what was there has changed:\n%q\n%q", before, now)
				}
				if len(now) > len(before) {
					grown++
				}
				before = now
			}
			for range 20 {
				i.clock.turn(3 * time.Second)
				look()
			}
			if end(i); grown < 15 {
				t.Errorf("grew %d times in 20", grown)
			}
			look()
			if !strings.Contains(before, "Job succeeded") && !strings.Contains(before, "Job failed") && !strings.Contains(before, "one more line") {
				t.Errorf("ends %q", before[len(before)-80:])
			}
		})
	}
}

// growing has jobs that run for a thousand seconds: 1 with a generated log, 2 with its page open in
// a browser, 3 with a log of a megabyte.
func growing(b *Builder) {
	office(b)
	pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{})
	running := func(l Log) Job {
		return Job{Status: Running, StartedAt: noon, FinishedAt: noon.Add(1000 * time.Second), Log: l}
	}
	pl.Job(1, running(Log{Tool: "npm"}))
	pl.Job(2, running(Log{Tool: "npm", Watched: true}))
	pl.Job(3, running(Log{Size: 1 << 20}))
}

func TestARunningJobsLogGrowsAtTheRunnersInterval(t *testing.T) {
	for _, c := range []struct {
		job      int
		interval time.Duration
		grows    []int // seconds after the start at which the log is longer than a second before
	}{
		{1, 0, []int{3, 63, 123}},
		{1, UnwatchedLogInterval, []int{3, 63, 123}},
		{1, 30 * time.Second, []int{3, 33, 63, 93, 123}},
		{3, 0, []int{3, 63, 123}},
	} {
		i := start(t, Options{Dataset: growing, LogInterval: c.interval})
		if got := i.growth(c.job, 125); !slices.Equal(got, c.grows) {
			t.Errorf("job %d every %v grows at %v, want %v", c.job, c.interval, got, c.grows)
		}
	}
	i := start(t, Options{Dataset: growing})
	if got := i.growth(2, 125); len(got) < 5 || slices.ContainsFunc(got, func(at int) bool { return at%3 != 0 }) {
		t.Errorf("a log that is watched grows at %v, want every three seconds", got)
	}
}

// growth sets the clock forward second by second and returns the seconds at which the log of a job
// of project 1 has become longer.
func (i *instance) growth(job, seconds int) (at []int) {
	path, before := fmt.Sprintf("GET /projects/1/jobs/%d/trace", job), ""
	for second := 1; second <= seconds; second++ {
		i.clock.turn(time.Second)
		now := i.call(path, reporter).body
		if !strings.HasPrefix(now, before) {
			i.t.Fatalf("at %d: what was there has changed", second)
		}
		if len(now) > len(before) {
			at = append(at, second)
		}
		before = now
	}
	return at
}

func TestALargeLogGrowsUpToItsSize(t *testing.T) {
	i := start(t, Options{Dataset: growing, LogInterval: WatchedLogInterval})
	for _, c := range []struct {
		at   time.Duration
		want int
	}{{500 * time.Second, 501 << 20 / 1000}, {499 * time.Second, 999 << 20 / 1000}, {time.Second, 1 << 20}} {
		i.clock.turn(c.at)
		if got := len(i.call("GET /projects/1/jobs/3/trace", reporter).body); got > c.want || got < c.want-5000 {
			t.Errorf("%d bytes, want about %d", got, c.want)
		}
	}
}

func TestAHugeLogIsGeneratedWhileItIsSent(t *testing.T) {
	i := start(t, Options{Dataset: logs})
	const path = "/projects/1/jobs/8/trace"
	slice := i.call("GET "+path+"?byte_offset=104857700&byte_limit=1000", reporter).body
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := http.NewRequest(http.MethodGet, i.url+"/api/v4"+path+"?private_token="+reporter, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ContentLength != 200<<20 {
		t.Errorf("Content-Length = %d", response.ContentLength)
	}
	skipped, _ := io.CopyN(io.Discard, response.Body, 104857700)
	same := make([]byte, 1000)
	if _, err := io.ReadFull(response.Body, same); err != nil || string(same) != slice {
		t.Errorf("the slice at %d differs from the whole: %v", skipped, err)
	}
	rest, err := io.Copy(io.Discard, response.Body)
	if err != nil || skipped+1000+rest != 200<<20 {
		t.Errorf("%d bytes, %v", skipped+1000+rest, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("allocated %d MB for it", used>>20)
	}
}

func TestEveryToolHasALogOfItsOwn(t *testing.T) {
	tools := []string{"npm", "go", "cargo", "gradle", "xcode", "python", "terraform", "helm", "kaniko", ""}
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{})
		for n, tool := range tools {
			m := b.RunnerManager(RunnerManager{Executor: []string{"docker", "shell", "kubernetes"}[n%3], Version: "18.1.0"})
			pl.Job(int64(n+1), Job{Log: Log{Tool: tool}, RunnerManager: m})
		}
	}})
	seen := map[string]string{}
	for n, tool := range tools {
		log := i.call(fmt.Sprintf("GET /projects/1/jobs/%d/trace", n+1), reporter).body
		_, script, _ := strings.Cut(log, "step_script")
		if len(script) < 500 || seen[script] != "" {
			t.Errorf("%q prints %d bytes, the same as %q", tool, len(script), seen[script])
		}
		seen[script] = tool
	}
}
