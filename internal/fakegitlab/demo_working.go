package fakegitlab

import (
	"slices"
	"time"
)

const (
	// workInterval is the time between the starts of two pipelines in WorkingDemo. Every other
	// pipeline is in the first project, so that it changes within seconds.
	workInterval = 12 * time.Second
	// workPace is how much faster jobs run than in the company's history, so that a viewer sees
	// them end.
	workPace = 8
	// workKept is how long pipelines are kept that began after the start.
	workKept = 2 * time.Hour
	// tidyInterval is how often older pipelines are removed and runners make contact.
	tidyInterval = 15 * time.Minute
)

// WorkingDemo is Demo with ongoing activity: pipelines begin, and jobs queue, run, fail and are
// retried or canceled, for as long as the clock goes on. The activity depends on the clock alone,
// so it is the same each time. Pipelines that began after the start are removed after two hours.
// The history that Demo made stays, with the same IDs.
func WorkingDemo(b *Builder) {
	d := newDemo(b)
	d.pace = workPace
	d.keepWorking(b.now.Add(time.Second), 0)
	d.keepTidy(b.now.Add(tidyInterval), d.fleet.inContact(b.now))
}

// keepWorking schedules the nth pipeline for time at, and the next ones after it.
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

// keepTidy removes old pipelines at regular intervals, and keeps the contact of the online machines
// up to date.
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

// inContact returns the machines whose runner and manager have made contact recently.
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

// retryLater schedules a retry of a job that is planned to fail, unless the job cannot be retried
// at that time.
func (d *demo) retryLater(id int64, at time.Time) {
	d.whenDue(at, func() {
		if j := d.b.world.jobs[id]; j != nil && j.retryable(at) {
			d.b.retry(j, j.User)
		}
	})
}

// cancelLater schedules the cancellation of the jobs of a pipeline that have not ended by then.
func (d *demo) cancelLater(pl *pipeline, at time.Time) {
	d.whenDue(at, func() {
		for _, j := range pl.jobs {
			if !isCompleted(j.statusAt(at)) {
				j.cancel(at)
			}
		}
	})
}
