package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// Callers connect, subscribe, read or do not, and drop their connections, while a tenth of the
// calls to GitLab fail: nothing of them is left, and GitLab is not polled any more.
func TestNothingIsLeftOfDroppedWebSocketConnections(t *testing.T) {
	const seed = 20260302
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, append(quick, "-breaker-failure-rate=0", "-upstream-attempts=1")...)
	queries := []string{watchUnit, logSubscription(0), logSubscription(1),
		`subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { changedJobs { name } } }`,
		`subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/62") { status } }`}
	remove := gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.ResetConnection, Probability: 0.1, Seed: seed})
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(worker)))
			for range 40 {
				token := []string{harness.MaintainerToken, harness.GuestToken}[random.IntN(2)]
				w, err := harness.DialWebSocket(g.Address, `{"PRIVATE-TOKEN":"`+token+`"}`)
				if err != nil {
					t.Error(err)
					return
				}
				operations := 1 + random.IntN(4)
				for n := range operations {
					w.Send(harness.SubscribeMessage(fmt.Sprint(n), queries[random.IntN(len(queries))]))
				}
				for range random.IntN(3 * operations) {
					_ = w.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // there may be nothing more to read
					if _, _, err := w.ReadMessage(); err != nil {
						break
					}
				}
				gitlab.AppendLog(61, "one more line\n")
				gitlab.ChangeJob(62, func(j *fakegitlab.Job) { j.AllowFailure = !j.AllowFailure })
				_ = w.Close()
			}
		})
	}
	group.Wait()
	remove()
	for _, metric := range []string{"websocket_connections_open", "subscriptions_open", "live_watches", "live_topics"} {
		awaitValue(t, g, "jobgraph_"+metric, "0")
	}
	awaitNoPolls(t, g)
}

// awaitValue waits until a metric has a value.
func awaitValue(t *testing.T, g *harness.Gateway, name, want string) {
	t.Helper()
	got := ""
	for range 100 {
		_, rest, _ := strings.Cut(string(g.Get(t, "/metrics").Body), "\n"+name+" ")
		if got, _, _ = strings.Cut(rest, "\n"); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is %s, want %s", name, got, want)
}
