package fakegitlab

import (
	"slices"
	"time"
)

const (
	// workInterval is how often a pipeline begins in the company at work: half of them in its first
	// project, so that there is something to see in it within seconds.
	workInterval = 12 * time.Second
	// workPace is how much faster jobs run than in the company's history, for those who watch.
	workPace = 8
	// workKept is how long pipelines are kept that began while the company was at work.
	workKept = 2 * time.Hour
	// tidyInterval is how often older ones go, and runners are heard of.
	tidyInterval = 15 * time.Minute
)

// WorkingDemo is Demo while its people work: pipelines begin, jobs queue, run, fail and are retried
// or canceled, for as long as the clock goes on. What happens follows from the clock alone, so it
// is the same each time. What began since the start goes after two hours; the history that Demo
// wrote stays, with the same IDs.
func WorkingDemo(b *Builder) {
	d := newDemo(b)
	d.pace = workPace
	d.keepWorking(b.now.Add(time.Second), 0)
	d.keepTidy(b.now.Add(tidyInterval), d.fleet.inContact(b.now))
}

// keepWorking begins the nth pipeline at a moment, and the next ones after it.
func (d *demo) keepWorking(at time.Time, n int) {
	d.whenDue(at, func() {
		p := d.catalog[0]
		if n%2 == 1 {
			p = d.catalog[1+d.rand.IntN(5)]
		}
		d.recent = append(d.recent, d.startPipeline(p, at).p)
		d.keepWorking(at.Add(workInterval), n+1)
	})
}

// keepTidy removes what is old enough, and lets the runners that were in contact stay so.
func (d *demo) keepTidy(at time.Time, online []machine) {
	d.whenDue(at, func() {
		old := 0
		gone := map[*pipeline]bool{}
		for old < len(d.recent) && d.recent[old].CreatedAt.Before(at.Add(-workKept)) {
			d.recent[old].collect(gone)
			old++
		}
		d.recent = slices.Delete(d.recent, 0, old)
		d.b.world.removePipelines(gone)
		for _, m := range online {
			m.runner.ContactedAt, m.manager.ContactedAt = at, at
		}
		d.keepTidy(at.Add(tidyInterval), online)
	})
}

// inContact returns the machines whose runner and manager have been heard of lately.
func (f demoFleet) inContact(now time.Time) []machine {
	var online []machine
	for _, tag := range []string{"docker", "kubernetes", "macos-14", "gpu"} {
		for _, m := range f[tag] {
			if now.Sub(m.runner.ContactedAt) < tidyInterval && now.Sub(m.manager.ContactedAt) < tidyInterval {
				online = append(online, m)
			}
		}
	}
	return online
}

// retryLater lets somebody retry a job that will have failed by then, unless somebody else has done
// something about it.
func (d *demo) retryLater(id int64, at time.Time) {
	d.whenDue(at, func() {
		if j := d.b.world.jobs[id]; j != nil && j.retryable(at) {
			d.b.retry(j, j.User)
		}
	})
}

// cancelLater lets somebody cancel what is left of a pipeline by then.
func (d *demo) cancelLater(pl *pipeline, at time.Time) {
	d.whenDue(at, func() {
		for _, j := range pl.jobs {
			if !isCompleted(j.statusAt(at)) {
				j.cancel(at)
			}
		}
	})
}
