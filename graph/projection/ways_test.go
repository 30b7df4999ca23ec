package projection_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"jobgraph/graph/projection"
)

// The ways that an operation can go.
var (
	projected = projection.Counts{Projected: 1}
	fellBack  = projection.Counts{FellBack: 1}
	executed  = projection.Counts{Executed: 1}
)

// goes executes a query on both paths: the plan answers as the executor does, the given way and
// with so many calls.
func (p *pair) goes(t *testing.T, like *upstream, query string, variables map[string]any, way projection.Counts,
	calls int) {
	t.Helper()
	before := p.schema.Counts()
	want, valid := p.reference.run(like, query, variables)
	got, _ := p.projected.run(like, query, variables)
	if diff := cmp.Diff(want, got); diff != "" || !valid {
		t.Errorf("valid: %v; the plan differs from the executor (-executor +plan):\n%s", valid, diff)
	}
	after := p.schema.Counts()
	went := projection.Counts{Projected: after.Projected - before.Projected,
		FellBack: after.FellBack - before.FellBack, Executed: after.Executed - before.Executed}
	if went != way || len(got.Calls) != calls {
		t.Errorf("went %+v with calls %q, want %+v with %d", went, got.Calls, way, calls)
	}
}
