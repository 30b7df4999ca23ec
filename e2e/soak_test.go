package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
	"jobgraph/restclient"
)

var (
	soakQueries = flag.Int("soak", 1000, "queries of the soak; 100000 for a long one")
	soakSeed    = flag.Uint64("soak-seed", 20260302, "what chance is drawn from in the soak")
)

const (
	soakWorkers = 16   // each has a pipeline of its own, in which nobody else acts
	soakEpoch   = 5000 // queries after which the upstream begins anew, for its call log is bounded
)

// soak is a long run of reads and writes before an upstream of which a fifth of the calls fail.
type soak struct {
	*harness.Watched
	gitlab *fakegitlab.Server
	mu     sync.Mutex
	counts map[string]int
	writes map[string]*acts // by path
}

// acts are what is known of the writes that were sent to one path.
type acts struct{ sent, least, most int }

func (s *soak) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

// wrote notes the outcome of a write, as its answer has it.
func (s *soak) wrote(path string, least, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes[path] == nil {
		s.writes[path] = &acts{}
	}
	a := s.writes[path]
	a.sent, a.least, a.most = a.sent+1, a.least+least, a.most+most
}

// soaked is the upstream's data: a pipeline for each worker, and project 2, which nobody changes.
func soaked(b *fakegitlab.Builder) {
	user := b.User(fakegitlab.User{Username: "maintainer"})
	b.Token(harness.MaintainerToken, fakegitlab.Token{User: user})
	b.Token(harness.AdminToken, fakegitlab.Token{User: user})
	p := b.Project(1, "acme/soak", fakegitlab.Project{}).Member(user, fakegitlab.Maintainer)
	for n := range soakWorkers {
		pipeline := p.Pipeline(int64(n+1), fakegitlab.Pipeline{User: user})
		for i, status := range []fakegitlab.Status{
			fakegitlab.Canceled, fakegitlab.Canceled, fakegitlab.Running,
			fakegitlab.Success, fakegitlab.Failed, fakegitlab.Manual,
		} {
			job := fakegitlab.Job{Name: fmt.Sprintf("job %d", i), Status: status}
			if status == fakegitlab.Manual {
				job.When = fakegitlab.WhenManual
			}
			pipeline.Job(int64((n+1)*100+i), job)
		}
	}
	still := b.Project(2, "acme/still", fakegitlab.Project{}).Member(user, fakegitlab.Maintainer).Pipeline(99, fakegitlab.Pipeline{})
	for i := range 7 {
		still.Job(int64(9001+i), fakegitlab.Job{Name: fmt.Sprintf("job %d", i)})
	}
}

// spoil makes about a fifth of the gateway's calls fail. The test itself calls project 1 by its
// path, which is spared.
func (s *soak) spoil(seed uint64) {
	faults := failures("http://192.0.2.1/")
	for i, f := range faults {
		fault := f.fault
		fault.Probability = 0.0075
		switch fault.Kind {
		case fakegitlab.HangBeforeHeaders, fakegitlab.HangAfterHeaders, fakegitlab.EndlessBody:
			fault.Probability = 0.001 // they take their time
		case fakegitlab.SlowDrip:
			fault.Every = 0
		}
		for depth, path := range []string{"/*", "/*/*", "/*/*/*"} {
			fault.Match, fault.Seed = "/api/v4/projects/[12]"+path, seed+uint64(i*3+depth)
			s.gitlab.Inject(fault)
		}
	}
}

// TestSoak mixes reads and writes: every answer is right or a coded error, no write is doubled, and
// nothing grows.
func TestSoak(t *testing.T) {
	t.Logf("%d queries, seed %d", *soakQueries, *soakSeed)
	s := &soak{counts: map[string]int{}}
	s.Watched = harness.Watch(t, fakegitlab.New(fakegitlab.Options{Dataset: soaked}), func(c *restclient.Config) {
		c.Timeout, c.MaxBody = time.Second, 1<<20
		c.Retry = restclient.RetryPolicy{
			BaseDelay: time.Millisecond, MaxDelay: 4 * time.Millisecond, MaxRetryAfter: time.Millisecond,
		}
	})
	var first, last footprint
	calls, failed := 0, 0
	for begun, epoch := 0, 0; begun < *soakQueries && !t.Failed(); epoch++ {
		queries := min(soakEpoch, *soakQueries-begun)
		s.epoch(t, *soakSeed+uint64(epoch)<<16, queries)
		c, f := s.settle(t)
		calls, failed, begun = calls+c, failed+f, begun+queries
		if last = weigh(); epoch == 0 {
			first = last
		}
		t.Logf("%6d queries: %v, %d calls, %d without a good answer", begun, last, calls, failed)
	}
	t.Logf("%v", s.counts)
	if last.heap > first.heap+16<<20 || last.goroutines > first.goroutines+64 {
		t.Errorf("grew from %v to %v", first, last)
	}
}

// footprint is what the process holds.
type footprint struct {
	heap       uint64
	goroutines int
}

func (f footprint) String() string {
	return fmt.Sprintf("%d KiB live, %d goroutines", f.heap>>10, f.goroutines)
}

func weigh() footprint {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return footprint{m.HeapAlloc, runtime.NumGoroutine()}
}

// epoch lets all workers ask their share of queries of a fresh upstream.
func (s *soak) epoch(t *testing.T, seed uint64, queries int) {
	s.gitlab = fakegitlab.New(fakegitlab.Options{Dataset: soaked, Now: func() time.Time { return harness.Noon }})
	s.writes = map[string]*acts{}
	s.Upstream.Replace(s.gitlab)
	s.Upstream.Reset()
	s.spoil(seed)
	var group sync.WaitGroup
	for n := range soakWorkers {
		group.Go(func() {
			w := &worker{
				soak: s, t: t, pipeline: n + 1,
				header: harness.As([]string{harness.MaintainerToken, harness.AdminToken}[n%2]),
				random: rand.New(rand.NewPCG(seed, uint64(n))),
			}
			for range (queries + soakWorkers - 1 - n) / soakWorkers {
				w.step()
			}
		})
	}
	group.Wait()
}

// settle holds the upstream's call log against what the answers told, and counts calls and those
// that did not go well.
func (s *soak) settle(t *testing.T) (calls, failed int) {
	arrived, acted := map[string]int{}, map[string]int{}
	for _, c := range s.gitlab.Calls() {
		if !strings.HasPrefix(c.URI, "/api/v4/projects/1/") && !strings.HasPrefix(c.URI, "/api/v4/projects/2/") {
			continue
		}
		calls++
		if c.Status != 200 && c.Status != 201 {
			failed++
		}
		if c.Method == "POST" {
			arrived[c.URI]++
			if c.Token != "" && (c.Status == 200 || c.Status == 201) {
				acted[c.URI]++
			}
		}
	}
	for path, n := range arrived {
		if a := s.writes[path]; a == nil || n > a.sent || acted[path] < a.least || acted[path] > a.most {
			t.Errorf("POST %s arrived %d times and was acted on %d times; told: %+v", path, n, acted[path], a)
		}
	}
	for path, a := range s.writes {
		if acted[path] < a.least {
			t.Errorf("POST %s was acted on %d times; told: %+v", path, acted[path], a)
		}
	}
	return calls, failed
}
