package live

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jobgraph/restclient"
)

// gitlab is an upstream in memory: one project with pipelines of jobs. Reads take a millisecond of
// the bubble's time.
type gitlab struct {
	mu      sync.Mutex
	jobs    map[int64]*fakeJob
	status  map[int64]string // of pipelines
	bridges map[int64]int64  // trigger job → pipeline
	revoked map[string]bool
	blind   map[string]bool // may read pipelines, not builds: lists are empty
	failing error
	calls   []fakeCall
	old     bool // ignores byte_offset
	sent    int  // bytes of logs
}

type fakeJob struct {
	pipeline int64
	status   string
	log      []byte
	archived int64 // size of the trace artifact; 0 without
	finished time.Time
}

type fakeCall struct {
	token, path string
	at          time.Time
}

func newGitlab() *gitlab {
	g := &gitlab{jobs: map[int64]*fakeJob{}, status: map[int64]string{6: "running"}, bridges: map[int64]int64{},
		revoked: map[string]bool{}, blind: map[string]bool{}}
	for id := int64(61); id <= 63; id++ {
		g.jobs[id] = &fakeJob{pipeline: 6, status: "running"}
	}
	return g
}

func (g *gitlab) change(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func (g *gitlab) set(job int64, status string) {
	g.change(func() {
		g.jobs[job].status = status
		if isFinished(status) {
			g.jobs[job].finished = time.Now()
		}
	})
}

// made returns the calls since the last time, and forgets them.
func (g *gitlab) made() []fakeCall {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.calls
	g.calls = nil
	return calls
}

func (g *gitlab) enter(cred restclient.Credential, path string) error {
	time.Sleep(time.Millisecond)
	g.mu.Lock()
	g.calls = append(g.calls, fakeCall{cred.Value, path, time.Now()})
	switch {
	case g.failing != nil:
		return g.failing
	case g.revoked[cred.Value]:
		return &restclient.Error{Status: 401, Message: "401 Unauthorized"}
	}
	return nil
}

var (
	listPath   = regexp.MustCompile(`^/projects/1/pipelines/(\d+)/(jobs|trigger_jobs)\?page=1&per_page=100$`)
	wholePath  = regexp.MustCompile(`^/projects/1/pipelines/(\d+)$`)
	singlePath = regexp.MustCompile(`^/projects/1/jobs/(\d+)$`)
)

func (g *gitlab) Fetch(_ context.Context, cred restclient.Credential, path string) (*restclient.Response, error) {
	err := g.enter(cred, path)
	defer g.mu.Unlock()
	if err != nil {
		return nil, err
	}
	body := ""
	if m := listPath.FindStringSubmatch(path); m != nil {
		body = "[" + strings.Join(g.list(number(m[1]), m[2] == "trigger_jobs", g.blind[cred.Value]), ",") + "]"
	} else if m := wholePath.FindStringSubmatch(path); m != nil {
		body = g.pipeline(number(m[1]))
	} else if m := singlePath.FindStringSubmatch(path); m != nil && g.jobs[number(m[1])] != nil {
		body = g.job(number(m[1]))
	} else if strings.HasPrefix(path, "/projects/1/jobs?") {
		body = "[" + strings.Join(g.newest(path), ",") + "]"
	} else {
		return nil, &restclient.Error{Status: 404, Message: "404 Not found"}
	}
	return &restclient.Response{Status: 200, Body: []byte(body)}, nil
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (g *gitlab) list(pipeline int64, bridges, blind bool) []string {
	var rows []string
	if blind {
		return nil
	}
	if bridges {
		for id, of := range g.bridges {
			if of == pipeline {
				rows = append(rows, g.row(id, "running", pipeline, ""))
			}
		}
		return rows
	}
	for id, j := range g.jobs {
		if j.pipeline == pipeline {
			rows = append(rows, g.job(id))
		}
	}
	slices.Sort(rows)
	slices.Reverse(rows)
	return rows
}

// newest answers a project's jobs: the newest 100 that match the scope.
func (g *gitlab) newest(path string) []string {
	var ids []int64
	for id, j := range g.jobs {
		if !strings.Contains(path, "scope") || strings.Contains(path, "="+j.status) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	var rows []string
	for _, id := range ids[:min(100, len(ids))] {
		rows = append(rows, g.job(id))
	}
	return rows
}

func (g *gitlab) pipeline(id int64) string {
	return fmt.Sprintf(`{"id":%d,"project_id":1,"sha":"abc","status":%q}`, id, g.status[id])
}

func (g *gitlab) job(id int64) string {
	j := g.jobs[id]
	more := ""
	if j.archived > 0 {
		more = fmt.Sprintf(`,"artifacts":[{"file_type":"trace","filename":"job.log","size":%d}]`, j.archived)
	}
	if !j.finished.IsZero() {
		more += fmt.Sprintf(`,"finished_at":%q`, j.finished.UTC().Format(time.RFC3339Nano))
	}
	return g.row(id, j.status, j.pipeline, more)
}

func (g *gitlab) row(id int64, status string, pipeline int64, more string) string {
	return fmt.Sprintf(`{"id":%d,"name":"job %[1]d","status":%q,"pipeline":%s,"duration":%f%s}`, id, status, g.pipeline(pipeline), time.Since(epoch).Seconds(), more)
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (g *gitlab) Trace(_ context.Context, cred restclient.Credential, _ restclient.ProjectID, job int64,
	r restclient.TraceRange) (io.ReadCloser, error) {
	err := g.enter(cred, fmt.Sprintf("/projects/1/jobs/%d/trace %d+%d", job, r.Offset, r.Limit))
	defer g.mu.Unlock()
	if err != nil {
		return nil, err
	}
	log := g.jobs[job].log
	if !g.old {
		log = log[min(r.Offset, int64(len(log))):]
		if r.Limit > 0 {
			log = log[:min(r.Limit, int64(len(log)))]
		}
	}
	g.sent += len(log)
	return io.NopCloser(bytes.NewReader(bytes.Clone(log))), nil
}

// consumer follows a subscription as fast as it can.
type consumer struct {
	mu     sync.Mutex
	sub    *Subscription
	signal chan struct{}
	states []string // what it was told, as "61 running"
	bytes  []byte
	err    error
	last   bool
	ended  chan struct{}
}

func token(name string) restclient.Credential {
	return restclient.Credential{Header: restclient.HeaderPrivateToken, Value: name}
}

// follow opens a subscription and consumes it until it ends.
func follow(t *testing.T, open func(notify func()) (*Subscription, error), from int64) *consumer {
	t.Helper()
	c := &consumer{signal: make(chan struct{}, 1), ended: make(chan struct{})}
	sub, err := open(func() {
		select {
		case c.signal <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	c.sub = sub
	go c.run(from)
	return c
}

func (c *consumer) run(position int64) {
	defer close(c.ended)
	defer c.sub.Close()
	for {
		event, ok, err := c.sub.Next(position)
		if err != nil {
			c.err = err
			return
		}
		if !ok {
			<-c.signal
			continue
		}
		position = event.Position
		c.take(event)
		if event.Last {
			c.last = true
			return
		}
	}
}

func (c *consumer) take(event Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if event.Item != nil {
		event.Items = append(event.Items, event.Item)
	}
	for _, i := range event.Items {
		c.states = append(c.states, fmt.Sprintf("%d %s", i.id, i.status))
	}
	if event.Pipeline != nil {
		c.states = append(c.states, "pipeline "+event.Pipeline.Status)
	}
	if event.Chunk != nil {
		if event.Chunk.To-event.Chunk.From != int64(len(event.Chunk.Bytes)) {
			panic("a chunk of another length")
		}
		c.bytes = append(c.bytes, event.Chunk.Bytes...)
	}
}

// told returns what the consumer was told since the last time.
func (c *consumer) told() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	states := c.states
	c.states = nil
	return states
}

// bubble runs a test on a clock of its own, against an engine whose reads are counted.
func bubble(t *testing.T, config Config, test func(t *testing.T, g *gitlab, e *Engine)) {
	synctest.Test(t, func(t *testing.T) {
		g := newGitlab()
		config.Upstream, config.Seed = g, 20260302
		e := New(config)
		defer e.Close()
		test(t, g, e)
	})
}

// pass lets time pass, and all that is due in it happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func pipelineOf(e *Engine, name string) func(func()) (*Subscription, error) {
	return func(notify func()) (*Subscription, error) {
		return e.OpenPipeline(context.Background(), token(name), 1, 6, notify)
	}
}

func jobOf(e *Engine, name string, job int64) func(func()) (*Subscription, error) {
	return func(notify func()) (*Subscription, error) {
		return e.OpenJob(context.Background(), token(name), 1, job, notify)
	}
}

func logOf(e *Engine, name string, job, from int64) func(func()) (*Subscription, error) {
	return func(notify func()) (*Subscription, error) {
		return e.OpenLog(context.Background(), token(name), 1, job, from, notify)
	}
}
