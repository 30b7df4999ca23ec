package harness

import (
	"fmt"
	"time"

	"jobgraph/internal/fakegitlab"
)

// The test company: small enough to be known by heart. Numbers tell where things belong: job 103 is
// of pipeline 10, pipeline 20 of project 2.
//
//	project 1  acme/app      was acme/old-app; pipelines 10 (main; triggers 11 and 20),
//	                         11 (its child), 12 (every status), 13 (a tag; nothing optional),
//	                         14 (words of the future)
//	project 2  acme/deploy   pipeline 20 (triggered by 10; triggers 30)
//	project 3  acme/infra    pipeline 30
//	project 4  acme/hidden   nobody but administrators sees it
//	project 5  acme/members  the guest may see the project, not its jobs
//	project 6  acme/many     pipelines 61 to 65 take turns at jobs 6001 to 6050
//	project 7  acme/long     pipeline 70 with jobs 70001 to 71000,
//	                         pipeline 71 with jobs 71001 to 71250
//	project 11 acme/tall     pipeline 110 with jobs 11001 to 11480
const (
	AdminToken      = "token-of-the-admin"
	MaintainerToken = "token-of-the-maintainer"
	GuestToken      = "token-of-the-guest"
	ReadOnlyToken   = "token-that-only-reads"
	RevokedToken    = "token-that-was-revoked"
	JobToken        = "glcbt-token-of-job-126"
)

// Noon is when the company's clock stands still.
var Noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// Company adds the test company to a simulated GitLab.
func Company(b *fakegitlab.Builder) {
	s := offices(b)
	s.bulk(b)
	s.acts(b)
}

// offices are the company without the two projects that have many jobs.
func offices(b *fakegitlab.Builder) *staff {
	s := &staff{
		admin: b.User(fakegitlab.User{ID: 1, Username: "root", Name: "Administrator", Admin: true}),
		maintainer: b.User(fakegitlab.User{
			ID: 2, Username: "maintainer", JobTitle: "Release engineer", Organization: "Acme", Location: "Berlin",
			PublicEmail: "maintainer@acme.example", Bio: "Keeps it green",
		}),
		guest: b.User(fakegitlab.User{ID: 3, Username: "guest", PrivateProfile: true}),
	}
	b.Token(AdminToken, fakegitlab.Token{User: s.admin})
	b.Token(MaintainerToken, fakegitlab.Token{User: s.maintainer})
	b.Token(ReadOnlyToken, fakegitlab.Token{User: s.maintainer, Scopes: []string{"read_api"}})
	b.Token(RevokedToken, fakegitlab.Token{User: s.maintainer, Revoked: true})
	b.Token(GuestToken, fakegitlab.Token{User: s.guest})
	app := b.Project(1, "acme/app", fakegitlab.Project{Name: "App", OldPaths: []string{"acme/old-app"}}).
		Member(s.maintainer, fakegitlab.Maintainer)
	deploy := b.Project(2, "acme/deploy", fakegitlab.Project{OpenToJobTokens: true}).Member(s.maintainer, fakegitlab.Maintainer)
	infra := b.Project(3, "acme/infra", fakegitlab.Project{}).Member(s.maintainer, fakegitlab.Reporter)
	s.chain(b, app, deploy, infra)
	s.everyStatus(b, app)
	s.extremes(b, app)
	b.JobToken(JobToken, 126)
	app.Agent(8, infra)
	b.Project(4, "acme/hidden", fakegitlab.Project{}).Pipeline(40, fakegitlab.Pipeline{}).Job(401, fakegitlab.Job{})
	b.Project(5, "acme/members", fakegitlab.Project{MembersOnly: true}).Member(s.guest, fakegitlab.Guest).
		Pipeline(50, fakegitlab.Pipeline{}).Job(501, fakegitlab.Job{})
	return s
}

type staff struct{ admin, maintainer, guest *fakegitlab.User }

// chain is pipeline 10 of the app with its child, and what it sets off in two other projects.
func (s *staff) chain(b *fakegitlab.Builder, app, deploy, infra *fakegitlab.ProjectBuilder) {
	runner := b.Runner(fakegitlab.Runner{
		ID: 32, Description: "shared docker", Name: "docker-1", CreatedBy: s.admin, ContactedAt: Noon, Busy: true,
	})
	manager := b.RunnerManager(fakegitlab.RunnerManager{
		ID: 9, SystemID: "s_89e5e9956577", Version: "18.2.0", Revision: "535ced5f",
		Platform: "linux", Architecture: "amd64", IPAddress: "10.0.0.9", ContactedAt: Noon, Busy: true,
	})
	main := app.Pipeline(10, fakegitlab.Pipeline{User: s.maintainer})
	child := app.Pipeline(11, fakegitlab.Pipeline{User: s.maintainer, Source: "parent_pipeline"})
	there := deploy.Pipeline(20, fakegitlab.Pipeline{User: s.maintainer, Source: "pipeline"})
	beyond := infra.Pipeline(30, fakegitlab.Pipeline{User: s.maintainer, Source: "pipeline"})

	coverage := 92.5
	main.Job(101, fakegitlab.Job{
		Name: "compile", Stage: "build", Runner: runner, RunnerManager: manager, Tags: []string{"docker", "linux"},
		Coverage: &coverage, ArtifactsExpireAt: Noon.AddDate(0, 1, 0), Artifacts: []fakegitlab.Artifact{
			{FileType: "archive", Format: "zip", Filename: "artifacts.zip", Size: 1000}, {FileType: "metadata", Format: "gzip", Filename: "metadata.gz", Size: 186},
			{FileType: "trace", Format: "raw", Filename: "job.log", Size: -1}, {FileType: "junit", Format: "gzip", Filename: "junit.xml.gz", Size: 750}}})
	main.Job(102, fakegitlab.Job{Name: "rspec 1/2", Status: fakegitlab.Failed, Retried: true, Runner: runner, Tags: []string{"docker"}})
	main.Job(103, fakegitlab.Job{Name: "rspec 2/2", Runner: runner, Tags: []string{"docker"}})
	main.Job(104, fakegitlab.Job{Name: "lint", Status: fakegitlab.Failed, AllowFailure: true, FailureReason: "runner_system_failure"})
	main.Bridge(105, fakegitlab.Job{Name: "to staging", Stage: "deploy"}, there)
	main.Bridge(106, fakegitlab.Job{Name: "child"}, child)
	main.Job(107, fakegitlab.Job{Name: "rspec 1/2", Runner: runner, Tags: []string{"docker"}})
	main.Job(108, fakegitlab.Job{
		Name: "review", Stage: "deploy", Status: fakegitlab.Manual, When: fakegitlab.WhenManual, AllowFailure: true,
	})
	child.Job(111, fakegitlab.Job{Name: "e2e"})
	there.Job(201, fakegitlab.Job{Name: "staging", Stage: "deploy"})
	there.Bridge(202, fakegitlab.Job{Name: "to infra", Stage: "deploy"}, beyond)
	there.Bridge(203, fakegitlab.Job{Name: "to production", Stage: "production", Status: fakegitlab.Manual}, nil)
	beyond.Job(301, fakegitlab.Job{Name: "apply", Stage: "apply", Status: fakegitlab.Running})
}

// everyStatus is pipeline 12: job 121 is created, job 122 waiting for a resource, and so on in the
// order of GitLab's own list.
func (s *staff) everyStatus(b *fakegitlab.Builder, app *fakegitlab.ProjectBuilder) {
	feature := app.Pipeline(12, fakegitlab.Pipeline{Ref: "feature/login", User: s.maintainer})
	for i, status := range []fakegitlab.Status{
		fakegitlab.Created, fakegitlab.WaitingForResource, fakegitlab.Preparing, fakegitlab.WaitingForCallback,
		fakegitlab.Pending, fakegitlab.Running, fakegitlab.Success, fakegitlab.Failed, fakegitlab.Canceling,
		fakegitlab.Canceled, fakegitlab.Skipped, fakegitlab.Manual, fakegitlab.Scheduled,
	} {
		job := fakegitlab.Job{Name: string(status), Status: status, CreatedAt: Noon.Add(-10 * time.Minute)}
		if status == fakegitlab.Running {
			job.EnvironmentTier, job.EnvironmentSlug = "staging", "review-login"
		}
		feature.Job(int64(121+i), job)
	}
}

// extremes are pipeline 13, where everything that may be missing is, and pipeline 14, which speaks
// words that GitLab may yet invent.
func (s *staff) extremes(b *fakegitlab.Builder, app *fakegitlab.ProjectBuilder) {
	app.Pipeline(13, fakegitlab.Pipeline{Ref: "v1.0.0", Tag: true, CommitGone: true}).
		Job(141, fakegitlab.Job{Name: "release", Stage: "release", Archived: true})
	quantum := b.Runner(fakegitlab.Runner{ID: 33, Type: "quantum_type", Paused: true, ContactedAt: Noon})
	future := app.Pipeline(14, fakegitlab.Pipeline{Ref: "future", Status: "hibernating"})
	future.Job(151, fakegitlab.Job{Name: "dream", Status: "hibernating", User: s.guest})
	future.Job(152, fakegitlab.Job{Name: "tunnel", Status: fakegitlab.Failed, FailureReason: "decoherence", Runner: quantum})
}

// bulk are the two projects with many jobs.
func (s *staff) bulk(b *fakegitlab.Builder) {
	many := b.Project(6, "acme/many", fakegitlab.Project{}).Member(s.maintainer, fakegitlab.Maintainer)
	pipelines := make([]*fakegitlab.PipelineBuilder, 5)
	for i := range pipelines {
		pipelines[i] = many.Pipeline(int64(61+i), fakegitlab.Pipeline{})
	}
	for i := range 50 {
		pipelines[i%5].Job(int64(6001+i), fakegitlab.Job{Name: fmt.Sprintf("unit %d/50", i+1)})
	}
	long := b.Project(7, "acme/long", fakegitlab.Project{}).Member(s.maintainer, fakegitlab.Maintainer)
	older, newer := long.Pipeline(70, fakegitlab.Pipeline{}), long.Pipeline(71, fakegitlab.Pipeline{Ref: "develop"})
	for i := range 1000 {
		older.Job(int64(70001+i), fakegitlab.Job{Name: fmt.Sprintf("unit %d/1000", i+1)})
	}
	for i := range 250 {
		newer.Job(int64(71001+i), fakegitlab.Job{Name: fmt.Sprintf("unit %d/250", i+1)})
	}
	tall := b.Project(11, "acme/tall", fakegitlab.Project{}).Member(s.maintainer, fakegitlab.Maintainer).
		Pipeline(110, fakegitlab.Pipeline{})
	for i := range 480 {
		tall.Job(int64(11001+i), fakegitlab.Job{Name: fmt.Sprintf("unit %d/480", i+1)})
	}
}
