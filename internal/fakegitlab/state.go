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

// reached reports whether a planned moment has come.
func reached(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// statusAt returns the job's status at a moment. Nothing is stored: it follows from the job's plan
// and the clock.
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

// queuedDuration is how long the job has been waiting for a runner, or waited; ok is false before
// it was queued.
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

// statusAt returns the pipeline's status: that which was pinned, or GitLab's composite of its jobs'
// latest attempts.
func (pl *pipeline) statusAt(now time.Time) Status {
	if pl.Status != "" {
		return pl.Status
	}
	seen := map[Status]bool{}
	for _, j := range pl.jobs {
		if !j.Retried {
			seen[j.contribution(now)] = true
		}
	}
	return composite(seen)
}

// What jobs that are allowed to fail add to a composite in place of their status.
const (
	successWithWarnings Status = "success_with_warnings" // they failed or were canceled
	ignored             Status = "ignored"               // they wait for somebody
)

// contribution is what a job adds to the composite status of its pipeline.
func (j *job) contribution(now time.Time) Status {
	switch s := j.statusAt(now); {
	case j.AllowFailure && (s == Failed || s == Canceled):
		return successWithWarnings
	case j.AllowFailure && s == Manual:
		return ignored
	default:
		return s
	}
}

// composites are the rules of GitLab's Ci::Status::Composite in its order. Those with only come
// first: nothing but these statuses was seen.
var composites = []struct {
	only, any []Status
	result    Status
}{
	{only: []Status{Skipped, ignored}, result: Skipped},
	{only: []Status{Success, Skipped, successWithWarnings, ignored}, result: Success},
	{only: []Status{Created, successWithWarnings, ignored}, result: Created},
	{only: []Status{Preparing, successWithWarnings, ignored}, result: Preparing},
	{only: []Status{Canceled, Success, Skipped, successWithWarnings, ignored}, result: Canceled},
	{only: []Status{Pending, Created, Skipped, successWithWarnings, ignored}, result: Pending},
	{any: []Status{Running, Pending}, result: Running},
	{any: []Status{WaitingForResource}, result: WaitingForResource},
	{any: []Status{WaitingForCallback}, result: WaitingForCallback},
	{any: []Status{Manual}, result: Manual},
	{any: []Status{Scheduled}, result: Scheduled},
	{any: []Status{Preparing}, result: Preparing},
	{any: []Status{Created}, result: Running},
	{any: []Status{Canceling}, result: Canceling},
}

// composite returns the status of a pipeline whose jobs contribute these. A pipeline without jobs
// is created.
func composite(seen map[Status]bool) Status {
	if len(seen) == 0 {
		return Created
	}
	for _, rule := range composites {
		known := 0
		for _, s := range append(rule.only, rule.any...) {
			if seen[s] {
				known++
			}
		}
		if rule.any != nil && known > 0 || rule.only != nil && known == len(seen) {
			return rule.result
		}
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
