package fakegitlab_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// actions has pipeline 1 of project 1, with a job in every state that matters to an action.
func actions(b *Builder) {
	office(b)
	graceful := b.RunnerManager(RunnerManager{Version: "16.11.1"})
	abrupt := b.RunnerManager(RunnerManager{Version: "16.11.0"})
	pl := b.ProjectBuilder(1).Pipeline(1, Pipeline{Ref: "feature"})
	log := []Artifact{{FileType: "trace", Format: "raw", Filename: "job.log", Size: 10}}
	for id, j := range map[int64]Job{
		1:  {Status: Running, RunnerManager: graceful},
		2:  {Status: Running, RunnerManager: abrupt},
		3:  {Status: Running},
		4:  {Status: Pending},
		5:  {Status: Created},
		6:  {Status: Manual, When: WhenManual, Inputs: []string{"version"}},
		7:  {Status: Scheduled, When: WhenDelayed},
		8:  {Status: Success, Artifacts: log},
		9:  {Status: Failed},
		10: {Status: Canceled, Log: Log{None: true}},
		11: {Status: Skipped},
		12: {Status: Canceling, FinishedAt: noon.Add(time.Hour)},
		13: {Status: WaitingForResource},
		14: {Status: Preparing},
		15: {Status: WaitingForCallback},
		20: {Status: Failed, Archived: true},
		21: {Status: Manual, When: WhenManual, Archived: true},
		22: {Status: Failed, Retried: true},
		23: {Status: Failed, FailureReason: "deployment_rejected"},
		24: {Status: Success, When: WhenManual},
		25: {Status: Manual, When: WhenManual, ResourceGroup: "production"},
		26: {Status: Success, Log: Log{None: true}},
		27: {Status: Failed, Inputs: []string{"version"}, Stage: "build"},
		28: {Status: Skipped, Stage: "later"},
	} {
		pl.Job(id, j)
	}
	pl.Bridge(30, Job{Status: Failed}, nil)
	pl.Bridge(31, Job{Status: Failed, FailureReason: "pipeline_loop_detected"}, nil)
	pl.Bridge(32, Job{Status: Manual, When: WhenManual}, nil)
	pl.Bridge(33, Job{Status: Success}, nil)
	guarded := b.Project(60, "group/guarded", Project{
		ProtectedRefs: map[string]Role{"release/*": Maintainer}, VariablesRole: Maintainer, StatsRefreshing: true,
	})
	dev := b.User(User{Username: "dev"})
	guarded.Member(dev, Developer)
	b.Token("dev", Token{User: dev})
	guarded.Pipeline(61, Pipeline{Ref: "release/1/x", User: dev}).Job(600, Job{Status: Failed})
	free := guarded.Pipeline(62, Pipeline{Ref: "feature", User: dev})
	free.Job(610, Job{Status: Failed})
	free.Job(611, Job{Status: Manual, When: WhenManual})
}

// The error bodies of GitLab for actions.
const (
	noRights      = `{"message":"403 Forbidden"}`
	noJob         = `{"message":"404 Not found"}`
	notRetryable  = `{"message":"403 Forbidden - Job is not retryable"}`
	notErasable   = `{"message":"403 Forbidden - Job is not erasable!"}`
	unplayable    = `{"message":"400 Bad request - Unplayable Job"}`
	readOnlyMoved = `{"message":"Non GET methods are not allowed for moved projects"}`
)

// action is a write to a job.
type action struct {
	path, token string // the job and the action; of project 1, unless it begins with "project:"
	status      int
	want        string // the job's new status, or the complete body
}

// try runs each case on an instance of its own.
func try(t *testing.T, cases []action) {
	for _, a := range cases {
		t.Run(a.path+" as "+a.token, func(t *testing.T) {
			i := start(t, Options{Dataset: actions})
			project, path, found := strings.Cut(a.path, ":")
			if !found {
				project, path = "1", a.path
			}
			got := i.call("POST /projects/"+project+"/jobs/"+path, a.token)
			if got.status != a.status {
				t.Fatalf("= %d %s, want %d", got.status, got.body, a.status)
			}
			if a.want[0] == '{' {
				if got.body != a.want {
					t.Errorf("= %s, want %s", got.body, a.want)
				}
			} else if s := decode[row](t, got).Status; s != a.want {
				t.Errorf("status = %s, want %s", s, a.want)
			}
		})
	}
}

func TestCancelAnswers201WhateverItDid(t *testing.T) {
	try(t, []action{
		{"1/cancel", developer, 201, "canceling"},
		{"2/cancel", developer, 201, "canceled"},
		{"3/cancel", developer, 201, "canceled"},
		{"4/cancel", developer, 201, "canceled"},
		{"5/cancel", developer, 201, "canceled"},
		{"6/cancel", developer, 201, "canceled"},
		{"7/cancel", developer, 201, "canceled"},
		{"13/cancel", developer, 201, "canceled"},
		{"14/cancel", developer, 201, "canceled"},
		{"15/cancel", developer, 201, "canceled"},
		{"8/cancel", developer, 201, "success"}, // nothing to cancel, and no error
		{"11/cancel", developer, 201, "skipped"},
		{"12/cancel", developer, 201, "canceling"},
		{"12/cancel?force=true", maintainer, 201, "canceled"},
		{"12/cancel?force=true", developer, 403, noRights},
		{"3/cancel?force=true", maintainer, 201, "running"},
		{"3/cancel?force=x", maintainer, 400, `{"error":"force is invalid"}`},
		{"20/cancel", developer, 201, "failed"},
		{"30/cancel", developer, 404, noJob},
		{"99/cancel", reporter, 403, noRights}, // before the job is looked up
		{"group%2Fold:9/cancel", developer, 405, readOnlyMoved},
		{"60:600/cancel", "dev", 403, noRights},
	})
}

func TestRetryAndItsRefusals(t *testing.T) {
	try(t, []action{
		{"9/retry", developer, 201, "pending"},
		{"8/retry", developer, 201, "pending"},
		{"10/retry", developer, 201, "pending"},
		{"12/retry", developer, 201, "pending"},
		{"30/retry", developer, 201, "pending"},
		{"33/retry", developer, 201, "pending"},
		{"31/retry", developer, 403, notRetryable},
		{"4/retry", developer, 403, notRetryable},
		{"11/retry", developer, 403, notRetryable},
		{"22/retry", developer, 403, notRetryable},
		{"23/retry", developer, 403, notRetryable},
		{"20/retry", developer, 403, noRights},
		{"9/retry", reporter, 403, noRights},
		{"99/retry", reporter, 404, noJob}, // before any 403
		{"9/retry?inputs[foo]=1", developer, 400, `{"message":"400 Bad request - Unknown input: foo"}`},
		{"9/retry?inputs[foo]=1&inputs[bar]=2", developer, 400, `{"message":"400 Bad request - Unknown inputs: bar, foo"}`},
		{"27/retry?inputs[version]=1", developer, 201, "pending"},
		{"9/retry?inputs=1", developer, 400, `{"error":"inputs is invalid"}`},
		{"group%2Fold:9/retry", developer, 405, readOnlyMoved},
		{"60:600/retry", "dev", 403, noRights}, // a protected ref
		{"60:610/retry", "dev", 201, "pending"},
	})
}

func TestEraseAndItsRefusals(t *testing.T) {
	try(t, []action{
		{"8/erase", maintainer, 201, "success"},
		{"9/erase", maintainer, 201, "failed"},
		{"20/erase", maintainer, 201, "failed"},
		{"26/erase", maintainer, 403, notErasable},
		{"3/erase", maintainer, 403, notErasable},
		{"8/erase", developer, 403, noRights}, // started by another user
		{"30/erase", maintainer, 404, noJob},
		{"60:600/erase", "dev", 403, noRights},
		{"60:610/erase", "dev", 409, `{"message":"Action temporarily disabled. The project this pipeline belongs to is undergoing stats refresh."}`},
	})
}

func TestPlayAndItsRefusals(t *testing.T) {
	try(t, []action{
		{"6/play", developer, 200, "pending"},
		{"7/play", developer, 200, "pending"},
		{"25/play", developer, 200, "waiting_for_resource"},
		{"24/play", developer, 200, "pending"},
		{"32/play", developer, 200, "pending"},
		{"33/play", developer, 400, unplayable},
		{"9/play", developer, 400, unplayable},
		{"4/play", developer, 400, unplayable},
		{"21/play", developer, 403, noRights},
		{"6/play", reporter, 403, noRights},
		{"6/play?job_inputs[version]=2", developer, 200, "pending"},
		{"6/play?job_inputs[x]=2", developer, 400, `{"message":"400 Bad request - Unknown input: x"}`},
		{"6/play?job_variables_attributes[][key]=A&job_variables_attributes[][value]=1", developer, 200, "pending"},
		{"6/play?job_variables_attributes[][key]=A", developer, 400, `{"error":"job_variables_attributes[0][value] is missing"}`},
		{"6/play?job_variables_attributes=A", developer, 400, `{"error":"job_variables_attributes is invalid"}`},
		{"60:611/play", "dev", 200, "pending"},
		{"60:611/play?job_variables_attributes[][key]=A&job_variables_attributes[][value]=1", "dev", 403, noRights},
		{"60:611/play", stranger, 404, `{"message":"404 Project Not Found"}`},
	})
}

func TestARetryMakesANewJobAndHidesTheOld(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	i.clock.turn(time.Minute)
	attempt := decode[row](t, i.call("POST /projects/1/jobs/27/retry", developer))
	if attempt.ID == 27 || attempt.User.Username != "developer" {
		t.Fatalf("attempt = %+v", attempt)
	}
	listed := ids(decode[[]row](t, i.call("GET /projects/1/pipelines/1/jobs?per_page=100", developer)))
	if slices.Contains(listed, 27) || listed[0] != attempt.ID {
		t.Errorf("listed = %v", listed)
	}
	if got := decode[row](t, i.call("GET /projects/1/jobs/28", developer)); got.Status != "created" {
		t.Errorf("the skipped job of a later stage is %s", got.Status)
	}
	if got := i.call("POST /projects/1/jobs/27/retry", developer); got.status != 403 {
		t.Errorf("a second retry = %d", got.status)
	}
	i.clock.turn(2 * time.Minute)
	if got := decode[row](t, i.call("GET /projects/1/jobs/"+itoa(attempt.ID), developer)); got.Status != "success" {
		t.Errorf("in the end it is %s", got.Status)
	}
}

func TestARetriedBridgeIsShownAsAJobWithoutRunnerManager(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	got := i.call("POST /projects/1/jobs/30/retry", developer).body
	if strings.Contains(got, "runner_manager") || !strings.Contains(got, `"artifacts":[],"runner":null,"artifacts_expire_at":null,"archived":false,"tag_list":[]`) {
		t.Errorf("= %s", got)
	}
	if played := i.call("POST /projects/1/jobs/32/play", developer).body; !strings.Contains(played, `"downstream_pipeline":null`) {
		t.Errorf("a played bridge = %s", played)
	}
}

func TestACanceledJobIsCancelingFirstIfItsRunnerSupportsIt(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	i.call("POST /projects/1/jobs/1/cancel", developer)
	i.clock.turn(time.Minute)
	if got := decode[row](t, i.call("GET /projects/1/jobs/1", developer)); got.Status != "canceled" {
		t.Errorf("a minute later it is %s", got.Status)
	}
}

func TestEraseLeavesNothingToErase(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	i.call("POST /projects/1/jobs/8/erase", maintainer)
	got := i.call("GET /projects/1/jobs/8", maintainer).body
	if !strings.Contains(got, `"erased_at":"2026-03-02T12:00:00.000Z"`) || !strings.Contains(got, `"artifacts":[]`) {
		t.Errorf("= %s", got)
	}
	if log := i.call("GET /projects/1/jobs/8/trace", maintainer); log.status != 200 || log.body != "" {
		t.Errorf("log = %d %q", log.status, log.body)
	}
	if again := i.call("POST /projects/1/jobs/8/erase", maintainer); again.status != 403 {
		t.Errorf("again = %d", again.status)
	}
}

func TestADeveloperMayEraseTheirOwn(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	attempt := decode[row](t, i.call("POST /projects/1/jobs/9/retry", developer))
	i.clock.turn(time.Hour)
	if got := i.call("POST /projects/1/jobs/"+itoa(attempt.ID)+"/erase", developer); got.status != 201 {
		t.Errorf("= %d %s", got.status, got.body)
	}
}

func TestPlayOfAFinishedManualJobAnswersWithANewOne(t *testing.T) {
	i := start(t, Options{Dataset: actions})
	if got := decode[row](t, i.call("POST /projects/1/jobs/24/play", developer)); got.ID == 24 {
		t.Error("the same job was played again")
	}
	if got := decode[row](t, i.call("POST /projects/1/jobs/6/play", developer)); got.ID != 6 || got.User.Username != "developer" {
		t.Errorf("= %+v", got)
	}
}

func TestBodiesMayBeJSONOrForms(t *testing.T) {
	for name, with := range map[string]func(*http.Request){
		"json": body("application/json", `{"job_variables_attributes":[{"key":"A","value":"1"},{"key":"B"}]}`),
		"form": body("application/x-www-form-urlencoded", "job_variables_attributes[][key]=A&job_variables_attributes[][value]=1&job_variables_attributes[][key]=B"),
	} {
		i := start(t, Options{Dataset: actions})
		got := i.call("POST /projects/1/jobs/6/play", developer, with)
		if got.body != `{"error":"job_variables_attributes[1][value] is missing"}` {
			t.Errorf("%s = %d %s", name, got.status, got.body)
		}
	}
	i := start(t, Options{Dataset: actions})
	if got := i.call("POST /projects/1/jobs/6/play", developer, body("application/json", "[")); got.status != 400 {
		t.Errorf("broken JSON = %d", got.status)
	}
}

func TestOlderReleasesIgnoreInputsAndCheckTheRoleFirst(t *testing.T) {
	i := start(t, Options{Dataset: actions, Release: Older17})
	if got := i.call("POST /projects/1/jobs/9/retry?inputs[foo]=1", developer); got.status != 201 {
		t.Errorf("inputs = %d %s", got.status, got.body)
	}
	if got := i.call("POST /projects/1/jobs/99/retry", reporter); got.status != 403 {
		t.Errorf("role = %d", got.status)
	}
}
