package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"jobgraph/graph/relay"
	"jobgraph/internal/fakegitlab"
)

// ownCursorsOnly is an upstream whose cursors are of a form of its own, and which breaks on any other, as GitLab does on what it cannot decode.
func ownCursorsOnly(gitlab http.Handler) http.Handler {
	const mark = "sealed-"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if cursor := query.Get("cursor"); cursor != "" {
			if !strings.HasPrefix(cursor, mark) {
				http.Error(w, `{"message":"500 Internal Server Error"}`, http.StatusInternalServerError)
				return
			}
			query.Set("cursor", strings.TrimPrefix(cursor, mark))
			r.URL.RawQuery = query.Encode()
		}
		answer := httptest.NewRecorder()
		gitlab.ServeHTTP(answer, r)
		link := strings.ReplaceAll(answer.Header().Get("Link"), "cursor=", "cursor="+mark)
		answer.Header().Set("Link", link)
		answer.Header().Del("X-Next-Cursor")
		answer.Header().Del("X-Prev-Cursor")
		pass(w, answer)
	})
}

// pass sends a recorded answer.
func pass(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// withoutKeyset is an upstream from before keyset pagination: it ignores what it does not know and pages by offset.
func withoutKeyset(gitlab http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		for _, unknown := range []string{"cursor", "pagination", "order_by", "sort"} {
			query.Del(unknown)
		}
		r.URL.RawQuery = query.Encode()
		gitlab.ServeHTTP(w, r)
	})
}

func TestProjectJobsAreWalkedWhereGitLabTakesNoCursorsOfOurs(t *testing.T) {
	for name, odd := range map[string]func(http.Handler) http.Handler{"it refuses them": ownCursorsOnly, "it ignores them": withoutKeyset} {
		for direction, backward := range directions() {
			t.Run(name+"/"+direction, func(t *testing.T) {
				t.Parallel()
				g := startGateway(t, odd(smallSimulator(fakegitlab.Older17)))
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

// TestACursorDeepInAListWithoutCursorsIsFoundAlongItsLinks goes on around job 70500, which stands on the eighth page of 100.
func TestACursorDeepInAListWithoutCursorsIsFoundAlongItsLinks(t *testing.T) {
	cursor := relay.NumberCursor("job", 0, 70500, 0)
	jobs := list{"", "Project/7", "... on Project { rows: jobs(%s)", "databaseId", nil, false}
	for name, odd := range map[string]func(http.Handler) http.Handler{"it refuses them": ownCursorsOnly, "it ignores them": withoutKeyset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, odd(simulator(fakegitlab.Newest)))
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
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			gitlab := smallSimulator(fakegitlab.Older17)
			gitlab.Inject(fakegitlab.Fault{Kind: fakegitlab.RepeatedPage})
			g := startGateway(t, gitlab)
			for _, size := range []int{1, 3, 100} {
				l.scanned = true // what there is more of is nothing
				if got := l.walk(t, g, size, false, nil); !slices.Equal(got, l.rows) {
					t.Errorf("pages of %d: got %v, want %v", size, got, l.rows)
				}
			}
		})
	}
}
