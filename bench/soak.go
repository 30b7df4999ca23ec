package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jobgraph/e2e/harness/process"
	"jobgraph/internal/fakegitlab"
)

// The crowd of a soak.
const (
	soakCallers = 200
	soakTokens  = 20
	soakSeed    = 20260302
	soakPause   = 100 * time.Millisecond // between two changes
)

// soak lets callers come and go: some read, some do not read at all, and none says goodbye.
type soak struct {
	*bench
	gitlab  *watched
	gateway *process.Process
	over    atomic.Bool
	opened  atomic.Int64
	events  atomic.Int64
}

// left is what a gateway holds.
type left struct{ goroutines, resident, subscriptions, connections, watches float64 }

// runSoak compares what a gateway holds before and after callers have come and gone for a while.
func (b *bench) runSoak() error {
	gitlab, err := newWatched(soakTokens)
	if err != nil {
		return err
	}
	defer gitlab.listener.Close()
	gateway, err := b.startWatched(gitlab)
	if err != nil {
		return err
	}
	defer gateway.Stop()
	s := &soak{bench: b, gitlab: gitlab, gateway: gateway}
	s.run(10 * time.Second) // what the first callers make it load is not theirs
	before, err := s.settle()
	if err != nil {
		return err
	}
	fmt.Printf("before:           %s\n", before)
	for _, part := range []string{"after the first half", "after the second"} {
		s.run(b.soak / 2)
		after, err := s.settle()
		if err != nil {
			return err
		}
		fmt.Printf("%s: %s\n", part, after)
	}
	lists := gitlab.lists.Load()
	time.Sleep(10 * time.Second)
	fmt.Printf("%d connections were opened and dropped, %d messages came\n", s.opened.Load(), s.events.Load())
	fmt.Printf("polls in ten seconds afterwards: %d\n", gitlab.lists.Load()-lists)
	return nil
}

func (l left) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f MB resident, %.0f subscriptions, %.0f connections, %.0f watches",
		l.goroutines, l.resident/1e6, l.subscriptions, l.connections, l.watches)
}

// run lets callers come and go while jobs change and a tenth of the calls to GitLab fail.
func (s *soak) run(d time.Duration) {
	s.over.Store(false)
	remove := s.gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ResetConnection, Probability: 0.1, Seed: soakSeed})
	defer remove()
	var group sync.WaitGroup
	for n := range soakCallers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(soakSeed, uint64(n)))
			for !s.over.Load() {
				s.call(random, n)
			}
		})
	}
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(soakPause) {
		p := rand.IntN(watchPipelines)
		s.gitlab.change(p)
		s.gitlab.AppendLog(jobOf(p, 0), "one more line of a log that grows\n")
	}
	s.over.Store(true)
	group.Wait()
}

// call opens one connection, watches something, and drops the connection.
func (s *soak) call(random *rand.Rand, n int) {
	c, err := dialWatch(host(s.gateway), watchToken(n%soakTokens))
	if err != nil {
		time.Sleep(soakPause)
		return
	}
	s.opened.Add(1)
	life := time.Duration(random.IntN(5000)) * time.Millisecond
	end := time.AfterFunc(life, func() { _ = c.Close() })
	defer end.Stop()
	for k := range 1 + random.IntN(5) {
		job := jobOf(random.IntN(watchPipelines), random.IntN(watchJobs))
		query := watchQuery(job)
		switch random.IntN(4) {
		case 0:
			query = fmt.Sprintf(`subscription { jobLogAppended(id: "gid://gitlab/Project/1/Job/%d") { raw toByte } }`,
				jobOf(random.IntN(watchPipelines), 0))
		case 1:
			query = fmt.Sprintf(`subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/%d") { changedJobs { id name status } } }`,
				1+random.IntN(watchPipelines))
		}
		if c.subscribe(k, query) != nil {
			return
		}
	}
	if random.IntN(4) == 0 { // it does not read
		time.Sleep(life)
		return
	}
	for {
		if _, err := c.message(); err != nil {
			return
		}
		s.events.Add(1)
	}
}

// settle waits until the gateway serves nobody, and returns what it holds then.
func (s *soak) settle() (left, error) {
	var l left
	for range 20 {
		time.Sleep(time.Second)
		var err error
		if l, err = s.measure(); err != nil {
			return l, err
		}
		if l.subscriptions == 0 && l.connections == 0 && l.watches == 0 {
			break
		}
	}
	time.Sleep(5 * time.Second) // idle connections to the upstream go, and garbage is collected
	return s.measure()
}

// measure reads the gateway's metrics.
func (s *soak) measure() (left, error) {
	response, err := http.Get(s.gateway.Address + "/metrics")
	if err != nil {
		return left{}, err
	}
	defer response.Body.Close()
	values := map[string]float64{} // of metrics without labels
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), " "); found {
			if v, err := strconv.ParseFloat(value, 64); err == nil {
				values[name] = v
			}
		}
	}
	return left{
		goroutines: values["go_goroutines"], resident: values["process_resident_memory_bytes"],
		subscriptions: values["jobgraph_subscriptions_open"], connections: values["jobgraph_websocket_connections_open"],
		watches: values["jobgraph_live_watches"],
	}, nil
}
