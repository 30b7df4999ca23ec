package live

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"jobgraph/restclient"
)

const (
	projectWindow = 100 // the newest jobs that a project's subscription covers
	maxTracked    = 500 // jobs that were delivered and have left the window
	leftVersions  = 100 // how long one that has left is kept, for consumers that are slow
)

// joinScope is a set of statuses as part of a key.
func joinScope(scope []string) string {
	sorted := slices.Clone(scope)
	slices.Sort(sorted)
	return strings.Join(slices.Compact(sorted), ",")
}

func newProjectContent(w *watch) content { return &projectContent{jobList: jobList{watch: w}} }

// projectContent is a project's newest jobs that match a filter, and those that did and have not
// finished.
type projectContent struct {
	jobList
	turn int // of those that left the list, which are read next
}

// plan reads the newest jobs, and in turns some of those that have left the list, one by one.
func (c *projectContent) plan() read {
	r, key := c.reading(), c.watch.topic.key
	scope := key.statuses()
	path := restclient.ProjectJobs(projectID(key.Project),
		restclient.JobsOptions{Scope: scope, Ref: key.ref, Keyset: true, PerPage: projectWindow}).Path()
	before, turn := c.entries, c.turn
	return func(ctx context.Context) (func() change, error) {
		p, err := r.page(ctx, path, false)
		if err != nil {
			return nil, err
		}
		p.rows = slices.DeleteFunc(p.rows, func(i *Item) bool { return !onRef(i, key.ref) })
		singles, turn, err := r.left(ctx, key, before, p.rows, turn)
		if err != nil {
			return nil, err
		}
		return func() change { return c.apply(p, singles, turn) }, nil
	}
}

// statuses are those that the topic selects; nil for all.
func (k topicKey) statuses() []string {
	if k.scope == "" {
		return nil
	}
	return strings.Split(k.scope, ",")
}

// tracks reports whether a job that is no longer listed may still change in a way that matters: it
// has neither finished nor left the filter.
func (k topicKey) tracks(i *Item) bool {
	return !isFinished(i.status) && (k.scope == "" || slices.Contains(k.statuses(), i.status))
}

// onRef is for releases that do not select jobs by ref.
func onRef(i *Item, ref string) bool {
	if ref == "" {
		return true
	}
	if i.stub != nil && i.stub.Ref != nil {
		return *i.stub.Ref == ref
	}
	return string(i.Job.Ref) == ref
}

// left reads jobs that were in the list and are no longer.
func (r *reading) left(
	ctx context.Context, key topicKey, before []entry, listed []*Item, turn int,
) (singles []*Item, next int, err error) {
	var gone []int64
	for _, e := range before {
		if key.tracks(e.item) && !slices.ContainsFunc(listed, func(i *Item) bool { return i.id == e.item.id }) {
			gone = append(gone, e.item.id)
		}
	}
	for range min(len(gone), maxSingles) {
		id := gone[turn%len(gone)]
		turn++
		item, err := r.single(ctx, key.Project, id)
		if hasStatus(err, http.StatusNotFound) {
			continue // its pipeline was deleted
		}
		if err != nil {
			return nil, turn, err
		}
		singles = append(singles, item)
	}
	return singles, turn, nil
}

func (c *projectContent) apply(p page, singles []*Item, turn int) change {
	c.turn = turn
	next, unlisted, key := c.version+1, 0, c.watch.topic.key
	entries, changed := merge(c.entries, p.rows, true, next, func(e entry) bool {
		unlisted++
		return unlisted <= maxTracked && (key.tracks(e.item) || c.version-e.changed < leftVersions)
	})
	entries, late := merge(entries, singles, false, next, func(entry) bool { return true })
	changed = append(changed, late...)
	c.pages = []page{p}
	c.set(entries)
	if first := c.version == 0; first || len(changed) > 0 {
		c.version = next
	}
	return change{any: len(changed) > 0, jobs: changed}
}

func (c *projectContent) wants(change) bool { return true }

// projectFeed is a project's newest jobs.
type projectFeed struct{ content *projectContent }

func (f *projectFeed) want(*topic, int) {}

func (f *projectFeed) ready() bool { return f.content.version > 0 }

func (f *projectFeed) next(after int64) (Event, bool, error) {
	c := f.content
	if c.version <= after {
		return Event{}, false, nil
	}
	event := Event{Position: c.version, Brought: brought(c.pages)}
	for _, e := range c.entries {
		if e.changed > after && (e.listed || after > 0) {
			event.Items = append(event.Items, e.item)
		}
	}
	return event, true, nil
}
