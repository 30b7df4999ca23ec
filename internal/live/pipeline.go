package live

import (
	"context"
	"strconv"

	"jobgraph/restclient"
)

func projectID(number int64) restclient.ProjectID {
	return restclient.ProjectID(strconv.FormatInt(number, 10))
}

// jobList is what a pipeline's and a project's content have in common.
type jobList struct {
	watch   *watch
	version int64   // grows with every change
	entries []entry // replaced as a whole, never changed
	pages   []page  // the last read of the list
	seen    view
	size    int64
}

func (l *jobList) view() view   { return l.seen }
func (l *jobList) bytes() int64 { return l.size }
func (l *jobList) close()       {}

func (l *jobList) reading() *reading {
	w := l.watch
	return &reading{engine: w.topic.engine, credential: w.account.credential, known: [2][]entry{l.entries, w.topic.latest}}
}

// set takes in the entries after a read.
func (l *jobList) set(entries []entry) {
	l.entries, l.seen = entries, viewOf(entries)
	l.size = bytesOf(entries, l.watch.topic.latest)
	l.watch.topic.latest = entries
}

// pipelineContent is a pipeline with the jobs and trigger jobs that subscriptions need.
type pipelineContent struct {
	jobList
	pipeline *restclient.Pipeline
	changed  int64 // the version in which the pipeline itself changed last
	listed   bool  // the list of jobs was read
	bridged  bool  // the list of trigger jobs was read
	whole    *restclient.Response
}

// pipelinePlan is what one read of a pipeline fetches.
type pipelinePlan struct {
	*reading
	project, pipeline int64
	jobs, bridges     bool
	singles           []int64 // jobs that are read by themselves
	whole             bool    // the pipeline by itself, if no job contains it
}

// pipelineRead is the result of one read of a pipeline.
type pipelineRead struct {
	jobs, bridges []page
	singles       []*Item
	whole         *restclient.Response
	pipeline      *restclient.Pipeline
}

// plan reads the list if subscriptions, with any credential, need more than one job, and the one
// job otherwise. Trigger jobs come with a pipeline when it is made: where there are none at first,
// there will be none.
func (c *pipelineContent) plan() read {
	t := c.watch.topic
	p := pipelinePlan{reading: c.reading(), project: t.key.Project, pipeline: t.key.ID}
	bridgeWanted := t.whole > 0 || t.bridges > 0
	for id := range t.wanted {
		e, known := find(c.entries, id)
		if known && e.item.Job != nil && !isFinished(e.item.status) &&
			(len(t.wanted) == 1 && t.whole == 0 || c.listed && !e.listed) && len(p.singles) < maxSingles {
			p.singles = append(p.singles, id)
		}
	}
	p.jobs = t.whole > 0 || len(t.wanted) > 1 || len(p.singles) == 0 && !bridgeWanted
	p.bridges = bridgeWanted && (!c.bridged || c.hasBridges())
	p.whole = t.whole > 0 && c.pipeline == nil || c.whole != nil
	return func(ctx context.Context) (func() change, error) {
		r, err := p.run(ctx)
		if err != nil {
			return nil, err
		}
		return func() change { return c.apply(&p, r) }, nil
	}
}

func (c *pipelineContent) hasBridges() bool {
	for _, e := range c.entries {
		if e.item.Bridge != nil {
			return true
		}
	}
	return false
}

func (p *pipelinePlan) run(ctx context.Context) (r *pipelineRead, err error) {
	r = &pipelineRead{}
	if p.jobs {
		if r.jobs, err = p.list(ctx, func(n int) string { return jobsPath(p.project, p.pipeline, n) }, false); err != nil {
			return nil, err
		}
	}
	if p.bridges {
		path := func(n int) string { return bridgesPath(p.project, p.pipeline, n) }
		if r.bridges, err = p.list(ctx, path, true); err != nil {
			return nil, err
		}
	}
	for _, id := range p.singles {
		item, err := p.single(ctx, p.project, id)
		if err != nil {
			return nil, err
		}
		r.singles = append(r.singles, item)
	}
	r.pipeline = r.stub()
	if r.pipeline == nil && p.whole {
		r.whole, err = p.engine.fetch(ctx, p.credential, restclient.SinglePipeline(projectID(p.project), p.pipeline).Path())
		if err != nil {
			return nil, err
		}
		whole, err := restclient.Decode[restclient.Pipeline](r.whole)
		if err != nil {
			return nil, err
		}
		r.pipeline = &whole
	}
	return r, nil
}

// stub returns the pipeline inside the first row that was read: what was read later is at least as
// new.
func (r *pipelineRead) stub() *restclient.Pipeline {
	for _, rows := range [][]*Item{rowsOf(r.jobs), rowsOf(r.bridges), r.singles} {
		if len(rows) > 0 && rows[0].stub != nil {
			return rows[0].stub
		}
	}
	return nil
}

func jobsPath(project, pipeline int64, page int) string {
	return restclient.PipelineJobs(projectID(project), pipeline,
		restclient.PipelineJobsOptions{Page: page, PerPage: 100}).Path()
}

func bridgesPath(project, pipeline int64, page int) string {
	return restclient.PipelineBridges(projectID(project), pipeline,
		restclient.BridgesOptions{Page: page, PerPage: 100}).Path()
}

// apply adds the result of a read.
func (c *pipelineContent) apply(p *pipelinePlan, r *pipelineRead) change {
	next := c.version + 1
	t := c.watch.topic
	keepUnlisted := func(e entry) bool {
		listRead := p.jobs && e.item.Job != nil || p.bridges && e.item.Bridge != nil
		return !listRead || t.wanted[e.item.id] > 0
	}
	entries, changed := c.entries, []int64(nil)
	if p.jobs || p.bridges {
		rows := append(rowsOf(r.jobs), rowsOf(r.bridges)...)
		entries, changed = merge(c.entries, rows, true, next, keepUnlisted)
		entries = relist(entries, c.entries, p)
		c.listed, c.bridged = c.listed || p.jobs, c.bridged || p.bridges
		if p.jobs {
			c.pages = r.jobs
		}
		if p.bridges {
			c.pages = append(c.pages, r.bridges...)
		}
	}
	if len(r.singles) > 0 {
		var alone []int64
		entries, alone = merge(entries, r.singles, false, next, func(entry) bool { return true })
		changed = append(changed, alone...)
		if !c.listed {
			for i := range entries {
				entries[i].listed = true // nothing else is known: what there is, is all that is seen
			}
		}
	}
	if r.whole != nil {
		c.whole = r.whole
	}
	moved := c.move(r.pipeline, next)
	c.set(entries)
	if moved || len(changed) > 0 {
		c.version = next
	}
	return change{any: moved || len(changed) > 0, jobs: changed}
}

// relist keeps the mark of rows whose list was not read this time.
func relist(entries, before []entry, p *pipelinePlan) []entry {
	for i := range entries {
		read := p.jobs && entries[i].item.Job != nil || p.bridges && entries[i].item.Bridge != nil
		if e, known := find(before, entries[i].item.id); known && !read {
			entries[i].listed = e.listed
		}
	}
	return entries
}

// move updates the pipeline's own state, unless the new one is older.
func (c *pipelineContent) move(p *restclient.Pipeline, next int64) bool {
	if p == nil {
		return false
	}
	if before := c.pipeline; before != nil {
		if before.UpdatedAt != nil && p.UpdatedAt != nil && isBefore(*p.UpdatedAt, *before.UpdatedAt) {
			return false
		}
		if before.Status == p.Status {
			c.pipeline = p
			return false
		}
	}
	c.pipeline, c.changed = p, next
	return true
}

func isBefore(a, b restclient.Time) bool {
	x, err1 := a.Time()
	y, err2 := b.Time()
	return err1 == nil && err2 == nil && x.Before(y)
}

// wants reports whether a change concerns a subscription with this credential.
func (c *pipelineContent) wants(ch change) bool {
	for s := range c.watch.subscriptions {
		switch v := s.feed.(type) {
		case *pipelineFeed:
			return true
		case *jobFeed:
			for _, id := range ch.jobs {
				if id == v.job {
					return true
				}
			}
		}
	}
	return false
}
