package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/graph/relay"
	"jobgraph/internal/fakegitlab"
)

// withoutOurCursors are upstreams that take no cursor that they did not make themselves.
var withoutOurCursors = map[string]func(http.Handler) http.Handler{
	"it refuses them": harness.OwnCursorsOnly,
	"it ignores them": harness.WithoutKeyset,
}

func TestProjectJobsAreWalkedWhereGitLabTakesNoCursorsOfOurs(t *testing.T) {
	for name, odd := range withoutOurCursors {
		for direction, backward := range directions() {
			t.Run(name+"/"+direction, func(t *testing.T) {
				t.Parallel()
				g := harness.Start(t, odd(harness.SmallSimulator(fakegitlab.Older17)))
				jobs := lists()[0]
				for _, size := range []int{1, 3, 10, 100} {
					if got := jobs.walk(t, g, size, backward, nil); !slices.Equal(got, jobs.rows) {
						t.Errorf("pages of %d: got %v, want %v", size, got, jobs.rows)
					}
				}
			})
		}
	}
}

// TestACursorDeepInAListWithoutCursorsIsFoundAlongItsLinks goes on around job 70500, which stands
// on the eighth page of 100.
func TestACursorDeepInAListWithoutCursorsIsFoundAlongItsLinks(t *testing.T) {
	cursor := relay.NumberCursor("job", 0, 70500, 0)
	jobs := list{"", "Project/7", "... on Project { rows: jobs(%s)", "databaseId", nil, false}
	for name, odd := range withoutOurCursors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.Start(t, odd(harness.Simulator(fakegitlab.Newest)))
			older := jobs.fetch(t, g, fmt.Sprintf("first: 120, after: %q", cursor)).keys()
			if len(older) != 120 || older[0] != "70499" || older[119] != "70380" {
				t.Errorf("after the cursor: %v", older)
			}
			newer := jobs.fetch(t, g, fmt.Sprintf("last: 120, before: %q", cursor)).keys()
			if len(newer) != 120 || newer[0] != "70620" || newer[119] != "70501" {
				t.Errorf("before the cursor: %v", newer)
			}
		})
	}
}

func TestPagesThatLeadToThemselvesEndTheWalk(t *testing.T) {
	for _, l := range lists() {
		if strings.Contains(l.field, "statuses: [SUCCESS, FAILED, RUNNING") {
			continue // merged from lists of which one is nonsense: UPSTREAM_INVALID
		}
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			gitlab := harness.SmallSimulator(fakegitlab.Older17)
			gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.RepeatedPage})
			g := harness.Start(t, gitlab)
			for _, size := range []int{1, 3, 100} {
				l.scanned = true // what there is more of is nothing
				if got := l.walk(t, g, size, false, nil); !slices.Equal(got, l.rows) {
					t.Errorf("pages of %d: got %v, want %v", size, got, l.rows)
				}
			}
		})
	}
}
