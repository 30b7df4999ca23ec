package fakegitlab

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// changeLog finds the status changes between two points in time. It stores the statuses seen last:
// a status follows from a job's plan and the clock, so nothing else stores an earlier one.
type changeLog struct {
	at        time.Time
	jobs      map[int64]Status
	pipelines map[int64]Status
	events    int64 // the number of events so far, from which their IDs are made
}

func newChangeLog(w *world, now time.Time) *changeLog {
	c := &changeLog{at: now, jobs: map[int64]Status{}, pipelines: map[int64]Status{}}
	for id, j := range w.jobs {
		c.jobs[id] = j.statusAt(now)
	}
	for id, pl := range w.pipelines {
		c.pipelines[id] = pl.statusAt(now)
	}
	return c
}

// change is a job's or bridge's change to another status.
type change struct {
	at     time.Time
	job    *job
	status Status
}

// since returns all changes from the previous call to now, in the order in which they happened, and
// drops the statuses of removed jobs and pipelines.
func (c *changeLog) since(w *world, now time.Time) []change {
	var steps []change
	for id, j := range w.jobs {
		before, known := c.jobs[id]
		status := j.statusAt(now)
		if known && before == status {
			continue
		}
		steps = append(steps, c.steps(j, before, status, now)...)
		c.jobs[id] = status
	}
	forget(c.jobs, w.jobs)
	forget(c.pipelines, w.pipelines)
	slices.SortFunc(steps, func(a, b change) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.job.id, b.job.id))
	})
	c.at = now
	return steps
}

// forget drops the statuses of rows that no longer exist.
func forget[T any](remembered map[int64]Status, rows map[int64]T) {
	if len(remembered) <= len(rows) {
		return
	}
	for id := range remembered {
		if _, there := rows[id]; !there {
			delete(remembered, id)
		}
	}
}

// steps returns a job's changes from one status to another, including the statuses that its plan
// passed through in between.
func (c *changeLog) steps(j *job, from, to Status, now time.Time) []change {
	moments := []time.Time{j.CreatedAt, j.QueuedAt, j.StartedAt, j.FinishedAt}
	slices.SortFunc(moments, time.Time.Compare)
	var steps []change
	for _, at := range moments {
		if !at.After(c.at) || at.After(now) {
			continue
		}
		if s := j.statusAt(at); s != from {
			steps, from = append(steps, change{at, j, s}), s
		}
	}
	if from != to {
		steps = append(steps, change{now, j, to})
	}
	return steps
}

// publish sends the changes since the last call to the hooks. The caller holds the write lock.
func (s *Server) publish(now time.Time) {
	if s.changes == nil {
		return
	}
	steps := s.changes.since(s.world, now)
	for len(steps) > 0 {
		end := slices.IndexFunc(steps, func(c change) bool { return !c.at.Equal(steps[0].at) })
		if end < 0 {
			end = len(steps)
		}
		s.publishMoment(steps[:end])
		steps = steps[end:]
	}
}

// publishMoment sends the job changes of one point in time, and then the resulting changes of their
// pipelines. Bridges have no events of their own.
func (s *Server) publishMoment(steps []change) {
	var pipelines []*pipeline
	for _, c := range steps {
		pl := c.job.pipeline
		if !slices.Contains(pipelines, pl) {
			pipelines = append(pipelines, pl)
		}
		if c.job.bridge {
			continue
		}
		e := HookEvent{
			Event: JobHook, ProjectID: pl.project.id, PipelineID: pl.id, JobID: c.job.id, Status: c.status, At: c.at,
		}
		s.emit(e, func() []byte { return mustJSON(s.jobEvent(c)) })
	}
	for _, pl := range pipelines {
		before, known := s.changes.pipelines[pl.id]
		status := pl.statusAt(steps[0].at)
		s.changes.pipelines[pl.id] = status
		if known && before == status || !known && status == Created {
			continue
		}
		e := HookEvent{Event: PipelineHook, ProjectID: pl.project.id, PipelineID: pl.id, Status: status, At: steps[0].at}
		s.emit(e, func() []byte { return mustJSON(s.pipelineEvent(pl, steps[0].at)) })
	}
}

// emit enqueues an event for the hooks of its project. The body is only made if there is such a
// hook.
func (s *Server) emit(e HookEvent, body func() []byte) {
	s.changes.events++
	for _, w := range s.hooks {
		if w.hook.Project != 0 && w.hook.Project != e.ProjectID {
			continue
		}
		if e.Body == nil {
			e.ID, e.Body = fakeUUID(fmt.Sprint("event ", s.changes.events)), body()
		}
		w.enqueue(e)
	}
}

// Step makes the changes that are due by the instance's clock, and sends them to the hooks.
// Requests see the current state without a Step. Hooks need one for changes that follow from the
// clock alone.
func (s *Server) Step() {
	_, unlock := s.lock(true)
	unlock()
}

// Run calls Step once per interval every, until ctx ends.
func (s *Server) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.Step()
		case <-ctx.Done():
			return
		}
	}
}
