package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// list is a connection of the test company.
type list struct {
	name, node, field string // the connection, and the global ID and selection that lead to it
	key               string // the field that its rows differ by
	rows              []string
	// scanned says that the gateway itself selects the rows. A page may then end early, and have
	// nothing after it although it says that there is more.
	scanned bool
}

// lists are every connection of the graph, and those that the gateway itself filters.
func lists() []list {
	projectJobs := []string{"152", "151", "141", "133", "132", "131", "130", "129", "128", "127", "126", "125", "124", "123", "122", "121", "111", "108", "107", "104", "103", "102", "101"}
	return []list{
		{"project jobs", "Project/1", "... on Project { rows: jobs(%s)", "databaseId", projectJobs, false},
		{"project jobs with a status", "Project/1", "... on Project { rows: jobs(statuses: [FAILED, SUCCESS], %s)", "databaseId", []string{"152", "141", "128", "127", "111", "107", "104", "103", "102", "101"}, false},
		{"project jobs of a ref", "Project/1", `... on Project { rows: jobs(ref: "main", %s)`, "databaseId", []string{"111", "108", "107", "104", "103", "102", "101"}, true},
		{"filtered project jobs", "Project/1", `... on Project { rows: jobs(filter: {namePattern: "*e*i*"}, %s)`, "databaseId", []string{"129", "125", "123", "108"}, false},
		{"pipeline jobs", "Project/1/Pipeline/12", "... on Pipeline { rows: jobs(%s)", "databaseId", projectJobs[3:16], false},
		{"filtered pipeline jobs", "Project/1/Pipeline/12", `... on Pipeline { rows: jobs(filter: {namePattern: "*ing"}, %s)`, "databaseId", []string{"129", "126", "125", "123"}, false},
		{"pipeline jobs with earlier attempts", "Project/1/Pipeline/10", "... on Pipeline { rows: jobs(includeRetried: true, %s)", "databaseId", projectJobs[17:], false},
		{"bridges", "Project/1/Pipeline/10", "... on Pipeline { rows: bridges(%s)", "databaseId", []string{"106", "105"}, false},
		{"pipelines", "Project/1", "... on Project { rows: pipelines(%s)", "databaseId", []string{"14", "13", "12", "10"}, false},
		{"pipelines of a source", "Project/1", `... on Project { rows: pipelines(source: "push", %s)`, "databaseId", []string{"14", "13", "12", "10"}, false},
		{"pipelines in several statuses", "Project/1", "... on Project { rows: pipelines(statuses: [SUCCESS, FAILED, RUNNING, MANUAL], %s)", "databaseId", []string{"13", "12", "10"}, false},
		{"artifacts", "Project/1/Job/101", "... on Job { rows: artifacts(%s)", "filename", []string{"artifacts.zip", "metadata.gz", "job.log", "junit.xml.gz"}, false},
	}
}

// page is one page of any connection.
type page struct {
	Edges []struct {
		Cursor string
		Node   struct{ Key any }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

func (p page) keys() []string {
	keys := make([]string, len(p.Edges))
	for i, e := range p.Edges {
		keys[i] = fmt.Sprint(e.Node.Key)
	}
	return keys
}

// fetch reads one page.
func (l *list) fetch(t *testing.T, g *harness.Gateway, arguments string) page {
	t.Helper()
	query := fmt.Sprintf(`{ node(id: "gid://gitlab/%s") { `+l.field+` { edges { cursor node { key: %s } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`, l.node, arguments, l.key)
	p := harness.Ask[struct{ Node struct{ Rows page } }](t, g, query, nil).Node.Rows
	if n := len(p.Edges); n > 0 && !l.scanned {
		if *p.PageInfo.StartCursor != p.Edges[0].Cursor || *p.PageInfo.EndCursor != p.Edges[n-1].Cursor {
			t.Errorf("%s: the page's cursors are not those of its first and last edge", arguments)
		}
	}
	return p
}

// walk reads a list page by page until there is no more, and returns its rows in the list's order.
// between runs after each page.
func (l *list) walk(t *testing.T, g *harness.Gateway, size int, backward bool, between func(page int)) []string {
	t.Helper()
	count, cursor := "first", "after"
	if backward {
		count, cursor = "last", "before"
	}
	arguments := fmt.Sprintf("%s: %d", count, size)
	var rows []string
	for n := 1; n <= 200; n++ {
		p := l.fetch(t, g, arguments)
		more, from := p.PageInfo.HasNextPage, p.PageInfo.EndCursor
		if backward {
			rows, more, from = append(p.keys(), rows...), p.PageInfo.HasPreviousPage, p.PageInfo.StartCursor
		} else {
			rows = append(rows, p.keys()...)
		}
		if !more {
			return rows
		}
		if len(p.Edges) != size && !l.scanned {
			t.Fatalf("%s: %d rows, and there are more", arguments, len(p.Edges))
		}
		if between != nil {
			between(n)
		}
		arguments = fmt.Sprintf("%s: %d, %s: %q", count, size, cursor, *from)
	}
	t.Fatal("the walk does not end")
	return nil
}

func directions() map[string]bool { return map[string]bool{"forward": false, "backward": true} }

func releases() map[string]fakegitlab.Release {
	return map[string]fakegitlab.Release{"newest": fakegitlab.Newest, "older17": fakegitlab.Older17}
}

func TestEveryListGivesEachRowOnceInOrderAtEveryPageSize(t *testing.T) {
	for release, r := range releases() {
		g := harness.Start(t, harness.Simulator(r))
		for _, l := range lists() {
			for direction, backward := range directions() {
				t.Run(release+"/"+l.name+"/"+direction, func(t *testing.T) {
					t.Parallel()
					for size := 1; size <= len(l.rows)+1; size++ {
						if got := l.walk(t, g, size, backward, nil); !slices.Equal(got, l.rows) {
							t.Errorf("pages of %d: got %v, want %v", size, got, l.rows)
						}
					}
				})
			}
		}
	}
}

func TestEveryEdgeCanBeResumedFromInBothDirections(t *testing.T) {
	const size = 3
	for release, r := range releases() {
		g := harness.Start(t, harness.Simulator(r))
		for _, l := range lists() {
			t.Run(release+"/"+l.name, func(t *testing.T) {
				t.Parallel()
				for i, e := range l.fetch(t, g, "first: 100").Edges {
					next := l.fetch(t, g, fmt.Sprintf("first: %d, after: %q", size, e.Cursor))
					more := next.PageInfo.HasNextPage
					want := l.rows[i+1 : min(i+1+size, len(l.rows))]
					if !slices.Equal(next.keys(), want) || wrongMore(more, i+1+size < len(l.rows), l.scanned) {
						t.Errorf("after row %d: got %v (more: %t), want %v", i, next.keys(), more, want)
					}
					previous := l.fetch(t, g, fmt.Sprintf("last: %d, before: %q", size, e.Cursor))
					more, want = previous.PageInfo.HasPreviousPage, l.rows[max(i-size, 0):i]
					if !slices.Equal(previous.keys(), want) || wrongMore(more, i > size, l.scanned) {
						t.Errorf("before row %d: got %v (more: %t), want %v", i, previous.keys(), more, want)
					}
				}
			})
		}
	}
}

func wrongMore(got, want, scanned bool) bool { return got != want && !(scanned && got) }

// TestListsThatChangeWhileTheyArePagedNeitherRepeatNorSkip adds jobs between the pages, retries
// others, or both: a retried job goes from its pipeline's list, and its new attempt comes at the
// head.
func TestListsThatChangeWhileTheyArePagedNeitherRepeatNorSkip(t *testing.T) {
	moving := slices.DeleteFunc(lists(), func(l list) bool { return !strings.HasSuffix(l.name, "jobs") })
	changes := map[string]struct{ added, retried int }{"growing": {3, 0}, "shrinking": {0, 2}, "retried": {2, 2}}
	for release, r := range releases() {
		for change, c := range changes {
			for _, l := range moving {
				for direction, backward := range directions() {
					t.Run(strings.Join([]string{release, change, l.name, direction}, "/"), func(t *testing.T) {
						t.Parallel()
						g := harness.Start(t, nil)
						for _, size := range []int{1, 2, 5} {
							gitlab, gone := harness.SmallSimulator(r), []string(nil)
							g.Upstream.Replace(gitlab)
							got := l.walk(t, g, size, backward, func(page int) {
								if page <= 4 { // or else a walk backward would never meet the list's head
									gone = append(gone, disturb(gitlab, page, c.added, c.retried)...)
								}
							})
							checkMoved(t, fmt.Sprintf("pages of %d", size), got, l.rows, gone)
						}
					})
				}
			}
		}
	}
}

// disturb adds jobs to pipeline 12 and retries some of its first, and returns those that were
// retried.
func disturb(gitlab *fakegitlab.Server, page, added, retried int) (gone []string) {
	for i := range retried {
		id := int64(134 - page*retried - i)
		gitlab.ChangeJob(id, func(j *fakegitlab.Job) { j.Retried = true })
		gone = append(gone, fmt.Sprint(id))
	}
	for range added {
		gitlab.AddJob(12, fakegitlab.Job{Name: "pending while deleting"})
	}
	return gone
}

// TestScanBudgetsCutPagesShortAndLoseNothing pages through 1,250 jobs, of which one page looks at
// 1,000.
func TestScanBudgetsCutPagesShortAndLoseNothing(t *testing.T) {
	found := []list{
		{"a name", "Project/7", `... on Project { rows: jobs(filter: {name: "unit 1/1000"}, %s)`, "databaseId", []string{"70001"}, true},
		{"a name at the other end", "Project/7", `... on Project { rows: jobs(filter: {name: "unit 250/250"}, %s)`, "databaseId", []string{"71250"}, true},
		{"a pattern", "Project/7", `... on Project { rows: jobs(filter: {namePattern: "unit ?00/*"}, %s)`, "databaseId", strings.Fields("71200 71100 70900 70800 70700 70600 70500 70400 70300 70200 70100"), true},
		{"a ref that GitLab 17 does not select", "Project/7", `... on Project { rows: jobs(ref: "main", filter: {namePattern: "unit ?01/*"}, %s)`, "databaseId", strings.Fields("70901 70801 70701 70601 70501 70401 70301 70201 70101"), true},
		{"a pipeline's jobs", "Project/7/Pipeline/70", `... on Pipeline { rows: jobs(filter: {namePattern: "unit ?/1000"}, %s)`, "databaseId", strings.Fields("70009 70008 70007 70006 70005 70004 70003 70002 70001"), true},
	}
	for release, r := range releases() {
		g := harness.Start(t, harness.Simulator(r))
		for _, l := range found {
			for direction, backward := range directions() {
				t.Run(strings.Join([]string{release, l.name, direction}, "/"), func(t *testing.T) {
					t.Parallel()
					for _, size := range []int{3, 100} {
						if got := l.walk(t, g, size, backward, nil); !slices.Equal(got, l.rows) {
							t.Errorf("pages of %d: got %v, want %v", size, got, l.rows)
						}
					}
				})
			}
		}
	}
}

// checkMoved fails for rows out of order or twice, and for rows that were there all the time and
// are missing.
func checkMoved(t *testing.T, what string, got, rows, gone []string) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		if number(got[i-1]) <= number(got[i]) {
			t.Errorf("%s: %s stands before %s", what, got[i-1], got[i])
		}
	}
	for _, row := range rows {
		if !slices.Contains(got, row) && !slices.Contains(gone, row) {
			t.Errorf("%s: %s is missing in %v", what, row, got)
		}
	}
}

func number(key string) (n int) {
	_, _ = fmt.Sscan(key, &n)
	return n
}
