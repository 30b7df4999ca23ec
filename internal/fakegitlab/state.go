package fakegitlab

import (
	"slices"
	"time"
)

// statuses lists every status, in the order of GitLab's source.
var statuses = []Status{Created, WaitingForResource, Preparing, WaitingForCallback, Pending, Running, Success, Failed,
	Canceling, Canceled, Skipped, Manual, Scheduled}

// isActive: on the way to a result.
func isActive(s Status) bool {
	return slices.Contains([]Status{WaitingForResource, Preparing, WaitingForCallback, Pending, Running}, s)
}

// isCompleted: nothing will change any more, unless somebody acts.
func isCompleted(s Status) bool { return s == Success || s == Failed || s == Canceled || s == Skipped }

// isExecuting: on a runner right now.
func isExecuting(s Status) bool { return s == Running || s == Canceling }

// reached tells whether a planned moment has come.
func reached(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// statusAt is the job's status at a moment. Nothing is stored: a job's plan and the clock say it all.
func (j *job) statusAt(now time.Time) Status {
	s := j.Status
	if s == Created && (j.Outcome == Skipped || j.Outcome == Manual) && reached(j.FinishedAt, now) {
		return j.Outcome // it waited for earlier stages, to no effect of its own
	}
	if (s == Created || s == Scheduled) && reached(j.QueuedAt, now) {
		s = Pending
	}
	if (s == Pending || s == WaitingForResource || s == Preparing) && reached(j.StartedAt, now) {
		s = Running
	}
	switch {
	case s == Running && reached(j.FinishedAt, now):
		return j.Outcome
	case s == Canceling && reached(j.FinishedAt, now):
		return Canceled
	}
	return s
}

// settle makes the status of this moment the stored one, before something else changes it.
func (j *job) settle(now time.Time) Status {
	j.Status = j.statusAt(now)
	return j.Status
}

// started is when the job began to run; zero if it has not.
func (j *job) started(now time.Time) time.Time { return past(j.StartedAt, now) }

// finished is when the job ended; zero if it has not. A skipped job never does.
func (j *job) finished(now time.Time) time.Time {
	if s := j.statusAt(now); !isCompleted(s) || s == Skipped {
		return time.Time{}
	}
	return past(j.FinishedAt, now)
}

func past(t, now time.Time) time.Time {
	if reached(t, now) {
		return t
	}
	return time.Time{}
}

// duration is how long the job has been running, or ran; ok is false before it started.
func (j *job) duration(now time.Time) (d time.Duration, ok bool) {
	start, end := j.started(now), j.finished(now)
	if start.IsZero() {
		return 0, false
	}
	if end.IsZero() {
		end = now
	}
	return end.Sub(start), true
}

// queuedDuration is how long the job has been waiting for a runner, or waited; ok is false before it was queued.
func (j *job) queuedDuration(now time.Time) (d time.Duration, ok bool) {
	if !reached(j.QueuedAt, now) {
		return 0, false
	}
	end := j.started(now)
	if end.IsZero() {
		end = j.finished(now)
	}
	if end.IsZero() {
		end = now
	}
	return max(0, end.Sub(j.QueuedAt)), true
}

// archive is the artifacts archive, if it can still be had.
func (j *job) archive(now time.Time) (Artifact, bool) {
	if reached(j.ArtifactsExpireAt, now) {
		return Artifact{}, false
	}
	for _, a := range j.artifacts(now) {
		if a.FileType == "archive" {
			return a, true
		}
	}
	return Artifact{}, false
}

// artifacts are those that the job has uploaded so far: it does so when it ends.
func (j *job) artifacts(now time.Time) []Artifact {
	if !isCompleted(j.statusAt(now)) || !j.ErasedAt.IsZero() {
		return nil
	}
	return j.Artifacts
}

// statusAt is the pipeline's status: that which was pinned, or GitLab's composite of its jobs' latest attempts.
func (pl *pipeline) statusAt(now time.Time) Status {
	if pl.Status != "" {
		return pl.Status
	}
	seen := map[Status]bool{}
	for _, j := range pl.jobs {
		if j.Retried {
			continue
		}
		s := j.statusAt(now)
		if j.AllowFailure && (s == Failed || s == Canceled || s == Manual) {
			s = Skipped // it holds nothing up
		}
		seen[s] = true
	}
	return composite(seen)
}

// composite follows the order of GitLab's Ci::Status::Composite.
func composite(seen map[Status]bool) Status {
	only := func(allowed ...Status) bool {
		for s := range seen {
			if !slices.Contains(allowed, s) {
				return false
			}
		}
		return true
	}
	switch {
	case len(seen) == 0:
		return Created
	case only(Skipped):
		return Skipped
	case only(Success, Skipped):
		return Success
	case only(Created, Skipped):
		return Created
	case only(Canceled, Success, Skipped):
		return Canceled
	case only(Pending, Created, Skipped):
		return Pending
	case seen[Running] || seen[Pending]:
		return Running
	}
	for _, s := range []Status{Canceling, WaitingForResource, Manual, Scheduled, Preparing} {
		if seen[s] {
			return s
		}
	}
	if seen[Created] {
		return Running
	}
	return Failed
}

// span is the time from the first job's start to the last one's end, as far as they have come.
func (pl *pipeline) span(now time.Time) (start, end time.Time) {
	for _, j := range pl.jobs {
		if s := j.started(now); !s.IsZero() && (start.IsZero() || s.Before(start)) {
			start = s
		}
		if f := j.finished(now); f.After(end) {
			end = f
		}
	}
	if !isCompleted(pl.statusAt(now)) {
		end = time.Time{}
	}
	return start, end
}

// updatedAt is the last change that the pipeline has seen.
func (pl *pipeline) updatedAt(now time.Time) time.Time {
	last := pl.CreatedAt
	for _, j := range pl.jobs {
		for _, t := range []time.Time{j.CreatedAt, j.QueuedAt, j.StartedAt, j.FinishedAt, j.ErasedAt} {
			if reached(t, now) && t.After(last) {
				last = t
			}
		}
	}
	return last
}
