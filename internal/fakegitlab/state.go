package fakegitlab

import (
	"slices"
	"time"
)

// statuses are all statuses, in the order of GitLab's source.
var statuses = []Status{
	Created, WaitingForResource, Preparing, WaitingForCallback, Pending, Running, Success, Failed,
	Canceling, Canceled, Skipped, Manual, Scheduled,
}

// isActive reports whether GitLab counts the status as active: the job waits to run, or runs.
func isActive(s Status) bool {
	return slices.Contains([]Status{WaitingForResource, Preparing, WaitingForCallback, Pending, Running}, s)
}

// isCompleted reports whether the status is final, unless a user retries or plays the job.
func isCompleted(s Status) bool { return s == Success || s == Failed || s == Canceled || s == Skipped }

// isExecuting reports whether a job with this status is on a runner.
func isExecuting(s Status) bool { return s == Running || s == Canceling }

// reached reports whether a planned time has come.
func reached(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// statusAt returns the job's status at a time, computed from the job's plan.
func (j *job) statusAt(now time.Time) Status {
	s := j.Status
	if s == Created && (j.Outcome == Skipped || j.Outcome == Manual) && reached(j.FinishedAt, now) {
		return j.Outcome // the earlier stages have ended
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

// settle stores the current status and returns it. It is called before the job's plan changes.
func (j *job) settle(now time.Time) Status {
	j.Status = j.statusAt(now)
	return j.Status
}

// started returns when the job began to run, or zero if it has not.
func (j *job) started(now time.Time) time.Time { return past(j.StartedAt, now) }

// finished returns when the job ended, or zero if it has not. It is always zero for a skipped job.
func (j *job) finished(now time.Time) time.Time {
	if s := j.statusAt(now); !isCompleted(s) || s == Skipped {
		return time.Time{}
	}
	return past(j.FinishedAt, now)
}

// past returns t, or zero if t is after now.
func past(t, now time.Time) time.Time {
	if reached(t, now) {
		return t
	}
	return time.Time{}
}

// duration returns how long the job has been running, or ran. ok is false before it started.
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

// queuedDuration returns how long the job has been waiting for a runner, or waited. ok is false
// before it was queued.
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

// archive returns the artifacts archive, unless there is none or it has expired.
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

// artifacts returns the artifacts that the job has uploaded: none before its end or after its
// erasure.
func (j *job) artifacts(now time.Time) []Artifact {
	if !isCompleted(j.statusAt(now)) || !j.ErasedAt.IsZero() {
		return nil
	}
	return j.Artifacts
}

// statusAt returns the pipeline's status: the fixed one, or GitLab's composite status of the latest
// attempts of its jobs.
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

// The statuses with which a job that is allowed to fail counts in a composite status.
const (
	successWithWarnings Status = "success_with_warnings" // the job failed or was canceled
	ignored             Status = "ignored"               // the job is manual
)

// contribution returns the status with which a job counts in the composite status of its pipeline.
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

// composites are the rules of GitLab's Ci::Status::Composite, in its order. A rule with only
// applies if all jobs have one of its statuses, and a rule with any if at least one job does.
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

// composite returns the status of a pipeline from the statuses of its jobs. A pipeline without jobs
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

// span returns the start of the first job and the end of the last one. start is zero if no job has
// started, and end if the pipeline has not completed.
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

// updatedAt returns the time of the latest event of the pipeline and its jobs.
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
