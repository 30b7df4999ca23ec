package fakegitlab_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// keys returns the keys of a JSON object in order, with the keys of nested objects in parentheses.
func keys(t *testing.T, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	var walk func() string
	walk = func() string {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if token != json.Delim('{') && token != json.Delim('[') {
			return ""
		}
		var parts []string
		for d.More() {
			if token == json.Delim('[') {
				walk()
				continue
			}
			name, _ := d.Token()
			part := name.(string)
			if inner := walk(); inner != "" {
				part += "(" + inner + ")"
			}
			parts = append(parts, part)
		}
		_, _ = d.Token()
		return strings.Join(parts, " ")
	}
	return walk()
}

// wholeJob has job 7 of project 1, with a value for every key.
func wholeJob(b *Builder) {
	admin := b.User(User{ID: 1, Username: "root", Name: "Ann <admin> & co", Admin: true})
	b.Token(root, Token{User: admin})
	runner := b.Runner(Runner{ID: 32, CreatedBy: admin, ContactedAt: noon})
	manager := b.RunnerManager(RunnerManager{ID: 9, Version: "18.0.0", ContactedAt: noon.Add(-3 * time.Hour)})
	coverage := 90.0
	b.Project(1, "group/app", Project{}).Pipeline(6, Pipeline{User: admin, CreatedAt: noon.Add(-time.Hour)}).Job(7, Job{
		Status: Failed, Runner: runner, RunnerManager: manager, Coverage: &coverage, Tags: []string{"b", "a"},
		Artifacts: []Artifact{
			{FileType: "archive", Format: "zip", Filename: "artifacts.zip", Size: 1000},
			{FileType: "trace", Filename: "job.log", Size: -1},
		},
		ArtifactsExpireAt: noon.Add(time.Hour),
	})
}

const (
	commitKeys = "commit(id short_id created_at parent_ids title message author_name author_email authored_date committer_name committer_email committed_date trailers extended_trailers web_url)"
	userKeys   = "user(id username public_email name state locked avatar_url web_url created_at bio location linkedin twitter discord website_url github job_title pronouns organization bot work_information followers following local_time)"
	basicKeys  = "id status stage name ref tag coverage allow_failure created_at started_at finished_at erased_at duration queued_duration " + userKeys + " " + commitKeys
)

func TestKeysComeInGrapesOrder(t *testing.T) {
	const older = basicKeys + " pipeline(id project_id sha ref status created_at updated_at web_url) failure_reason web_url project(ci_job_token_scope_enabled)" +
		" artifacts_file(filename size) artifacts runner(id description ip_address active paused is_shared runner_type name online status)" +
		" runner_manager(id system_id version revision platform architecture created_at contacted_at ip_address status) artifacts_expire_at archived tag_list"
	newest := strings.NewReplacer(
		"pipeline(id project_id", "pipeline(id iid project_id", "sha ref status created_at updated_at", "sha ref status source created_at updated_at",
		"name online status)", "name online created_by(id username public_email name state locked avatar_url web_url) created_at status job_execution_status)",
		"ip_address status)", "ip_address status job_execution_status)").Replace(older)
	for release, want := range map[Release]string{Newest: newest, Older17: older} {
		i := start(t, Options{Dataset: wholeJob, Release: release})
		if got := keys(t, i.call("GET /projects/1/jobs/7", root).body); got != want {
			t.Errorf("release %d:\n got %s\nwant %s", release, got, want)
		}
	}
}

func TestBridgeKeys(t *testing.T) {
	i := start(t, Options{Dataset: office})
	got := i.call("GET /projects/1/pipelines/10/bridges", maintainer).body
	const stub = "pipeline(id iid project_id sha ref status source created_at updated_at web_url)"
	want := basicKeys + " " + stub + " web_url project(ci_job_token_scope_enabled) downstream_" + stub
	if got := keys(t, strings.Trim(got, "[]")); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestValuesAreWrittenAsRailsDoes(t *testing.T) {
	i := start(t, Options{Dataset: wholeJob, URL: "https://gitlab.example.com"})
	got := i.call("GET /projects/1/jobs/7", root).body
	for _, part := range []string{
		`"name":"Ann \u003cadmin\u003e \u0026 co"`, `"coverage":90.0`, `"created_at":"2026-03-02T11:00:00.000Z"`, `"started_at":"2026-03-02T11:00:03.000Z"`,
		`"duration":90.0`, `"queued_duration":2.0`, `"erased_at":null`, `"failure_reason":"script_failure"`, `"tag_list":["a","b"]`, `"ip_address":null`,
		`"authored_date":"2026-03-02T11:59:00.000+01:00"`, `"web_url":"https://gitlab.example.com/group/app/-/jobs/7"`,
		`{"file_type":"trace","size":null,"filename":"job.log","file_format":null}`, `"artifacts_file":{"filename":"artifacts.zip","size":1000}`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("lacks %s in %s", part, got)
		}
	}
	i.clock.turn(2 * time.Hour)
	if got := i.call("GET /projects/1/jobs/7", root).body; strings.Contains(got, "artifacts_file") {
		t.Error("an expired archive is still offered")
	}
	i.ChangeJob(7, func(j *Job) { j.Status = Canceled })
	if got := i.call("GET /projects/1/jobs/7", root).body; strings.Contains(got, "failure_reason") {
		t.Error("a canceled job has a failure_reason")
	}
}

func TestRunnerStatusFollowsContact(t *testing.T) {
	cases := map[string]Runner{
		"online":          {ContactedAt: noon.Add(-time.Hour)},
		"offline":         {ContactedAt: noon.Add(-3 * time.Hour)},
		"paused":          {ContactedAt: noon, Paused: true},
		"stale":           {ContactedAt: noon.AddDate(0, 0, -8)},
		"never_contacted": {CreatedAt: noon.Add(-time.Hour)},
	}
	var order []string
	i := start(t, Options{Dataset: func(b *Builder) {
		b.Token(root, Token{User: b.User(User{Admin: true})})
		pl := b.Project(1, "group/app", Project{}).Pipeline(1, Pipeline{})
		for want, r := range cases {
			order = append([]string{want}, order...)
			pl.Job(0, Job{Runner: b.Runner(r)})
		}
	}})
	rows := decode[[]struct{ Runner struct{ Status string } }](t, i.call("GET /projects/1/jobs", root))
	for n, want := range order {
		if rows[n].Runner.Status != want {
			t.Errorf("status = %s, want %s", rows[n].Runner.Status, want)
		}
	}
}

func TestAJobsStatusFollowsTheClock(t *testing.T) {
	i := start(t, Options{Dataset: func(b *Builder) {
		b.Token(root, Token{User: b.User(User{Admin: true})})
		b.Project(1, "group/app", Project{}).Pipeline(6, Pipeline{CreatedAt: noon}).Job(7, Job{
			Status: Created, Outcome: Failed, Runner: b.Runner(Runner{}), QueuedAt: noon.Add(10 * time.Second),
			StartedAt: noon.Add(20 * time.Second), FinishedAt: noon.Add(50 * time.Second),
		})
	}})
	for _, c := range []struct {
		turn             time.Duration
		job, pipeline    string
		duration, queued string
	}{
		{0, "created", "created", "null", "null"},
		{15 * time.Second, "pending", "pending", "null", "5.0"},
		{10 * time.Second, "running", "running", "5.0", "10.0"},
		{25 * time.Second, "failed", "failed", "30.0", "10.0"},
		{time.Hour, "failed", "failed", "30.0", "10.0"},
	} {
		i.clock.turn(c.turn)
		got := i.call("GET /projects/1/jobs/7", root).body
		for _, part := range []string{`{"id":7,"status":"` + c.job + `"`, `"duration":` + c.duration + `,"queued_duration":` + c.queued + ",", `"ref":"main","status":"` + c.pipeline + `"`} {
			if !strings.Contains(got, part) {
				t.Errorf("after %v: lacks %s in %s", c.turn, part, got)
			}
		}
		if hasRunner := !strings.Contains(got, `"runner":null`); hasRunner != (c.duration != "null") {
			t.Errorf("after %v: runner shown: %v", c.turn, hasRunner)
		}
	}
}

func TestPipelineStatusIsComposedOfItsJobs(t *testing.T) {
	for _, c := range []struct {
		jobs []Job
		want string
	}{
		{nil, "created"},
		{[]Job{{}, {Status: Skipped}}, "success"},
		{[]Job{{}, {Status: Failed}}, "failed"},
		{[]Job{{}, {Status: Failed, AllowFailure: true}}, "success"},
		{[]Job{{}, {Status: Failed, Retried: true}}, "success"},
		{[]Job{{Status: Failed}, {Status: Running}}, "running"},
		{[]Job{{}, {Status: Created}}, "running"},
		{[]Job{{Status: Pending}, {Status: Created}}, "pending"},
		{[]Job{{}, {Status: Manual, AllowFailure: true}}, "success"},
		{[]Job{{}, {Status: Manual}, {Status: Created}}, "manual"},
		{[]Job{{}, {Status: Canceled}}, "canceled"},
		{[]Job{{}, {Status: Canceling}}, "canceling"},
		{[]Job{{}, {Status: Scheduled}}, "scheduled"},
		{[]Job{{Status: Skipped}}, "skipped"},
	} {
		i := start(t, Options{Dataset: func(b *Builder) {
			b.Token(root, Token{User: b.User(User{Admin: true})})
			pl := b.Project(1, "group/app", Project{}).Pipeline(1, Pipeline{})
			for _, j := range c.jobs {
				pl.Job(0, j)
			}
		}})
		if got := decode[row](t, i.call("GET /projects/1/pipelines/1", root)); got.Status != c.want {
			t.Errorf("%v: %s, want %s", c.jobs, got.Status, c.want)
		}
	}
}
