package fakegitlab_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// receiver is a server that records the events that hooks send to it.
type receiver struct {
	url    string
	mu     sync.Mutex
	status int
	got    []received
}

type received struct {
	header http.Header
	body   []byte
	event  string // "job 7 running" or "pipeline 1 failed"
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	var event struct {
		Kind       string `json:"object_kind"`
		BuildID    int64  `json:"build_id"`
		Status     string `json:"build_status"`
		Attributes struct {
			ID     int64
			Status string
		} `json:"object_attributes"`
	}
	_ = json.Unmarshal(body, &event)
	short := fmt.Sprintf("job %d %s", event.BuildID, event.Status)
	if event.Kind == "pipeline" {
		short = fmt.Sprintf("pipeline %d %s", event.Attributes.ID, event.Attributes.Status)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, received{request.Header, body, short})
	w.WriteHeader(r.status)
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// take returns the events received since the last call.
func (r *receiver) take() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// events is take in short form.
func (r *receiver) events() []string {
	events := []string{}
	for _, e := range r.take() {
		events = append(events, e.event)
	}
	return events
}

func wait(t *testing.T, w *Webhook) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := w.Wait(ctx); err != nil {
		t.Fatal("the queue was not sent:", err)
	}
}

// planned has job 7 of pipeline 6 in project 1, which is queued after 10 s, starts after 20 s and
// fails after 50 s.
func planned(b *Builder) {
	office(b)
	b.ProjectBuilder(1).Pipeline(6, Pipeline{CreatedAt: noon}).Job(7, Job{
		Name: "rspec", Status: Created, Outcome: Failed, Runner: b.Runner(Runner{ID: 5}),
		QueuedAt: noon.Add(10 * time.Second), StartedAt: noon.Add(20 * time.Second), FinishedAt: noon.Add(50 * time.Second),
	})
}

func TestHooksSendEveryChangeInOrder(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	hook := i.AddHook(Hook{URL: r.url})
	defer hook.Close()
	for _, c := range []struct {
		name string
		do   func()
		want []string
	}{
		{"nothing", func() {}, []string{}},
		{"the clock", func() { i.clock.turn(15 * time.Second) }, []string{"job 7 pending", "pipeline 6 pending"}},
		{"the clock, past two changes", func() { i.clock.turn(time.Minute) },
			[]string{"job 7 running", "pipeline 6 running", "job 7 failed", "pipeline 6 failed"}},
		{"a request", func() { i.call("POST /projects/1/jobs/103/cancel", maintainer) }, []string{"job 103 canceled", "pipeline 10 failed"}},
		{"a retry", func() { i.call("POST /projects/1/jobs/7/retry", maintainer) }, []string{"job 401 pending", "pipeline 6 pending"}},
		{"a test", func() { i.FinishJob(401, Success) }, []string{"job 401 success", "pipeline 6 success"}},
		{"a job that is new", func() { i.AddJob(6, Job{Status: Running}) }, []string{"job 402 running", "pipeline 6 running"}},
		{"an erasure, which changes no status", func() { i.call("POST /projects/1/jobs/100/erase", maintainer) }, []string{}},
	} {
		c.do()
		i.Step()
		wait(t, hook)
		if got := r.events(); !slices.Equal(got, c.want) {
			t.Errorf("%s sent %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAHooksBodyAndHeadersAreGitLabs(t *testing.T) {
	i, r := start(t, Options{Dataset: planned, URL: "https://gitlab.example.com"}), receive(t)
	hook := i.AddHook(Hook{URL: r.url, Token: "plain-secret"})
	defer hook.Close()
	i.clock.turn(time.Minute)
	i.Step()
	wait(t, hook)
	got := r.take()
	if len(got) != 6 {
		t.Fatalf("%d events", len(got))
	}
	job, pipeline := got[4], got[5]
	for name, want := range map[string]string{"X-Gitlab-Event": "Job Hook", "X-Gitlab-Token": "plain-secret", "X-Gitlab-Instance": "https://gitlab.example.com",
		"Content-Type": "application/json", "Webhook-Signature": "", "Idempotency-Key": job.header.Get("X-Gitlab-Event-Uuid")} {
		if have := job.header.Get(name); have != want {
			t.Errorf("%s = %q, want %q", name, have, want)
		}
	}
	if job.header.Get("Idempotency-Key") == pipeline.header.Get("Idempotency-Key") || pipeline.header.Get("X-Gitlab-Event") != "Pipeline Hook" {
		t.Errorf("the pipeline's headers = %v", pipeline.header)
	}
	for _, part := range []string{`"object_kind":"build"`, `"build_id":7`, `"build_name":"rspec"`, `"build_status":"failed"`, `"build_started_at":"2026-03-02T12:00:20.000Z"`,
		`"build_duration":30.0`, `"build_queued_duration":10.0`, `"build_failure_reason":"script_failure"`, `"retries_count":0`, `"pipeline_id":6`, `"project_id":1`, `"runner":{"id":5`} {
		if !strings.Contains(string(job.body), part) {
			t.Errorf("the job's event lacks %s in %s", part, job.body)
		}
	}
	for _, part := range []string{`"object_kind":"pipeline"`, `"object_attributes":{"id":6`, `"status":"failed"`, `"project":{"id":1`, `"builds":[{"id":7`, `"stages":["test"]`} {
		if !strings.Contains(string(pipeline.body), part) {
			t.Errorf("the pipeline's event lacks %s in %s", part, pipeline.body)
		}
	}
}

func TestASignedHookFollowsStandardWebhooks(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	key := []byte("0123456789abcdef0123456789abcdef")
	hook := i.AddHook(Hook{URL: r.url, SigningSecret: "whsec_" + base64.StdEncoding.EncodeToString(key)})
	defer hook.Close()
	i.FinishJob(103, Success)
	wait(t, hook)
	got := r.take()[0]
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", got.header.Get("Webhook-Id"), noon.Unix(), got.body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if got.header.Get("Webhook-Signature") != want || got.header.Get("Webhook-Timestamp") != fmt.Sprint(noon.Unix()) ||
		got.header.Get("Webhook-Id") != got.header.Get("Idempotency-Key") || got.header.Get("X-Gitlab-Token") != "" {
		t.Errorf("headers = %v, want the signature %s", got.header, want)
	}
}

func TestFateLosesRepeatsAndHoldsEvents(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	fates := map[Status]Fate{Pending: Lose, Running: Hold, Failed: Duplicate}
	hook := i.AddHook(Hook{URL: r.url, Fate: func(e HookEvent) Fate {
		if e.Event == PipelineHook {
			return Lose
		}
		return fates[e.Status]
	}})
	defer hook.Close()
	i.clock.turn(time.Minute)
	i.Step()
	wait(t, hook)
	got := r.take()
	if len(got) != 2 || got[0].event != "job 7 failed" || got[0].header.Get("Idempotency-Key") != got[1].header.Get("Idempotency-Key") {
		t.Errorf("received %v, want the failure twice", got)
	}
	hook.Release()
	if late := r.events(); !slices.Equal(late, []string{"job 7 running"}) || hook.Lost() != 4 {
		t.Errorf("later %q, lost %d", late, hook.Lost())
	}
}

func TestAHookIsOfOneProjectAndItsQueueIsBounded(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	entered, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	hook := i.AddHook(Hook{URL: r.url, Project: 1, Queue: 3, Fate: func(HookEvent) Fate {
		once.Do(func() { close(entered); <-gate })
		return Deliver
	}})
	defer hook.Close()
	i.FinishJob(400, Failed) // a job of another project
	i.FinishJob(100, Failed)
	<-entered
	for _, id := range []int64{101, 102, 103, 104, 7} {
		i.FinishJob(id, Canceled)
	}
	close(gate)
	wait(t, hook)
	if got := len(r.events()); got > 4 || hook.Lost() == 0 {
		t.Errorf("%d sent, %d lost, want those that fit a queue of 3 after the first", got, hook.Lost())
	}
}

func TestAHookThatFailsIsSwitchedOff(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	hook := i.AddHook(Hook{URL: r.url, Project: 4})
	defer hook.Close()
	n := 0
	change := func(times int) {
		for range times {
			n++
			i.ChangeJob(400, func(j *Job) { j.Status = []Status{Success, Failed}[n%2] })
			wait(t, hook)
		}
	}
	r.answer(500)
	change(3) // each of them of a job and its pipeline
	if got := len(r.take()); got != 4 || !hook.Off() {
		t.Errorf("%d attempts, off: %v, want 4 and then none", got, hook.Off())
	}
	i.clock.turn(time.Minute)
	r.answer(200)
	change(1)
	if got := len(r.take()); got != 2 || hook.Off() {
		t.Errorf("a minute later %d attempts, off: %v", got, hook.Off())
	}
	r.answer(404)
	change(2)
	i.clock.turn(48 * time.Hour)
	if !hook.Off() {
		t.Error("a hook whose receiver answers 404 is on again")
	}
	if d := hook.Deliveries(); len(d) != 10 || d[9].Status != 404 || d[9].Event != PipelineHook {
		t.Errorf("%d deliveries are remembered, the last of %s with %d", len(d), d[len(d)-1].Event, d[len(d)-1].Status)
	}
}

func TestRunStepsTheInstanceForItsHooks(t *testing.T) {
	i, r := start(t, Options{Dataset: planned}), receive(t)
	sent := make(chan struct{}, 8)
	hook := i.AddHook(Hook{URL: r.url, Fate: func(HookEvent) Fate { sent <- struct{}{}; return Deliver }})
	defer hook.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { i.Run(ctx, time.Millisecond); close(done) }()
	i.clock.turn(15 * time.Second)
	<-sent
	<-sent
	stop()
	<-done
	wait(t, hook)
	if got := r.events(); !slices.Equal(got, []string{"job 7 pending", "pipeline 6 pending"}) {
		t.Errorf("sent %q", got)
	}
}
