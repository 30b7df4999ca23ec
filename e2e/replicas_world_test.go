//go:build replicas

package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/process"
	"jobgraph/e2e/harness/redis"
	"jobgraph/internal/fakegitlab"
)

// What the replicas serve: pipelines whose jobs change, and jobs whose logs grow.
const (
	replicaPipelines = 6
	replicaJobs      = 8 // of each pipeline; that of pipeline 2 with index 3 has number 203
	replicaLogs      = 4 // jobs 901 to 904
	replicaTopics    = replicaPipelines + replicaLogs + 1
	replicaInterval  = time.Second
)

// What must never be found at Redis. Each stands in credentials or in answers.
const (
	hiddenToken = "token-hidden-"
	hiddenName  = "name-hidden-"
	hiddenPath  = "acme/path-hidden"
	hiddenRef   = "ref-hidden"
	hiddenLine  = "line-hidden"
)

func replicaToken(i int) string { return hiddenToken + strconv.Itoa(i%3) }

func replicaDataset(b *fakegitlab.Builder) {
	p := b.Project(1, hiddenPath, fakegitlab.Project{})
	for i := range 3 {
		user := b.User(fakegitlab.User{Username: fmt.Sprintf("user-%d", i)})
		b.Token(replicaToken(i), fakegitlab.Token{User: user})
		p.Member(user, fakegitlab.Maintainer)
	}
	for n := range replicaPipelines {
		pipeline := p.Pipeline(int64(n+1), fakegitlab.Pipeline{Ref: hiddenRef})
		for i := range replicaJobs {
			id := replicaJob(n, i)
			pipeline.Job(id, fakegitlab.Job{Name: hiddenName + strconv.FormatInt(id, 10), Status: fakegitlab.Pending})
		}
	}
	logs := p.Pipeline(9, fakegitlab.Pipeline{Ref: hiddenRef})
	for n := range replicaLogs {
		begun := fakegitlab.Log{Text: "begun\n"}
		logs.Job(int64(901+n), fakegitlab.Job{Name: hiddenName + "log", Status: fakegitlab.Running, Log: begun})
	}
}

func replicaJob(pipeline, index int) int64 { return int64(100*(pipeline+1) + index) }

// replica is a gateway in a process of its own.
type replica struct {
	*process.Process
	command func() *exec.Cmd
	address string
	redis   *redis.Link
}

// replicas are three gateways behind nginx, before one GitLab, that share by one Redis.
type replicas struct {
	t        *testing.T
	gitlab   *fakegitlab.Server
	redis    *redis.Server
	leases   *goredis.Client
	gateways [3]*replica
	address  string // nginx's
	client   *http.Client
}

func startReplicas(t *testing.T) *replicas {
	t.Helper()
	r := &replicas{t: t, gitlab: fakegitlab.New(fakegitlab.Options{Dataset: replicaDataset}), redis: redis.Start(t),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: harness.Patience}}
	t.Cleanup(r.client.CloseIdleConnections)
	options, err := goredis.ParseURL(r.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	r.leases = goredis.NewClient(options)
	t.Cleanup(func() { _ = r.leases.Close() })
	upstream := httptest.NewServer(r.gitlab)
	t.Cleanup(upstream.Close)
	binary := filepath.Join(t.TempDir(), "jobgraph")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var addresses [3]string
	for i := range r.gateways {
		g := &replica{address: harness.FreeAddress(t), redis: r.redis.Link(t)}
		addresses[i] = g.address
		g.command = func() *exec.Cmd {
			return exec.Command(binary, "-addr="+g.address, "-gitlab-url="+upstream.URL, "-redis-url="+g.redis.URL(),
				"-gitlab-probe=false", "-live-interval="+replicaInterval.String(), "-live-log-interval="+replicaInterval.String(),
				"-live-calls-per-minute=1000000", "-drain-delay=1s", "-shutdown-spread=1s")
		}
		r.gateways[i] = g
		r.start(g)
	}
	r.address = harness.StartNginx(t, addresses)
	return r
}

// start starts a replica, at the same address each time.
func (r *replicas) start(g *replica) {
	r.t.Helper()
	p, err := process.Start(g.command(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(p.Stop)
	g.Process = p
	r.await(g.address+" shares by Redis", func() bool {
		status, text := r.ready(g)
		return status == http.StatusOK && strings.Contains(text, "redis: ok")
	})
}

var replicaID = regexp.MustCompile(`\b[A-Z2-7]{26}\b`)

// id returns the name by which a replica holds leases, which it sends with each of them.
func (g *replica) id() string {
	found := replicaID.FindAll(g.redis.Sent(), -1)
	if len(found) == 0 {
		return ""
	}
	return string(found[len(found)-1])
}

// await waits for a condition.
func (r *replicas) await(what string, f func() bool) {
	r.t.Helper()
	if !r.awaitAtMost(harness.Patience, f) {
		r.t.Fatalf("still waiting for: %s", what)
	}
}

// awaitAtMost waits for a condition, and reports whether it has come true.
func (r *replicas) awaitAtMost(d time.Duration, f func() bool) bool {
	for deadline := time.Now().Add(d); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// page returns a page of a replica's own; status 0 if it does not answer.
func (r *replicas) page(g *replica, path string) (status int, text string) {
	response, err := r.client.Get("http://" + g.address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func (r *replicas) ready(g *replica) (int, string) { return r.page(g, "/readyz") }

// awaitReady waits until every replica is ready and its readiness has this text.
func (r *replicas) awaitReady(text string) {
	r.t.Helper()
	for _, g := range r.gateways {
		r.await(g.address+": "+text, func() bool {
			status, got := r.ready(g)
			if status != http.StatusOK {
				r.t.Errorf("%s is not ready: %d %s", g.address, status, got)
			}
			return strings.Contains(got, text)
		})
	}
}

var fastPolls = regexp.MustCompile(`(?m)^jobgraph_live_polls_total\{reason="fast"\} (\S+)$`)

// polls returns how many fast polls all replicas have made.
func (r *replicas) polls() (n int) {
	r.t.Helper()
	for _, g := range r.gateways {
		_, scrape := r.page(g, "/metrics")
		found := fastPolls.FindStringSubmatch(scrape)
		if found == nil {
			r.t.Fatal("no count of fast polls")
		}
		count, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			r.t.Fatal(err)
		}
		n += int(count)
	}
	return n
}

// holders returns who holds which lease, by the topic's name.
func (r *replicas) holders() map[string]string {
	r.t.Helper()
	ctx := context.Background()
	keys, err := r.leases.Keys(ctx, "jobgraph:*:live/*").Result()
	if err != nil {
		r.t.Fatal(err)
	}
	holders := map[string]string{}
	for _, key := range keys {
		if holder, err := r.leases.Get(ctx, key).Result(); err == nil {
			holders[key] = holder
		}
	}
	return holders
}
