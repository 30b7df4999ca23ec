package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"jobgraph/e2e/harness"
)

// A read in flight is of no use to anybody once the last subscriber that needs it has left.
func TestAReadInFlightEndsWithItsLastSubscriber(t *testing.T) {
	for name, query := range map[string]string{
		"the first read of a job": watchUnit,
		"the first read of a pipeline": `subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") {
			changedJobs { name } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			held := harness.Hold(liveSimulator(), harness.HeldOptions{})
			defer held.Release()
			g := harness.Start(t, held, quick...)
			s := g.Subscribe(t, harness.MaintainerToken, query)
			<-held.Arrived
			s.Close()
			<-held.Gone
		})
	}
	t.Run("a poll", func(t *testing.T) {
		var hold atomic.Bool
		held := harness.Hold(liveSimulator(), harness.HeldOptions{
			Only: func(r *http.Request) bool { return hold.Load() && strings.HasSuffix(r.URL.Path, "/jobs/61") },
		})
		defer held.Release()
		g := harness.Start(t, held, quick...)
		s := g.Subscribe(t, harness.MaintainerToken, watchUnit)
		s.Next()
		hold.Store(true)
		<-held.Arrived
		s.Close()
		<-held.Gone
	})
}
