package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

const watchUnit = `subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/61") { status project { fullPath } } }`

func TestEqualSubscriptionsAreExecutedOnceAnEvent(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	streams := make([]*harness.EventStream, 50)
	for i := range streams {
		streams[i] = g.Subscribe(t, harness.MaintainerToken, watchUnit)
	}
	for _, s := range streams {
		if e := s.Next(); !strings.Contains(e.Data, `"status":"RUNNING"`) {
			t.Fatalf("%+v", e)
		}
	}
	if n := g.Upstream.CallsOf("/api/v4/projects/1"); n != 1 {
		t.Errorf("the selections of 50 equal subscriptions made %d calls", n)
	}
	gitlab.FinishJob(61, fakegitlab.Success)
	for _, s := range streams {
		if e := s.Next(); !strings.Contains(e.Data, `"status":"SUCCESS"`) {
			t.Fatalf("%+v", e)
		}
		s.Expect("complete", "")
	}
	if n := g.Upstream.CallsOf("/api/v4/projects/1"); n != 2 {
		t.Errorf("the selections of two events made %d calls", n)
	}
}

func TestTheFirstOfEqualSubscribersMayLeaveAndTheLastEndsThePolls(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	first, second := g.Subscribe(t, harness.MaintainerToken, watchUnit), g.Subscribe(t, harness.MaintainerToken, watchUnit)
	first.Next()
	second.Next()
	first.Close()
	gitlab.ChangeJob(61, func(j *fakegitlab.Job) { j.Status = fakegitlab.Canceling })
	if e := second.Next(); !strings.Contains(e.Data, `"status":"CANCELING"`) {
		t.Fatalf("%+v", e)
	}
	second.Close()
	awaitNoPolls(t, g)
}

// awaitNoPolls waits until GitLab is not polled any more.
func awaitNoPolls(t *testing.T, g *harness.Gateway) {
	t.Helper()
	for range 20 {
		g.Upstream.Reset()
		time.Sleep(300 * time.Millisecond) // more than ten polls
		if len(g.Upstream.Calls()) == 0 {
			return
		}
	}
	t.Error("GitLab is polled although nobody watches")
}

func TestNothingIsLeftAfterConnectsDropsAndFaults(t *testing.T) {
	const seed = 20260302
	t.Logf("seed %d", seed)
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, append(quick, "-breaker-failure-rate=0", "-upstream-attempts=1")...)
	queries := []string{watchUnit, logSubscription(0), `subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { changedJobs { name } } }`, `subscription { projectJobsUpdated(id: 1) { changedJobs { name } } }`}
	g.Query(t, `{ project(id: 1) { id } }`)
	before := runtime.NumGoroutine()
	remove := gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ResetConnection, Probability: 0.2, Seed: seed})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			for range 30 {
				token := []string{harness.MaintainerToken, harness.GuestToken}[random.IntN(2)]
				s := g.Subscribe(t, token, queries[random.IntN(len(queries))])
				if random.IntN(2) == 0 {
					s.Next()
				}
				s.Close()
			}
		})
	}
	group.Wait()
	remove()
	awaitNoPolls(t, g)
	g.Client.CloseIdleConnections()
	for range 100 {
		if runtime.NumGoroutine() <= before+32 { // idle connections to the upstream stay for a while
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// Whoever dedups by anything less than the whole credential shows a caller what another one may
// see.
func TestEqualSubscriptionsOfOtherCallersAreNotShared(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	allowed := g.Subscribe(t, harness.MaintainerToken, watchUnit)
	allowed.Next()
	for token, code := range map[string]string{"": "UNAUTHENTICATED", "no token": "UNAUTHENTICATED", outsiderToken: "NOT_FOUND"} {
		if e := g.Subscribe(t, token, watchUnit).Next(); !strings.Contains(e.Data, code) {
			t.Errorf("%q: %+v", token, e)
		}
	}
	losing := g.Subscribe(t, harness.GuestToken, watchUnit)
	losing.Next()
	gitlab.SetRole(1, "developer", fakegitlab.NoRole)
	if e := losing.Next(); !strings.Contains(e.Data, `"errors"`) || strings.Contains(e.Data, `"status"`) {
		t.Errorf("after the caller was removed from the project: %+v", e)
	}
	gitlab.FinishJob(61, fakegitlab.Success)
	if e := allowed.Next(); !strings.Contains(e.Data, "SUCCESS") {
		t.Errorf("%+v", e)
	}
}

// Between the first event and the first change nothing is lost, and no state comes before an older
// one.
func TestNoChangeIsLostAfterTheFirstEvent(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	order := map[string]int{"RUNNING": 1, "CANCELING": 2, "CANCELED": 3}
	for i := range 20 {
		id := gitlab.AddJob(6, fakegitlab.Job{Name: fmt.Sprint("job ", i), Status: fakegitlab.Running})
		go func() {
			gitlab.ChangeJob(id, func(j *fakegitlab.Job) { j.Status = fakegitlab.Canceling })
			gitlab.FinishJob(id, fakegitlab.Canceled)
		}()
		s := g.Subscribe(t, harness.MaintainerToken, fmt.Sprintf(`subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/%d") { status } }`, id))
		before := 0
		for {
			e := s.Next()
			if e.Kind == "complete" {
				break
			}
			_, status, _ := strings.Cut(e.Data, `"status":"`)
			status, _, _ = strings.Cut(status, `"`)
			if order[status] <= before {
				t.Fatalf("%s after %d: %+v", status, before, e)
			}
			before = order[status]
		}
		if before != 3 {
			t.Fatalf("completed at %d", before)
		}
	}
}

func TestFaultsOfGitLabAreWaitedOut(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, append(quick, "-upstream-attempts=1", "-breaker-failure-rate=0")...)
	state := g.Subscribe(t, harness.MaintainerToken, watchUnit)
	log := g.Subscribe(t, harness.MaintainerToken, logSubscription(0))
	state.Next()
	log.Next()
	var failed int
	g.Upstream.Replace(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"message":"500"}`, 500) }))
	for failed < 5 {
		failed = 0
		for _, call := range g.Upstream.Calls() {
			if strings.HasSuffix(call, " 500") {
				failed++
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	gitlab.AppendLog(61, "meanwhile\n")
	gitlab.FinishJob(61, fakegitlab.Success)
	gitlab.ArchiveLog(61, nil)
	g.Upstream.Replace(gitlab)
	if e := state.Next(); !strings.Contains(e.Data, "SUCCESS") {
		t.Errorf("%+v", e)
	}
	if c := chunkOf(t, log.Next()).Data.JobLogAppended; c.FromByte != int64(len("begun\n")) || c.ToByte != int64(len("begun\nmeanwhile\n")) {
		t.Errorf("%+v", c)
	}
}

func TestWebhooksAreSeenAtOnce(t *testing.T) {
	for name, hook := range map[string]fakegitlab.Hook{
		"with a secret token":   {Token: "a secret"},
		"with a signing secret": {SigningSecret: "whsec_dGhpcnR5LXR3byBieXRlcyBvZiBhIHNpZ25pbmcga2V5"},
	} {
		t.Run(name, func(t *testing.T) {
			gitlab := liveSimulator()
			g := harness.Start(t, gitlab, "-live-interval=1h", "-webhook-secret="+hook.Token+hook.SigningSecret) // no poll comes to their help
			hook.URL = g.Address + "/webhooks/gitlab"
			defer gitlab.AddHook(hook).Close()
			s := g.Subscribe(t, harness.MaintainerToken, watchUnit)
			s.Next()
			began := time.Now()
			gitlab.FinishJob(61, fakegitlab.Success)
			if e := s.Next(); !strings.Contains(e.Data, "SUCCESS") {
				t.Errorf("%+v", e)
			}
			if took := time.Since(began); took > 300*time.Millisecond && !harness.RaceDetector {
				t.Errorf("seen after %v", took)
			}
		})
	}
	g := harness.Start(t, liveSimulator())
	if a := g.Send(t, http.MethodPost, "/webhooks/gitlab", "{}", nil); a.Status != http.StatusNotFound {
		t.Errorf("without a secret: %d", a.Status)
	}
}

func TestShutdownEndsALogWithTheByteToGoOnFrom(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	log := g.Subscribe(t, harness.MaintainerToken, logSubscription(0))
	state := g.Subscribe(t, harness.MaintainerToken, watchUnit)
	log.Next()
	state.Next()
	g.Stop()
	c := chunkOf(t, log.Next())
	if len(c.Errors) != 1 || c.Errors[0].Extensions.Code != "RESUBSCRIBE" ||
		c.Errors[0].Extensions.FromByte == nil || *c.Errors[0].Extensions.FromByte != int64(len("begun\n")) {
		t.Errorf("%+v", c)
	}
	if e := state.Next(); e.Kind != "" { // it is not complete: clients come again
		t.Errorf("%+v", e)
	}
}
