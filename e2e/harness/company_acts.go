package harness

import (
	"time"

	"jobgraph/internal/fakegitlab"
)

// stepLog is what job 805 printed: with the runner's times, colours, a nested section, a progress
// bar, both streams and a byte that is no UTF-8.
const stepLog = "2026-03-02T11:00:03.000000Z 00O \x1b[0KRunning with gitlab-runner 18.2.0 (535ced5f)\x1b[0;m\n" +
	"2026-03-02T11:00:04.000000Z 00O section_start:1772449204:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting \"step_script\" stage of the job script\x1b[0;m\n" +
	"2026-03-02T11:00:05.250000Z 01O \x1b[32;1m$ make test\x1b[0;m\n" +
	"2026-03-02T11:00:06.000000Z 01O section_start:1772449206:unit[collapsed=true]\r\x1b[0KUnit tests\n" +
	"2026-03-02T11:00:07.000000Z 01O  10%\r 50%\r100%\n" +
	"2026-03-02T11:00:08.000000Z 01E caf\xe9: deprecated\n" +
	"2026-03-02T11:00:09.000000Z 01O section_end:1772449209:unit\r\x1b[0K\n" +
	"2026-03-02T11:00:10.000000Z 00O section_end:1772449210:step_script\r\x1b[0K\n" +
	"2026-03-02T11:00:11.000000Z 00O \x1b[32;1mJob succeeded\x1b[0;m\n"

// acts are the projects whose jobs are written to and whose logs are read.
//
//	project 8   acme/acts      pipeline 80, jobs 801 to 816, bridges 821 and 822
//	project 9   acme/watched   the maintainer is a reporter; job 901 ran in debug mode
//	project 10  acme/counting  its statistics are being refreshed
func (s *staff) acts(b *fakegitlab.Builder) {
	graceful := b.RunnerManager(fakegitlab.RunnerManager{ID: 12, Version: "18.2.0"})
	project := b.Project(8, "acme/acts", fakegitlab.Project{OldPaths: []string{"acme/old-acts"}}).Member(s.maintainer, fakegitlab.Maintainer)
	there := project.Pipeline(81, fakegitlab.Pipeline{User: s.maintainer, Source: "parent_pipeline"})
	acts := project.Pipeline(80, fakegitlab.Pipeline{User: s.maintainer})
	began := Noon.Add(-10 * time.Minute)
	for id, job := range map[int64]fakegitlab.Job{
		801: {Name: "build", Status: fakegitlab.Running, CreatedAt: began},
		802: {Name: "serve", Status: fakegitlab.Running, CreatedAt: began, RunnerManager: graceful},
		803: {Name: "stop", Status: fakegitlab.Canceling, CreatedAt: began, RunnerManager: graceful},
		804: {Name: "stopped", Status: fakegitlab.Canceled},
		805: {Name: "unit", Log: fakegitlab.Log{Text: stepLog}, Artifacts: []fakegitlab.Artifact{
			{FileType: "archive", Format: "zip", Filename: "artifacts.zip", Size: 1000},
		}},
		806: {Name: "flaky", Status: fakegitlab.Failed, Inputs: []string{"shards", "verbose", "suites"}},
		807: {Name: "deploy", Status: fakegitlab.Manual, When: fakegitlab.WhenManual, Inputs: []string{"target"}},
		808: {Name: "publish", When: fakegitlab.WhenManual},
		809: {Name: "later", Status: fakegitlab.Scheduled, When: fakegitlab.WhenDelayed},
		810: {Name: "old", Status: fakegitlab.Failed, Archived: true},
		811: {Name: "waits", Status: fakegitlab.Pending, CreatedAt: began},
		812: {Name: "wiped", ErasedAt: Noon},
		813: {Name: "silent", Status: fakegitlab.Canceled, Log: fakegitlab.Log{None: true}},
		814: {Name: "first try", Status: fakegitlab.Failed, Retried: true},
		815: {Name: "long", Log: fakegitlab.Log{Size: 4 << 20}, Artifacts: []fakegitlab.Artifact{
			{FileType: "trace", Format: "raw", Filename: "job.log", Size: 4 << 20},
		}},
		816: {Name: "left out", Status: fakegitlab.Skipped, Stage: "deploy"},
	} {
		acts.Job(id, job)
	}
	acts.Bridge(821, fakegitlab.Job{Name: "child", Status: fakegitlab.Failed}, there)
	acts.Bridge(822, fakegitlab.Job{Name: "rollout", Status: fakegitlab.Manual, When: fakegitlab.WhenManual}, nil)
	watched := b.Project(9, "acme/watched", fakegitlab.Project{}).Member(s.maintainer, fakegitlab.Reporter).
		Pipeline(90, fakegitlab.Pipeline{})
	watched.Job(901, fakegitlab.Job{Name: "verbose", Debug: true, Log: fakegitlab.Log{Text: "+ export TOKEN=secret\n"}})
	counting := b.Project(10, "acme/counting", fakegitlab.Project{StatsRefreshing: true}).Member(s.maintainer, fakegitlab.Maintainer)
	counting.Pipeline(100, fakegitlab.Pipeline{}).Job(1001, fakegitlab.Job{Name: "unit", Log: fakegitlab.Log{Text: "done\n"}})
}
