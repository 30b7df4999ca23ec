package e2e

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// The fast paths are optimisations: without them, answers and calls are the same.
func TestFastPathsCanBeSwitchedOffAndChangeNoAnswer(t *testing.T) {
	const (
		list   = `{ project(id: "1") { jobs(first: 5, statuses: [FAILED]) { nodes { name status } pageInfo { hasNextPage } } } }`
		stages = `{ pipeline(project: "1", id: "12") { stages { name } jobs(first: 3) { nodes { name } } } }`
	)
	type seen struct {
		answers [][]byte
		calls   []string
	}
	look := func(t *testing.T, flags ...string) (s seen, projected bool) {
		g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), flags...)
		for _, query := range []string{list, stages} {
			s.answers = append(s.answers, g.Post(t, harness.Operation{Query: query}, harness.As(harness.MaintainerToken)).Body)
		}
		s.calls = g.Upstream.Calls()
		metrics := g.Get(t, "/metrics").String()
		return s, !strings.Contains(metrics, `jobgraph_engine_operations_total{engine="projection",reason=""} 0`)
	}
	want, projected := look(t)
	if !projected {
		t.Error("no query is projected by default")
	}
	for _, off := range []string{"-fast-queries=false", "-fast-server=false", "-fast-client=false"} {
		t.Run(off, func(t *testing.T) {
			got, projected := look(t, off)
			if !slices.EqualFunc(got.answers, want.answers, bytes.Equal) || !slices.Equal(got.calls, want.calls) {
				t.Errorf("got %s by %q, want %s by %q", got.answers, got.calls, want.answers, want.calls)
			}
			if projected != (off != "-fast-queries=false") {
				t.Errorf("projected: %t", projected)
			}
		})
	}
}
