package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jobgraph/e2e/harness/process"
	"jobgraph/internal/fakegitlab"
)

// What is watched: jobs of some pipelines of one project.
const (
	watchPipelines = 5
	watchJobs      = 20 // of each
	watchEvents    = 10
)

// watchToken is a caller's token.
func watchToken(n int) string { return fmt.Sprintf("token-of-watcher-%d", n) }

// watched is the GitLab whose jobs are watched.
type watched struct {
	*fakegitlab.Server
	listener net.Listener
	lists    atomic.Int64
	seen     [watchPipelines]atomic.Int64 // when each pipeline's list was last answered, in nanoseconds
}

func newWatched(tokens int) (*watched, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &watched{listener: listener, Server: fakegitlab.New(fakegitlab.Options{Dataset: func(b *fakegitlab.Builder) {
		user := b.User(fakegitlab.User{ID: 1, Username: "watcher"})
		for n := range tokens {
			b.Token(watchToken(n), fakegitlab.Token{User: user})
		}
		project := b.Project(1, "acme/app", fakegitlab.Project{}).Member(user, fakegitlab.Maintainer)
		for p := range watchPipelines {
			pipeline := project.Pipeline(int64(p+1), fakegitlab.Pipeline{})
			for j := range watchJobs {
				pipeline.Job(jobOf(p, j), fakegitlab.Job{
					Name: fmt.Sprintf("unit %d/%d", j+1, watchJobs), Status: fakegitlab.Running,
				})
			}
		}
	}})}
	go func() { _ = http.Serve(listener, g) }()
	return g, nil
}

func jobOf(pipeline, job int) int64 { return int64(1000*(pipeline+1) + job + 1) }

func (g *watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/v4/projects/1/pipelines/"); ok {
		number, _, _ := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(number); err == nil && n <= watchPipelines {
			g.lists.Add(1)
			defer func() { g.seen[n-1].Store(time.Now().UnixNano()) }()
		}
	}
	g.Server.ServeHTTP(w, r)
}

// change makes an event of every job of a pipeline. One read sees all of them or, rarely, a part.
func (g *watched) change(pipeline int) {
	for j := range watchJobs {
		g.ChangeJob(jobOf(pipeline, j), func(j *fakegitlab.Job) { j.AllowFailure = !j.AllowFailure })
	}
}

// watchers are connections that wait for events.
type watchers struct {
	mu    sync.Mutex
	took  []time.Duration // from the poll that saw a change to a watcher, of those that are measured
	got   atomic.Int64
	since atomic.Pointer[atomic.Int64] // when that poll was; nil measures nothing
	lost  atomic.Pointer[error]        // why the first watcher ended early
	conns []*watchConn
}

func (w *watchers) serve(c *watchConn) {
	for {
		if err := c.next(); err != nil {
			w.lost.CompareAndSwap(nil, &err)
			return
		}
		if since := w.since.Load(); since != nil {
			took := time.Since(time.Unix(0, since.Load()))
			w.mu.Lock()
			w.took = append(w.took, took)
			w.mu.Unlock()
		}
		w.got.Add(1)
	}
}

// await waits until so many events have come.
func (w *watchers) await(n int64) error {
	for deadline := time.Now().Add(2 * time.Minute); w.got.Load() < n; time.Sleep(time.Millisecond) {
		if lost := w.lost.Load(); lost != nil {
			return fmt.Errorf("a watcher has ended: %w", *lost)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d events of %d came", w.got.Load(), n)
		}
	}
	return nil
}

// open connects and subscribes, some side by side. Connections take turns among the tokens. All
// subscriptions of a connection are about jobs of one pipeline.
func (w *watchers) open(host string, s settings, connections int) error {
	w.conns = make([]*watchConn, connections)
	var group sync.WaitGroup
	failed := make(chan error, connections*(1+s.each))
	places := make(chan struct{}, 16)
	for i := range connections {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			c, err := dialWatch(host, watchToken(i%s.tokens))
			if err != nil {
				failed <- err
				return
			}
			w.conns[i] = c
			go w.serve(c)
			for k := range s.each {
				job := jobOf(i%watchPipelines, (i/watchPipelines*s.each+k)%watchJobs)
				if err := c.subscribe(k, watchQuery(job)); err != nil {
					failed <- err
				}
			}
		})
	}
	group.Wait()
	close(failed)
	return <-failed
}

func watchQuery(job int64) string {
	return fmt.Sprintf(`subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/%d") { id status name allowFailure startedAt } }`, job)
}

// startWatched starts a gateway whose limits are out of the way.
func (b *bench) startWatched(gitlab *watched) (*process.Process, error) {
	return start(b.ctx, b.gateway(), "-addr=127.0.0.1:0", "-gitlab-url=http://"+gitlab.listener.Addr().String(),
		"-max-streams-per-caller=0", "-max-streams=0", "-max-connections=0", "-max-ws-connections=0",
		"-live-interval="+b.interval.String(), "-live-calls-per-minute=1000000")
}

// runWatchers measures what connections that watch cost.
func (b *bench) runWatchers() error {
	debug.SetGCPercent(400)
	gitlab, err := newWatched(b.tokens)
	if err != nil {
		return err
	}
	defer gitlab.listener.Close()
	gateway, err := b.startWatched(gitlab)
	if err != nil {
		return err
	}
	defer gateway.Stop()
	w := &watchers{}
	if err := w.open(host(gateway), b.settings, 50); err != nil { // what the first connections make it load is not theirs
		return fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	if err := w.await(int64(50 * b.each)); err != nil {
		return fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	before, err := resident(gateway)
	if err != nil {
		return err
	}
	n := int64(b.watchers * b.each)
	more := &watchers{}
	if err := more.open(host(gateway), b.settings, b.watchers); err != nil {
		return fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	if err := more.await(n); err != nil {
		return fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	if err := b.watchAll(gitlab, gateway, more, n, before); err != nil {
		return err
	}
	return b.watchOne(gitlab, more, n)
}

// watchAll lets every watcher have its events, and returns memory, CPU and polls.
func (b *bench) watchAll(gitlab *watched, gateway *process.Process, w *watchers, n, before int64) error {
	began, lists := time.Now(), gitlab.lists.Load()
	used, err := cpu(gateway)
	if err != nil {
		return err
	}
	for event := range int64(watchEvents) {
		for p := range watchPipelines {
			gitlab.change(p)
		}
		if err := w.await(n * (event + 2)); err != nil {
			return err
		}
	}
	after, err := cpu(gateway)
	if err != nil {
		return err
	}
	memory, err := resident(gateway)
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("%d subscriptions over %d connections with %d tokens, %d events each\n", n, len(w.conns), b.tokens, watchEvents)
	fmt.Printf("memory: %.1f KB a subscription (%d MB in all)\n", float64(memory-before)/float64(n)/1024, memory>>20)
	busy, events := after-used, float64(n*watchEvents)
	fmt.Printf("CPU: %.1f us an event and subscription: %.0f a second and core; %.0f a second came, with %.0f %% of a core\n",
		float64(busy.Microseconds())/events, events/busy.Seconds(), events/took.Seconds(), 100*busy.Seconds()/took.Seconds())
	fmt.Printf("polls: %.1f of lists in an interval of %s\n", float64(gitlab.lists.Load()-lists)/(took.Seconds()/b.interval.Seconds()), b.interval)
	return nil
}

// watchOne lets one pipeline change at a time, and returns how long its watchers wait after the
// poll.
func (b *bench) watchOne(gitlab *watched, w *watchers, n int64) error {
	got := w.got.Load()
	for p := range watchPipelines {
		w.since.Store(&gitlab.seen[p])
		gitlab.change(p)
		got += n / watchPipelines
		if err := w.await(got); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.took)
	fmt.Printf("a change reaches the %d watchers of its pipeline %s (p50), %s (p99) after the poll that saw it\n", n/watchPipelines,
		w.took[len(w.took)/2].Round(time.Millisecond/10), w.took[len(w.took)*99/100].Round(time.Millisecond/10))
	return nil
}

// resident returns the memory that a process has resident.
func resident(p *process.Process) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.ID()))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseInt(strings.Fields(string(status))[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
