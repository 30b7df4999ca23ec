package live

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jobgraph/restclient"
)

const (
	listCall   = "/projects/1/pipelines/6/jobs?page=1&per_page=100"
	bridgeCall = "/projects/1/pipelines/6/trigger_jobs?page=1&per_page=100"
)

func paths(calls []fakeCall) []string {
	all := make([]string, len(calls))
	for i, c := range calls {
		all[i] = c.path
	}
	return all
}

// want fails the test unless got is what is wanted.
func want(t *testing.T, what string, got, wanted []string) {
	t.Helper()
	if !slices.Equal(got, wanted) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(wanted, "\n\t"))
	}
}

func TestAPipelineIsToldAtFirstThenWhatChangesAndEndsWhenItHasFinished(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		want(t, "first event", c.told(), []string{"63 running", "62 running", "61 running", "pipeline running"})
		want(t, "first read", paths(g.made()), []string{listCall, bridgeCall})
		g.set(62, "success")
		pass(2 * time.Second)
		want(t, "change", c.told(), []string{"62 success", "pipeline running"})
		g.set(61, "failed")
		g.set(63, "success")
		g.change(func() { g.status[6] = "failed" })
		pass(2 * time.Second)
		want(t, "end", c.told(), []string{"63 success", "61 failed", "pipeline failed"})
		<-c.ended
		if !c.last {
			t.Error("the subscription did not complete:", c.err)
		}
		pass(time.Minute)
		if calls := g.made(); len(calls) != 2 {
			t.Errorf("after the two polls, reads go on: %v", paths(calls))
		}
		if s := e.Size(); s != (Size{}) {
			t.Errorf("left behind: %+v", s)
		}
	})
}

func TestAThousandCallersMakeOneFastPollAnIntervalAndASlowReadEach(t *testing.T) {
	const callers = 1000
	bubble(t, Config{MinInterval: 10 * time.Second, MaxInterval: 10 * time.Second},
		func(t *testing.T, g *gitlab, e *Engine) {
			consumers := make([]*consumer, callers)
			for i := range consumers {
				consumers[i] = follow(t, pipelineOf(e, fmt.Sprint("token ", i)), 0)
			}
			pass(time.Second)
			g.made()
			before := e.Polls()
			pass(5 * time.Minute)
			fast, slow := e.Polls().Fast-before.Fast, e.Polls().Check-before.Check
			if fast < 30 || fast > 34 {
				t.Errorf("%d fast polls in 30 intervals of up to 10 s", fast)
			}
			if most := int64(callers * 300 / 27); slow < callers*10-40 || slow > most {
				t.Errorf("%d slow reads of %d callers in five minutes, want 10 to 11 each", slow, callers)
			}
			if e.Polls().Woken != before.Woken {
				t.Error("woken although nothing changed")
			}
			turns := map[string]bool{}
			last := map[string]time.Time{}
			for _, call := range g.made() {
				turns[call.token] = true
				if gap := call.at.Sub(last[call.token]); !last[call.token].IsZero() && gap > 30*time.Second+2*time.Millisecond {
					t.Fatalf("%s was not read for %v", call.token, gap)
				}
				last[call.token] = call.at
			}
			g.set(61, "success")
			pass(13 * time.Second)
			reads := map[string]int{}
			for _, call := range g.made() {
				reads[call.token]++
			}
			for i, c := range consumers {
				if got := c.told(); !slices.Contains(got, "61 success") {
					t.Fatalf("caller %d was not told: %v", i, got)
				}
				if n := reads[fmt.Sprint("token ", i)]; n < 1 || n > 2 { // its own, and perhaps its slow one or its turn
					t.Fatalf("caller %d was told by %d reads", i, n)
				}
			}
		})
}

func TestACallerWhoSeesLessTakesNoTurn(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		g.blind["blind"] = true
		blind := follow(t, pipelineOf(e, "blind"), 0)
		sees := follow(t, pipelineOf(e, "sees"), 0)
		pass(time.Second)
		g.made()
		pass(20 * time.Second)
		for _, call := range g.made() {
			if call.token == "blind" {
				t.Error("the caller who sees no jobs was given a turn")
			}
		}
		blind.told()
		sees.told()
		g.set(61, "success")
		pass(16 * time.Second)
		want(t, "who sees", sees.told(), []string{"61 success", "pipeline running"})
		want(t, "who does not", blind.told(), nil)
	})
}

func TestARevokedTokenEndsItsOwnStreamWithinThirtySecondsAndNoOther(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		revoked, other := follow(t, pipelineOf(e, "revoked"), 0), follow(t, pipelineOf(e, "other"), 0)
		pass(time.Second)
		g.change(func() { g.revoked["revoked"] = true })
		pass(30 * time.Second)
		select {
		case <-revoked.ended:
		default:
			t.Fatal("the stream of a revoked token goes on")
		}
		if !hasStatus(revoked.err, 401) {
			t.Errorf("ended with %v", revoked.err)
		}
		other.told()
		g.set(61, "success")
		pass(15 * time.Second)
		want(t, "the other", other.told(), []string{"61 success", "pipeline running"})
	})
}

func TestJobsOfAPipelineAreOneRead(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		one := follow(t, jobOf(e, "a", 61), 0)
		pass(time.Second)
		want(t, "the first job", paths(g.made()), []string{"/projects/1/jobs/61"})
		pass(2 * time.Second)
		want(t, "one job is polled by itself", paths(g.made()), []string{"/projects/1/jobs/61"})
		two, three := follow(t, jobOf(e, "a", 62), 0), follow(t, jobOf(e, "b", 63), 0)
		pass(time.Millisecond)
		want(t, "two more jobs", paths(g.made()), []string{"/projects/1/jobs/62", "/projects/1/jobs/63"})
		pass(3 * time.Second)
		want(t, "all of them", slices.Compact(paths(g.made())), []string{listCall})
		for _, c := range []*consumer{one, two, three} {
			c.told()
		}
		g.set(63, "success")
		pass(5 * time.Second)
		want(t, "the job of the other caller", three.told(), []string{"63 success"})
		want(t, "the others", append(one.told(), two.told()...), nil)
		<-three.ended
	})
}

func TestStatesNeverGoBack(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		g.set(61, "success")
		pass(2 * time.Second)
		c.told()
		g.set(61, "running") // a replica of the database that lags
		pass(20 * time.Second)
		want(t, "an older state", c.told(), nil)
	})
}

func TestFreshnessYieldsToTheBudgetButTheCheckDoesNot(t *testing.T) {
	bubble(t, Config{CallsPerMinute: 3, MinInterval: time.Second, MaxInterval: time.Second},
		func(t *testing.T, g *gitlab, e *Engine) {
			follow(t, pipelineOf(e, "a"), 0)
			pass(time.Second)
			e.Charge(token("a"), 30) // what selections have fetched
			g.made()
			pass(3 * time.Minute)
			calls := g.made()
			if len(calls) < 6 || len(calls) > 8 {
				t.Errorf("%d calls in three minutes past the budget, want the checks alone:\n%s", len(calls), strings.Join(paths(calls), "\n"))
			}
		})
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		g.change(func() {
			g.failing = &restclient.Error{Status: 429, Message: "slow down", RetryAfter: 50 * time.Second}
		})
		pass(10 * time.Second)
		g.change(func() { g.failing = nil })
		g.made()
		g.set(61, "success")
		pass(35 * time.Second)
		if calls := g.made(); len(calls) != 0 {
			t.Errorf("asked although GitLab said to wait: %v", paths(calls))
		}
		c.told()
		pass(10 * time.Second)
		want(t, "afterwards", c.told(), []string{"61 success", "pipeline running"})
	})
}

func TestAnOutageIsSurvivedAndALongOneEndsTheStream(t *testing.T) {
	bubble(t, Config{Outage: 5 * time.Minute}, func(t *testing.T, g *gitlab, e *Engine) {
		c := follow(t, pipelineOf(e, "a"), 0)
		pass(time.Second)
		c.told()
		g.change(func() { g.failing = &restclient.TransportError{Kind: restclient.Unreachable} })
		pass(4 * time.Minute)
		g.set(61, "success")
		g.change(func() { g.failing = nil })
		pass(31 * time.Second)
		want(t, "after the outage", c.told(), []string{"61 success", "pipeline running"})
		g.change(func() { g.failing = &restclient.TransportError{Kind: restclient.Unreachable} })
		pass(6 * time.Minute)
		<-c.ended
		if _, ok := errors.AsType[*OutageError](c.err); !ok {
			t.Errorf("ended with %v", c.err)
		}
	})
}

func TestBounds(t *testing.T) {
	bubble(t, Config{WatchesPerCaller: 1, Watches: 2}, func(t *testing.T, g *gitlab, e *Engine) {
		follow(t, pipelineOf(e, "a"), 0)
		_, err := e.OpenProjectJobs(t.Context(), token("a"), 1, nil, "", func() {})
		if limit, ok := errors.AsType[*LimitError](err); !ok || limit.Value != 1 {
			t.Errorf("a second watch of one caller: %v", err)
		}
		follow(t, pipelineOf(e, "b"), 0)
		_, err = pipelineOf(e, "c")(func() {})
		if limit, ok := errors.AsType[*LimitError](err); !ok || limit.Value != 2 {
			t.Errorf("a third watch: %v", err)
		}
	})
}
