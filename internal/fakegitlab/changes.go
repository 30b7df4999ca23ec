package fakegitlab

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// changeLog finds the changes of status since it last looked. Nothing else stores what a status was
// before: it follows from plans and the clock.
type changeLog struct {
	at        time.Time
	jobs      map[int64]Status
	pipelines map[int64]Status
	events    int64 // so far: they number the events' IDs
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

// change is a job's or bridge's step to another status.
type change struct {
	at     time.Time
	job    *job
	status Status
}

// since returns all steps from the last look to now, in the order in which they happened, and
// forgets what is gone.
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

// forget drops what a map remembers of rows that are gone.
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

// steps returns a job's way from one status to another: through those that its plan passed
// meanwhile.
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

// publish sends what has changed to the hooks. The world is locked for writing.
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

// publishMoment sends the jobs' changes of one moment, and what became of their pipelines through
// them. Bridges send no events of their own.
func (s *Server) publishMoment(steps []change) {
	var pipelines []*pipeline
	for _, c := range steps {
		pl := c.job.pipeline
		if !slices.Contains(pipelines, pl) {
			pipelines = append(pipelines, pl)
		}
		if !c.job.bridge {
			e := HookEvent{Event: JobHook, ProjectID: pl.project.id, PipelineID: pl.id, JobID: c.job.id, Status: c.status, At: c.at}
			s.emit(e, func() []byte { return mustJSON(s.jobEvent(c)) })
		}
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

// emit gives an event to the hooks that are about its project; its body is made only if there is
// one.
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

// Step makes everything happen that is due by the instance's clock, and sends it to the hooks.
// Requests see the current state without a Step; hooks need one, because no request triggers them.
func (s *Server) Step() {
	_, unlock := s.lock(true)
	unlock()
}

// Run steps the instance until ctx ends, as often as every says.
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
