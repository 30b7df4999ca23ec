//go:build replicas

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/redis"
)

const (
	replicaWatchers  = 300
	replicaFollowers = 12
)

// replicasTest is three replicas with their clients, under load.
type replicasTest struct {
	*replicas
	*change
	load      *load
	watchers  []*watcher
	followers []*logFollower
	clients   sync.WaitGroup
}

// TestReplicas takes three replicas through all that may happen to them: whoever makes the fast
// polls is killed, Redis stops, hangs and is cut off, and all are restarted one after the other.
func TestReplicas(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	began := time.Now()
	phase := func(what string) { t.Logf("%5.1f s: %s", time.Since(began).Seconds(), what) }
	r := startReplicas(t)
	w := &replicasTest{replicas: r, change: newChange(r)}
	w.connect(ctx)
	w.load = startLoad(ctx, r)
	w.settle("at first")
	phase("300 watchers and 12 followers of logs have begun")
	w.nothingLost("begin", 0)

	w.onePollEach()
	w.nothingLost("share", 0)
	phase("one fast poll a topic")

	w.killTheHolder()
	w.settle("after a replica was killed")
	w.nothingLost("kill", loadWorkers/2)
	phase("a replica was killed")

	for name, outage := range map[string]struct{ begin, end func() }{
		"stopped": {r.redis.Kill, r.redis.Run},
		"paused":  {r.redis.Pause, r.redis.Resume},
		"cut off": {func() { w.links((*redis.Link).Cut) }, func() { w.links((*redis.Link).Mend) }},
	} {
		outage.begin()
		r.awaitReady("redis: not answering; this replica polls for itself")
		w.run(2 * replicaInterval)
		w.settle("while Redis is " + name)
		outage.end()
		r.awaitReady("redis: ok")
		w.run(2 * replicaInterval)
		w.settle("after Redis was " + name)
		w.nothingLost(name, 0)
		phase("Redis was " + name)
	}
	w.onePollEach()

	w.restartAll()
	w.settle("after the restart of all")
	w.nothingLost("restart", 0)
	phase("all were restarted, one after the other")

	w.finish()
	w.settle("at the end")
	w.await("every subscription to what has ended is complete", w.complete)
	stop()
	w.load.group.Wait()
	w.clients.Wait()
	w.nothingLost("end", 0)
	w.report(t)
	w.nothingHiddenAtRedis()
}

// connect starts the clients and waits until each has had an event.
func (w *replicasTest) connect(ctx context.Context) {
	address := "ws" + strings.TrimPrefix(w.address, "http") + "/graphql"
	for i := range replicaWatchers {
		w.watchers = append(w.watchers, newWatcher(address, i))
		w.clients.Go(func() { w.watchers[i].run(ctx) })
	}
	for i := range replicaFollowers {
		w.followers = append(w.followers, newLogFollower(address, i))
		w.clients.Go(func() { w.followers[i].run(ctx) })
	}
}

// settle waits until every watcher has the last state of all that it watches, and every follower
// all that there is of its log. A log is polled half as often as it grew, so that this may take
// longer.
func (w *replicasTest) settle(when string) {
	w.t.Helper()
	behind := ""
	defer func() {
		if behind != "" {
			w.t.Logf("%s: a client has not been told: %s", when, behind)
		}
	}()
	w.await(when+", every watcher has the last state", func() bool {
		behind = w.behind()
		return behind == ""
	})
	for range 3 {
		if behind = w.logsBehind(); behind == "" {
			return
		}
		w.awaitAtMost(harness.Patience, func() bool {
			behind = w.logsBehind()
			return behind == ""
		})
	}
	w.t.Fatalf("%s, a follower does not have all of its log", when)
}

// links does something to the ways of all replicas to Redis.
func (w *replicasTest) links(do func(*redis.Link)) {
	for _, g := range w.gateways {
		do(g.redis)
	}
}

// behind returns a state that a watcher has not been told of; "" if there is none.
func (w *replicasTest) behind() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.watchers {
		if job := c.behind(w.statuses); job != "" {
			return job + " by " + c.subscription
		}
	}
	return ""
}

// logsBehind returns what a follower does not have of its log; "" if all have everything.
func (w *replicasTest) logsBehind() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.followers {
		f.mu.Lock()
		got := string(f.log)
		f.mu.Unlock()
		if want := w.logs[f.job-901]; got != want {
			return fmt.Sprintf("%d bytes of log %d, want %d", len(got), f.job, len(want))
		}
	}
	return ""
}

// nothingLost checks that every request was answered, but for so many by POST.
func (w *replicasTest) nothingLost(phase string, posts int) {
	w.t.Helper()
	lost := w.load.losses()
	if len(lost[http.MethodGet]) > 0 || len(lost[http.MethodPost]) > posts {
		w.t.Errorf("%s: requests were lost: %q", phase, lost)
	}
	for _, c := range w.all() {
		c.mu.Lock()
		if c.failed != nil {
			w.t.Errorf("%s: a subscription ended with %v", phase, c.failed)
		}
		c.mu.Unlock()
	}
}

func (w *replicasTest) all() []*follower {
	all := make([]*follower, 0, len(w.watchers)+len(w.followers))
	for _, c := range w.watchers {
		all = append(all, &c.follower)
	}
	for _, f := range w.followers {
		all = append(all, &f.follower)
	}
	return all
}

// onePollEach compares the fast polls of all replicas with those that one would make.
func (w *replicasTest) onePollEach() {
	w.t.Helper()
	w.run(2 * replicaInterval) // the pace is quick now
	before, began := w.polls(), time.Now()
	w.run(6 * replicaInterval)
	made, lasted := w.polls()-before, time.Since(began)
	intervals := lasted.Seconds() / replicaInterval.Seconds()
	most := int(replicaTopics * (intervals/0.9 + 1)) // intervals are up to a tenth shorter
	w.t.Logf("%d fast polls of %d topics in %.1f intervals", made, replicaTopics, intervals)
	if least := int(replicaTopics * intervals / 2); made < least || made > most {
		w.t.Errorf("%d fast polls, want %d to %d", made, least, most)
	}
	w.settle("after changes")
}

// killTheHolder kills the replica that holds most leases. Within two intervals others hold them,
// and so make the polls.
func (w *replicasTest) killTheHolder() {
	w.t.Helper()
	w.run(replicaInterval)
	held := map[string][]string{}
	for lease, holder := range w.holders() {
		held[holder] = append(held[holder], lease)
	}
	victim := w.gateways[0]
	for _, g := range w.gateways {
		if len(held[g.id()]) > len(held[victim.id()]) {
			victim = g
		}
	}
	dead := victim.id()
	leases := held[dead]
	if len(leases) == 0 {
		w.t.Fatalf("no replica holds a lease: %v", held)
	}
	victim.Stop() // at once, as kill -9
	began := time.Now()
	var took time.Duration
	w.await("others hold the leases of the replica that was killed", func() bool {
		holders := w.holders()
		for _, lease := range leases {
			if holders[lease] == "" || holders[lease] == dead {
				return false
			}
		}
		took = time.Since(began)
		return true
	})
	w.t.Logf("others held the %d leases of the killed replica after %.2f intervals", len(leases), took.Seconds()/replicaInterval.Seconds())
	if took > 2*replicaInterval+replicaInterval/4 { // the quarter is for what the test itself takes
		w.t.Errorf("others polled after %s", took)
	}
	w.settle("while a replica is dead")
	w.start(victim)
}

// restartAll restarts the replicas one after the other, each in order.
func (w *replicasTest) restartAll() {
	w.t.Helper()
	for _, g := range w.gateways {
		if err := g.Terminate(); err != nil {
			w.t.Fatal(err)
		}
		w.await(g.address+" is not ready any more", func() bool {
			status, _ := w.ready(g)
			return status == http.StatusServiceUnavailable
		})
		if status, _ := w.page(g, "/graphql?query={__typename}"); status != http.StatusOK {
			w.t.Errorf("while it drains, %s answers %d", g.address, status)
		}
		w.round()
		if err := g.Wait(); err != nil {
			w.t.Errorf("%s ended with %v: %s", g.address, err, g.Log())
		}
		w.start(g)
		w.round()
		w.settle("after a restart")
	}
}

// complete reports whether every subscription that has an end has reached it.
func (w *replicasTest) complete() bool {
	for _, c := range w.watchers {
		c.mu.Lock()
		waits := c.ends && !c.done
		c.mu.Unlock()
		if waits {
			return false
		}
	}
	for _, f := range w.followers {
		f.mu.Lock()
		waits := !f.done || !f.complete
		f.mu.Unlock()
		if waits {
			return false
		}
	}
	return true
}

// report prints what was sent, received, lost and doubled.
func (w *replicasTest) report(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Logf("requests by %s: %d sent, %d answered, %d lost", method, w.load.sent[method], w.load.answered[method],
			w.load.sent[method]-w.load.answered[method])
	}
	t.Logf("documents registered: %d times", w.load.registered)
	events, repeated, connects := 0, 0, 0
	for _, c := range w.watchers {
		events, repeated, connects = events+c.received, repeated+c.repeated, connects+c.connects
	}
	t.Logf("events: %d changes of jobs, %d events received by %d watchers, 0 without the last state, %d doubled, over %d connections",
		w.made, events, len(w.watchers), repeated, connects)
	bytes, received := 0, 0
	for _, f := range w.followers {
		bytes, received = bytes+len(w.logs[f.job-901]), received+f.received
	}
	t.Logf("bytes of logs: %d sent to %d followers, %d received, 0 lost, %d doubled after a reconnect and written in their place",
		bytes, len(w.followers), received, received-bytes)
	if repeated > 0 {
		t.Errorf("%d events had nothing new", repeated)
	}
}

// nothingHiddenAtRedis reads all that Redis was ever sent.
func (w *replicasTest) nothingHiddenAtRedis() {
	w.t.Helper()
	var all []byte
	for _, g := range w.gateways {
		sent := g.redis.Sent()
		all = append(all, sent...)
		for _, hidden := range []string{hiddenToken, hiddenName, hiddenPath, hiddenRef, hiddenLine, "PRIVATE-TOKEN"} {
			if at := bytes.Index(sent, []byte(hidden)); at >= 0 {
				w.t.Errorf("Redis was sent %q: %.300q", hidden, sent[max(at-150, 0):])
			}
		}
	}
	for _, known := range []string{"look pipeline/1/1", "live/log/1/901", "query Load"} {
		if !bytes.Contains(all, []byte(known)) {
			w.t.Errorf("%q was not found, which Redis is sent", known)
		}
	}
	w.t.Logf("%d bytes were sent to Redis: no credential, no name, path, branch or log", len(all))
}
