package fakegitlab

import (
	"slices"
	"time"
)

const (
	pickUp      = 3 * time.Second  // how long a pending job waits for a runner
	afterScript = 15 * time.Second // how long a graceful cancel lasts
)

// cancel is the state machine's event "cancel": it does not change a job that has completed or is
// being canceled.
func (j *job) cancel(now time.Time) {
	switch s := j.settle(now); {
	case s == Running && j.RunnerManager.cancelsGracefully():
		j.pinLog(now)
		j.Status, j.FinishedAt = Canceling, now.Add(afterScript)
	case isActive(s), s == Created, s == Scheduled, s == Manual:
		j.end(now)
	}
}

// forceCancel ends a job that is being canceled. It changes no other job.
func (j *job) forceCancel(now time.Time) {
	if j.settle(now) == Canceling {
		j.end(now)
	}
}

// end makes the job canceled at once, without artifacts.
func (j *job) end(now time.Time) {
	j.pinLog(now)
	j.Status, j.FinishedAt = Canceled, now
	j.StartedAt, j.QueuedAt = past(j.StartedAt, now), past(j.QueuedAt, now)
	j.Artifacts, j.ArtifactsExpireAt = nil, time.Time{}
	j.pipeline.Status = ""
}

// retryable reports whether a new attempt may be made. An archived job cannot be retried.
func (j *job) retryable(now time.Time) bool {
	s := j.statusAt(now)
	if j.Retried || j.Archived || !slices.Contains([]Status{Success, Failed, Canceled, Canceling}, s) {
		return false
	}
	if s != Failed {
		return true
	}
	if j.bridge {
		return j.FailureReason != "pipeline_loop_detected" && j.FailureReason != "reached_max_descendant_pipelines_depth"
	}
	return j.FailureReason != "deployment_rejected"
}

// nextAttempt returns the job that a retry creates: it has the old job's definition and nothing of
// its execution.
func (j *job) nextAttempt(now time.Time, by *User) Job {
	took, ran := j.duration(now)
	if !ran {
		took = time.Minute
	}
	next := j.Job
	next.User, next.Retried, next.Archived = by, false, false
	next.Status, next.Outcome, next.FailureReason = Pending, Success, ""
	next.CreatedAt, next.QueuedAt, next.StartedAt = now, now, now.Add(pickUp)
	next.FinishedAt, next.ErasedAt = next.StartedAt.Add(took), time.Time{}
	next.Log = Log{Tool: j.Log.Tool, Plain: j.Log.Plain}
	if !j.ArtifactsExpireAt.IsZero() {
		next.ArtifactsExpireAt = next.FinishedAt.AddDate(0, 0, 14)
	}
	return next
}

// resume schedules the skipped jobs of later stages to run after the new attempt, stage by stage.
// Manual jobs among them become manual when their stage begins.
func (pl *pipeline) resume(attempt *job, now time.Time) {
	stages := pl.stages()
	ready := attempt.FinishedAt
	for _, stage := range stages[slices.Index(stages, attempt.Stage)+1:] {
		end := ready
		for _, j := range pl.jobs {
			if j.Stage != stage || j.settle(now) != Skipped {
				continue
			}
			j.Status, j.Outcome = Created, Success
			if j.When == WhenManual {
				j.Outcome, j.QueuedAt, j.StartedAt, j.FinishedAt = Manual, time.Time{}, time.Time{}, ready
				continue
			}
			j.QueuedAt = ready
			j.StartedAt = j.QueuedAt.Add(pickUp)
			j.FinishedAt = j.StartedAt.Add(time.Minute)
			end = later(end, j.FinishedAt)
		}
		ready = end
	}
}

// stages returns the names of the pipeline's stages in order.
func (pl *pipeline) stages() []string {
	var order []string
	for _, j := range pl.jobs {
		if !slices.Contains(order, j.Stage) {
			order = append(order, j.Stage)
		}
	}
	return order
}

// erasable reports whether the job has completed and has artifacts or a log to erase.
func (j *job) erasable(now time.Time) bool {
	return isCompleted(j.statusAt(now)) && (len(j.artifacts(now)) > 0 || j.log(now, 0).Size() > 0)
}

// erase removes the artifacts and the log, and keeps the status.
func (j *job) erase(now time.Time) {
	j.settle(now)
	j.Artifacts, j.ArtifactsExpireAt, j.ErasedAt = nil, time.Time{}, now
	j.traceSize.Store(0)
}

// playable reports whether the job is manual or delayed and either has not started yet or can be
// retried. A bridge can be played only while it is manual.
func (j *job) playable(now time.Time) bool {
	s := j.statusAt(now)
	switch {
	case j.Archived:
		return false
	case j.bridge:
		return j.When == WhenManual && s == Manual
	case j.When == WhenManual, j.When == WhenDelayed:
		return s == Manual || s == Scheduled || j.retryable(now)
	}
	return false
}

// play queues a manual or delayed job.
func (j *job) play(now time.Time, by *User) {
	j.Status, j.Outcome, j.User = Pending, Success, by
	if j.ResourceGroup != "" {
		j.Status = WaitingForResource
	}
	j.QueuedAt = now
	j.StartedAt = now.Add(pickUp)
	j.FinishedAt = j.StartedAt.Add(time.Minute)
	j.pipeline.Status = ""
}
