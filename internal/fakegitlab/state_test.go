package fakegitlab_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// TestACompositeStatusFollowsGitLabsRules compares the statuses of pipelines with those that
// lib/gitlab/ci/status/composite.rb defines, worked out by hand. An exclamation mark is a job that
// is allowed to fail.
func TestACompositeStatusFollowsGitLabsRules(t *testing.T) {
	for jobs, want := range map[string]string{
		"":                                    "created",
		"skipped":                             "skipped",
		"manual!":                             "skipped",
		"skipped manual!":                     "skipped",
		"failed!":                             "success",
		"canceled!":                           "success",
		"success skipped":                     "success",
		"failed! manual!":                     "success",
		"created":                             "created",
		"created failed!":                     "created",
		"created manual!":                     "created",
		"created skipped":                     "pending",
		"created success":                     "running",
		"preparing":                           "preparing",
		"preparing failed!":                   "preparing",
		"preparing success":                   "preparing",
		"preparing skipped":                   "preparing",
		"preparing created":                   "preparing",
		"canceled":                            "canceled",
		"canceled success":                    "canceled",
		"canceled failed":                     "failed",
		"canceled created":                    "running",
		"pending":                             "pending",
		"pending created":                     "pending",
		"pending skipped":                     "pending",
		"pending created failed!":             "pending",
		"pending success":                     "running",
		"pending success created":             "running",
		"pending manual":                      "running",
		"pending canceling":                   "running",
		"running canceling":                   "running",
		"running manual":                      "running",
		"waiting_for_resource":                "waiting_for_resource",
		"waiting_for_resource failed created": "waiting_for_resource",
		"waiting_for_callback manual":         "waiting_for_callback",
		"manual success":                      "manual",
		"manual failed":                       "manual",
		"manual created":                      "manual",
		"manual scheduled":                    "manual",
		"scheduled success":                   "scheduled",
		"scheduled preparing":                 "scheduled",
		"canceling":                           "canceling",
		"canceling success":                   "canceling",
		"canceling failed":                    "canceling",
		"canceling created":                   "running",
		"canceling preparing":                 "preparing",
		"failed":                              "failed",
		"failed success":                      "failed",
		"failed created":                      "running",
		"failed skipped":                      "failed",
	} {
		i := start(t, Options{Dataset: func(b *Builder) {
			b.Token(root, Token{User: b.User(User{Admin: true})})
			pl := b.Project(1, "group/app", Project{}).Pipeline(1, Pipeline{})
			for word := range strings.FieldsSeq(jobs) {
				status, allowed := strings.CutSuffix(word, "!")
				pl.Job(0, Job{Status: Status(status), AllowFailure: allowed})
			}
		}})
		if got := decode[row](t, i.call("GET /projects/1/pipelines/1", root)); got.Status != want {
			t.Errorf("%q: %s, want %s", jobs, got.Status, want)
		}
	}
}

// jobShows checks that the JSON of a job of project 1 contains all parts, and does not contain
// those after a "no ".
func (i *instance) jobShows(id int64, parts ...string) {
	i.t.Helper()
	got := i.call(fmt.Sprintf("GET /projects/1/jobs/%d", id), maintainer).body
	for _, part := range parts {
		absent, not := strings.CutPrefix(part, "no ")
		if strings.Contains(got, absent) == not {
			i.t.Errorf("want %s in %s", part, got)
		}
	}
}

func TestACanceledJobStopsItsClockAndNamesNoReason(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	i.clock.turn(10 * time.Second)
	for _, id := range []int64{3, 4, 5, 6} {
		i.call(fmt.Sprintf("POST /projects/1/jobs/%d/cancel", id), developer)
	}
	i.clock.turn(time.Hour)
	const finished = `"finished_at":"2026-03-02T12:00:10.000Z"`
	i.jobShows(3, `"status":"canceled"`, finished, `"duration":3607.0`, "no failure_reason")
	i.jobShows(4, `"status":"canceled"`, finished, `"started_at":null`, `"duration":null`, `"queued_duration":3609.0`, "no failure_reason")
	i.jobShows(5, `"status":"canceled"`, finished, `"started_at":null`, `"duration":null`, `"queued_duration":null`)
	i.jobShows(6, `"status":"canceled"`, finished, `"started_at":null`, `"duration":null`)
}

func TestAJobThatIsBeingCanceledEndsCanceledWhateverItsScriptDid(t *testing.T) {
	for _, outcome := range []Status{Success, Failed} {
		i := start(t, Options{Dataset: actions})
		i.ChangeJob(1, func(j *Job) { j.Outcome = outcome })
		i.call("POST /projects/1/jobs/1/cancel", developer)
		i.clock.turn(10 * time.Second)
		i.jobShows(1, `"status":"canceling"`, `"finished_at":null`)
		i.clock.turn(time.Minute)
		i.jobShows(1, `"status":"canceled"`, `"finished_at":"2026-03-02T12:00:15.000Z"`, "no failure_reason")
	}
}

func TestASecondCancelChangesNothing(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	for range 3 {
		i.call("POST /projects/1/jobs/1/cancel", developer)
		i.clock.turn(4 * time.Second)
	}
	i.clock.turn(4 * time.Second)
	i.jobShows(1, `"status":"canceled"`, `"finished_at":"2026-03-02T12:00:15.000Z"`)
}

func TestAJobCanBeRetriedWhileItIsBeingCanceled(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	attempt := decode[row](t, i.call("POST /projects/1/jobs/12/retry", developer))
	i.clock.turn(2 * time.Hour)
	i.jobShows(12, `"status":"canceled"`)
	i.jobShows(attempt.ID, `"status":"success"`)
}

func TestASkippedJobHasNeverFinished(t *testing.T) {
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{CreatedAt: noon})
		pl.Job(1, Job{Status: Created, Outcome: Skipped, FinishedAt: noon.Add(time.Minute)})
	}})
	i.jobShows(1, `"status":"created"`)
	i.clock.turn(time.Hour)
	i.jobShows(1, `"status":"skipped"`, `"started_at":null`, `"finished_at":null`, `"duration":null`)
}

func TestADelayedJobStartsByItselfOrWhenPlayed(t *testing.T) {
	data := func(b *Builder) {
		office(b)
		b.ProjectBuilder(1).Pipeline(1, Pipeline{CreatedAt: noon}).Job(1, Job{
			Status: Scheduled, When: WhenDelayed, QueuedAt: noon.Add(10 * time.Minute),
			StartedAt: noon.Add(11 * time.Minute), FinishedAt: noon.Add(12 * time.Minute),
		})
	}
	byItself, played := start(t, Options{Dataset: data}), start(t, Options{Dataset: data})
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{9 * time.Minute, "scheduled"}, {time.Minute, "pending"}, {time.Minute, "running"}, {time.Minute, "success"}} {
		byItself.clock.turn(c.after)
		byItself.jobShows(1, `"status":"`+c.want+`"`)
	}
	played.call("POST /projects/1/jobs/1/play", developer)
	played.jobShows(1, `"status":"pending"`)
	played.clock.turn(30 * time.Second)
	played.jobShows(1, `"status":"running"`, `"queued_duration":3.0`)
}

func TestAJobWithAResourceGroupWaitsForItAndThenRuns(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	i.call("POST /projects/1/jobs/25/play", developer)
	i.jobShows(25, `"status":"waiting_for_resource"`)
	i.clock.turn(10 * time.Second)
	i.jobShows(25, `"status":"running"`)
}

func TestARetryStartsFromNothingAndLeavesEarlierStagesAlone(t *testing.T) {
	junit := []Artifact{{FileType: "junit", Filename: "junit.xml.gz", Size: 7}}
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{})
		pl.Job(1, Job{Stage: "build", Status: Skipped})
		pl.Job(2, Job{Stage: "test", Status: Skipped})
		pl.Job(3, Job{Stage: "test", Status: Failed, Artifacts: junit,
			ArtifactsExpireAt: noon.Add(time.Hour), ErasedAt: noon.Add(-time.Minute)})
		pl.Job(4, Job{Stage: "deploy", Status: Skipped})
		pl.Job(5, Job{Stage: "deploy", Status: Manual, When: WhenManual})
	}})
	attempt := decode[row](t, i.call("POST /projects/1/jobs/3/retry", developer)).ID
	i.jobShows(attempt, `"status":"pending"`, `"started_at":null`, `"finished_at":null`, `"erased_at":null`, `"duration":null`, `"artifacts":[]`,
		`"created_at":"2026-03-02T12:00:00.000Z"`, `"username":"developer"`, "no failure_reason")
	for id, want := range map[int64]string{1: "skipped", 2: "skipped", 3: "failed", 4: "created", 5: "manual"} {
		i.jobShows(id, `"status":"`+want+`"`)
	}
	i.clock.turn(10 * time.Minute)
	i.jobShows(4, `"status":"success"`)
}

func TestAfterARetryTheLaterStagesFollowEachOther(t *testing.T) {
	i := start(t, Options{Dataset: func(b *Builder) {
		office(b)
		pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{})
		pl.Job(1, Job{Stage: "test", Status: Failed}) // ran for 90 s
		pl.Job(2, Job{Stage: "build", Status: Skipped})
		pl.Job(3, Job{Stage: "deploy", Status: Skipped})
		pl.Job(4, Job{Stage: "deploy", Status: Skipped, When: WhenManual})
	}})
	i.call("POST /projects/1/jobs/1/retry", developer)
	for _, c := range []struct {
		after  time.Duration
		build  string
		deploy string
		byHand string
		moment string
	}{
		{time.Minute, "created", "created", "created", "while the attempt runs"},
		{time.Minute, "running", "created", "created", "after it"},
		{time.Minute, "success", "running", "manual", "after the next stage"},
		{time.Hour, "success", "success", "manual", "in the end"},
	} {
		i.clock.turn(c.after)
		for id, want := range map[int64]string{2: c.build, 3: c.deploy, 4: c.byHand} {
			if got := decode[row](t, i.call("GET /projects/1/jobs/"+itoa(id), developer)); got.Status != want {
				t.Errorf("%s job %d is %s, want %s", c.moment, id, got.Status, want)
			}
		}
	}
}

func TestAnErasedJobKeepsItsStatusAndLosesWhatExpires(t *testing.T) {
	i := start(t, Options{Dataset: wholeJob})
	if got := i.call("POST /projects/1/jobs/7/erase", root); got.status != 201 {
		t.Fatalf("= %d %s", got.status, got.body)
	}
	got := i.call("GET /projects/1/jobs/7", root).body
	for _, part := range []string{`"status":"failed"`, `"failure_reason":"script_failure"`, `"artifacts":[]`, `"artifacts_expire_at":null`} {
		if !strings.Contains(got, part) {
			t.Errorf("want %s in %s", part, got)
		}
	}
	if strings.Contains(got, "artifacts_file") {
		t.Errorf("an archive is left in %s", got)
	}
}

func TestAFinishedJobIsPlayableIfItIsRetryable(t *testing.T) {
	for _, c := range []struct {
		job    Job
		status int
		want   string
	}{
		{Job{When: WhenManual, Status: Failed, FailureReason: "deployment_rejected"}, 400, unplayable},
		{Job{When: WhenManual, Status: Canceled}, 200, `"status":"pending"`},
		{Job{When: WhenManual, Status: Canceling, FinishedAt: noon.Add(time.Hour)}, 200, `"status":"pending"`},
		{Job{When: WhenManual, Status: Failed, Retried: true}, 400, unplayable},
		{Job{When: WhenManual, Status: Skipped}, 400, unplayable},
		{Job{When: WhenDelayed, Status: Success}, 200, `"status":"pending"`},
		{Job{When: WhenDelayed, Status: Scheduled, Archived: true}, 403, noRights},
		{Job{Status: Manual}, 400, unplayable},
	} {
		i := start(t, Options{Dataset: func(b *Builder) {
			office(b)
			b.ProjectBuilder(1).Pipeline(1, Pipeline{}).Job(1, c.job)
		}})
		if got := i.call("POST /projects/1/jobs/1/play", developer); got.status != c.status || !strings.Contains(got.body, c.want) {
			t.Errorf("play of %+v = %d %s, want %d %s", c.job, got.status, got.body, c.status, c.want)
		}
	}
}
