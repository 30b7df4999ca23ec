package live

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"jobgraph/internal/store"
)

func TestAWriteIsSeenAtOnceThenOnceAnInterval(t *testing.T) {
	bubble(t, Config{MinInterval: 2 * time.Second, MaxInterval: 15 * time.Second},
		func(t *testing.T, g *gitlab, e *Engine) {
			c := follow(t, pipelineOf(e, "a"), 0)
			pass(time.Minute) // the pace is slow by now
			c.told()
			g.made()
			g.set(61, "canceled")
			e.Wake(Topic{Job, 1, 61})
			pass(10 * time.Millisecond)
			want(t, "after the write", c.told(), []string{"61 canceled", "pipeline running"})
			g.made()
			for range 20 { // a storm of wake-ups is one read
				e.Wake(Topic{Pipeline, 1, 6})
				pass(50 * time.Millisecond)
			}
			want(t, "within the interval", paths(g.made()), nil)
			pass(time.Second)
			want(t, "after it", paths(g.made()), []string{listCall})
			e.Wake(Topic{Pipeline, 1, 7})
			e.Wake(Topic{Pipeline, 2, 6})
			e.Wake(Topic{Log, 1, 61})
			pass(time.Millisecond)
			want(t, "wake-ups of other things", paths(g.made()), nil)
		})
}

func TestAWakeUpDuringAReadMakesOneMore(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		c.told()
		g.made()
		e.Wake(Topic{Pipeline, 1, 6}) // its read takes a millisecond
		g.set(61, "success")
		pass(time.Microsecond)
		pass(time.Second)
		e.Wake(Topic{Pipeline, 1, 6})
		pass(3 * time.Second)
		if got := c.told(); !slices.Contains(got, "61 success") {
			t.Errorf("told %v by %v", got, paths(g.made()))
		}
	})
}

func TestHooksMakeFastPollsSeldomAndLostHooksAreFound(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		g.change(func() {
			for id := int64(100); id < 400; id++ {
				g.jobs[id] = &fakeJob{pipeline: 6, status: "running"}
			}
		})
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		run := func(first int64, hook bool) int64 { // a job ends every 3 s, for five minutes
			before := e.Polls().Fast
			for id := first; id < first+100; id++ {
				g.set(id, "success")
				if hook {
					e.Hook(Topic{Pipeline, 1, 6})
				}
				pass(3 * time.Second)
			}
			return e.Polls().Fast - before
		}
		without, with := run(100, false), run(200, true)
		t.Logf("fast polls in five minutes: %d without hooks, %d with", without, with)
		if with*10 > without {
			t.Errorf("%d fast polls with hooks, %d without", with, without)
		}
		c.told()
		g.set(61, "success") // and this one's hook is lost
		pass(31 * time.Second)
		if got := c.told(); !slices.Contains(got, "61 success") {
			t.Errorf("a lost hook was not made up for: %v", got)
		}
		if again := run(300, false); again*10 < without*9 {
			t.Errorf("%d fast polls after hooks were lost, %d before there were any", again, without)
		}
	})
}

func TestReplicasShareTheFastPollAndWakeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, shared := newGitlab(), store.NewMemory(time.Now)
		var engines [3]*Engine
		var consumers [3]*consumer
		for i := range engines {
			replica := shared.Replica()
			engines[i] = New(Config{Upstream: g, Store: replica, Seed: uint64(i), MinInterval: 5 * time.Second,
				MaxInterval: 5 * time.Second})
			defer engines[i].Close()
			replica.Subscribe(engines[i].Receive)
			consumers[i] = follow(t, pipelineOf(engines[i], []string{"a", "b", "c"}[i]), 0)
		}
		pass(time.Second)
		for _, c := range consumers {
			c.told()
		}
		pass(time.Minute)
		polls := int64(0)
		for _, e := range engines {
			polls += e.Polls().Fast
		}
		if polls < 11 || polls > 14 {
			t.Errorf("%d fast polls by three replicas in 12 intervals", polls)
		}
		g.set(61, "success")
		pass(6 * time.Second)
		for i, c := range consumers {
			if got := c.told(); !slices.Contains(got, "61 success") {
				t.Errorf("replica %d: %v", i, got)
			}
		}
		shared.Fail(true)
		g.made()
		pass(time.Minute)
		if n := len(g.made()); n < 33 {
			t.Errorf("%d reads while the store was gone, want every replica to poll for itself", n)
		}
		shared.Fail(false)
		pass(10 * time.Second)
		g.made()
		pass(time.Minute)
		if n := len(g.made()); n > 20 {
			t.Errorf("%d reads once the store was back", n)
		}
	})
}

// silent is the store of a replica that has died: nothing that it does arrives.
type silent struct {
	*store.Replica
	dead *bool
}

func (s silent) Release(ctx context.Context, name string) error {
	if *s.dead {
		return errors.New("dead")
	}
	return s.Replica.Release(ctx, name)
}

// TestTheFastPollGoesOnWithoutTheReplicaThatMadeIt: at once where that replica ends in order, and
// within two intervals where it dies.
func TestTheFastPollGoesOnWithoutTheReplicaThatMadeIt(t *testing.T) {
	for name, dies := range map[string]bool{"it ends in order": false, "it dies": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const interval = 8 * time.Second
				g, shared, dead := newGitlab(), store.NewMemory(time.Now), false
				var engines [2]*Engine
				for i := range engines {
					replica := shared.Replica()
					engines[i] = New(Config{Upstream: g, Store: silent{replica, &dead}, Seed: uint64(i),
						MinInterval: interval, MaxInterval: interval})
					defer engines[i].Close()
					replica.Subscribe(engines[i].Receive)
				}
				first := follow(t, pipelineOf(engines[0], "a"), 0)
				pass(3 * interval / 2) // the first one has made the fast poll
				follow(t, pipelineOf(engines[1], "b"), 0)
				for engines[0].Polls().Fast < 3 { // and has just made another
					pass(10 * time.Millisecond)
				}
				if n := engines[1].Polls().Fast; n != 0 {
					t.Fatalf("the second replica has made %d fast polls", n)
				}
				dead = dies
				within := 2 * interval
				if dies {
					engines[0].Close()
				} else {
					first.sub.Close()
					first.signal <- struct{}{}
					within = time.Second
				}
				began := time.Now()
				for engines[1].Polls().Fast == 0 && time.Since(began) < time.Minute {
					pass(10 * time.Millisecond)
				}
				if took := time.Since(began); took > within {
					t.Errorf("the second replica polls after %s, want %s", took, within)
				}
			})
		})
	}
}

func TestAChangeBackIsSeenByAll(t *testing.T) {
	bubble(t, Config{MaxInterval: 2 * time.Second}, func(t *testing.T, g *gitlab, e *Engine) {
		g.set(61, "scheduled")
		var consumers []*consumer
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			consumers = append(consumers, follow(t, pipelineOf(e, name), 0))
		}
		pass(time.Second)
		for _, status := range []string{"pending", "scheduled", "pending", "scheduled"} {
			for _, c := range consumers {
				c.told()
			}
			g.set(61, status)
			pass(2100 * time.Millisecond) // one interval
			for i, c := range consumers {
				if got := c.told(); !slices.Contains(got, "61 "+status) {
					t.Errorf("after the change to %s, caller %d was told %v", status, i, got)
				}
			}
		}
	})
}

// busy is a store whose leases others hold.
type busy struct{ Store }

func (busy) Lease(context.Context, string, time.Duration) (time.Duration, error) {
	return time.Hour, nil
}

// Its next poll may be a replica's only one for long: another makes the fast polls.
func TestAWakeUpSoonAfterAnotherIsNotLost(t *testing.T) {
	bubble(t, Config{Store: busy{store.NewMemory(time.Now).Replica()}}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(5 * time.Second)
		c.told()
		e.Receive("look pipeline/1/6")
		pass(500 * time.Microsecond) // its read is in flight
		e.Receive("look pipeline/1/6")
		pass(10 * time.Millisecond) // and has ended
		g.set(61, "success")
		pass(3 * time.Second)
		if got := c.told(); !slices.Contains(got, "61 success") {
			t.Errorf("told %v", got)
		}
	})
}

// A watch does not read what concerns none of its subscriptions; then one comes that it does.
func TestANewSubscriptionBeginsWithTheStateOfNow(t *testing.T) {
	for name, open := range map[string]func(*Engine) func(func()) (*Subscription, error){
		"a job":      func(e *Engine) func(func()) (*Subscription, error) { return jobOf(e, "a", 62) },
		"a pipeline": func(e *Engine) func(func()) (*Subscription, error) { return pipelineOf(e, "a") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
				b := follow(t, pipelineOf(e, "b"), 0)
				follow(t, pipelineOf(e, "c"), 0)
				follow(t, jobOf(e, "a", 61), 0)
				pass(35 * time.Second) // every watch has read the list
				b.told()
				g.set(62, "success")
				for !slices.Contains(b.told(), "62 success") {
					pass(100 * time.Millisecond)
				}
				c := follow(t, open(e), 0)
				pass(time.Millisecond)
				if got := c.told(); !slices.Contains(got, "62 success") {
					t.Errorf("told %v", got)
				}
			})
		})
	}
}

func TestWhatOthersFoundWhileTheyWereNotHeardIsRead(t *testing.T) {
	bubble(t, Config{Store: busy{store.NewMemory(time.Now).Replica()}}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(5 * time.Second)
		c.told()
		g.set(61, "success")
		e.WakeAll()
		pass(2 * time.Second)
		if got := c.told(); !slices.Contains(got, "61 success") {
			t.Errorf("told %v", got)
		}
	})
}

// The fast poll does not find again what another read of the same replica has found before it.
func TestWhatAnyReadFindsWhereTheFastPollIsMadeReachesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, shared := newGitlab(), store.NewMemory(time.Now)
		var engines [2]*Engine
		for i := range engines {
			replica := shared.Replica()
			engines[i] = New(Config{Upstream: g, Store: replica, Seed: uint64(i), MinInterval: 2 * time.Second,
				MaxInterval: 2 * time.Second})
			defer engines[i].Close()
			replica.Subscribe(engines[i].Receive)
		}
		follow(t, pipelineOf(engines[0], "a"), 0)
		pass(3 * time.Second)
		other := follow(t, pipelineOf(engines[1], "b"), 0)
		for made := engines[0].Polls().Fast; engines[0].Polls().Fast < made+3; {
			pass(10 * time.Millisecond)
		}
		other.told()
		g.set(61, "success")
		follow(t, jobOf(engines[0], "c", 61), 0)
		follow(t, pipelineOf(engines[0], "d"), 0)
		pass(5 * time.Second)
		if got := other.told(); !slices.Contains(got, "61 success") {
			t.Errorf("told %v", got)
		}
	})
}

func TestMessagesOfALaterReleaseAreIgnored(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		g.made()
		for _, message := range []string{"", "look", "look pipeline/1", "look branch/1/6", "look pipeline/1/6/main",
			"see pipeline/1/6", "look pipeline/1/99999999999999999999"} {
			e.Receive(message)
		}
		pass(100 * time.Millisecond)
		want(t, "after messages that are not known", paths(g.made()), nil)
		if n := e.Polls().WakeUps.Replica; n != 0 {
			t.Errorf("%d of them were counted as wake-ups", n)
		}
		e.Receive("look pipeline/1/6")
		pass(100 * time.Millisecond)
		want(t, "after one that is", paths(g.made()), []string{listCall})
	})
}

func projectOf(e *Engine, scope ...string) func(func()) (*Subscription, error) {
	return func(notify func()) (*Subscription, error) {
		return e.OpenProjectJobs(context.Background(), token("a"), 1, scope, "", notify)
	}
}

func TestAProjectsNewestJobsAndThoseThatLeaveTheFilterOnce(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, projectOf(e, "running"), 0)
		pass(time.Second)
		want(t, "at first", c.told(), []string{"63 running", "62 running", "61 running"})
		g.set(62, "failed")
		g.change(func() { g.jobs[64] = &fakeJob{pipeline: 6, status: "running"} })
		pass(3 * time.Second)
		want(t, "a change", c.told(), []string{"64 running", "62 failed"})
		g.made()
		pass(20 * time.Second)
		want(t, "nothing more of it", c.told(), nil)
		if calls := slices.Compact(paths(g.made())); len(calls) != 1 {
			t.Errorf("it is still read: %v", calls)
		}
	})
}

func TestJobsThatLeftTheWindowAreToldOfUntilTheyFinish(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, projectOf(e), 0)
		pass(time.Second)
		c.told()
		g.change(func() {
			for id := int64(100); id < 250; id++ {
				g.jobs[id] = &fakeJob{pipeline: 6, status: "success"}
			}
		})
		pass(3 * time.Second)
		if got := c.told(); len(got) != 100 {
			t.Errorf("%d jobs are new, want the window's 100", len(got))
		}
		g.set(61, "success")
		pass(3 * time.Second)
		want(t, "one that left the window", c.told(), []string{"61 success"})
	})
}

func TestWhatIsGoneEndsTheStream(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, jobOf(e, "a", 61), 0)
		pass(time.Second)
		g.change(func() { delete(g.jobs, 61) })
		pass(5 * time.Second)
		<-c.ended
		if !hasStatus(c.err, 404) {
			t.Errorf("ended with %v", c.err)
		}
		if _, err := jobOf(e, "a", 99)(func() {}); !hasStatus(err, 404) {
			t.Errorf("a job that is not there: %v", err)
		}
		if _, err := e.OpenBridge(context.Background(), token("a"), 1, 6, 99, func() {}); !hasStatus(err, 404) {
			t.Errorf("a trigger job that is not there: %v", err)
		}
	})
}
