package main

import (
	"fmt"
	"time"

	"jobgraph/internal/fakegitlab"
)

// The projects that workloads and curves read.
const (
	listProject   = 1  // 100 jobs in 20 pipelines
	sharedProject = 2  // 100 jobs in 5 pipelines of 20
	longProject   = 3  // 1,000 jobs in one pipeline
	treeProject   = 4  // a pipeline that starts two, which start two each, six levels deep
	bridgeProject = 5  // a pipeline with 50 trigger jobs, which start 50 pipelines of 20 jobs
	logProject    = 6  // a job for each size of log
	pageProject   = 7  // a pipeline with 20 jobs and 3 trigger jobs
	manyProjects  = 10 // the first of 16 projects with 500 jobs each
)

// Where the IDs of a project's pipelines and jobs begin.
func firstPipeline(project int64) int64 { return project * 1_000 }
func firstJob(project int64) int64      { return project * 100_000 }

const (
	manyCount      = 16
	manyJobs       = 500
	treeLevels     = 6
	pipelineJobs   = 20 // of each pipeline in sharedProject, treeProject and bridgeProject
	bridges        = 50
	simulatorToken = "glpat-bench"
)

// logSizes are the bytes of the logs in logProject, in the order of its jobs.
var logSizes = [...]int64{1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20, 100 << 20, 200 << 20}

// noon is the simulator's clock. It stands, so that every answer is the same each time.
func noon() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

// dataset fills the simulator.
type dataset struct {
	b       *fakegitlab.Builder
	user    *fakegitlab.User
	runner  *fakegitlab.Runner
	manager *fakegitlab.RunnerManager
}

func fill(b *fakegitlab.Builder) {
	d := dataset{b: b, user: b.User(fakegitlab.User{ID: 1, Username: "robin", Name: "Robin Example", Admin: true, Bio: "Keeps pipelines green", Location: "Berlin"})}
	d.runner = b.Runner(fakegitlab.Runner{ID: 32, Description: "shared-runner-32", Name: "gitlab-runner", ContactedAt: noon()})
	d.manager = b.RunnerManager(fakegitlab.RunnerManager{
		ID: 1, Version: "18.2.0", Revision: "a1b2c3d4", Platform: "linux", Architecture: "amd64", IPAddress: "10.0.0.32", ContactedAt: noon(),
	})
	b.Token(simulatorToken, fakegitlab.Token{User: d.user})
	d.pipelines(listProject, 20, 5)
	d.pipelines(sharedProject, 5, pipelineJobs)
	d.pipelines(longProject, 1, 1_000)
	d.tree()
	d.bridges()
	d.logs()
	d.page()
	for i := range int64(manyCount) {
		d.pipelines(manyProjects+i, 5, manyJobs/5)
	}
}

func (d *dataset) project(id int64) *fakegitlab.ProjectBuilder {
	return d.b.Project(id, fmt.Sprintf("bench/project-%d", id), fakegitlab.Project{})
}

// pipelines adds a project with pipelines whose jobs take turns, so that neighbours in the
// project's list are of different pipelines.
func (d *dataset) pipelines(project int64, pipelines, jobs int) {
	p := d.project(project)
	var added []*fakegitlab.PipelineBuilder
	for i := range pipelines {
		added = append(added, d.pipeline(p, int64(i)))
	}
	for i := range pipelines * jobs {
		added[i%pipelines].Job(firstJob(project)+int64(i), d.job(i))
	}
}

func (d *dataset) pipeline(p *fakegitlab.ProjectBuilder, index int64) *fakegitlab.PipelineBuilder {
	return p.Pipeline(firstPipeline(p.ID())+index, fakegitlab.Pipeline{User: d.user, CreatedAt: noon().Add(-time.Hour)})
}

// job is a finished job with every field that GitLab sends: some 2 KB of JSON.
func (d *dataset) job(index int) fakegitlab.Job {
	coverage := 60 + float64(index%40)
	j := fakegitlab.Job{
		Name: fmt.Sprintf("rspec %d/100", index), Stage: [...]string{"build", "test", "deploy"}[index%3],
		Coverage: &coverage, AllowFailure: index%7 == 0, Tags: []string{"docker", "linux"}, Runner: d.runner, RunnerManager: d.manager,
		Artifacts: []fakegitlab.Artifact{
			{FileType: "archive", Format: "zip", Filename: "artifacts.zip", Size: 1_000 + int64(index)},
			{FileType: "trace", Filename: "job.log", Size: 4_096},
		},
		ArtifactsExpireAt: noon().AddDate(0, 1, 0),
	}
	if index%10 == 9 {
		j.Status = fakegitlab.Failed
	}
	return j
}

// tree adds a pipeline that starts two others, and so on: level after level twice as many.
func (d *dataset) tree() {
	p := d.project(treeProject)
	const count = 1<<treeLevels - 1
	var added []*fakegitlab.PipelineBuilder
	for i := range count {
		added = append(added, d.pipeline(p, int64(i)))
		for n := range pipelineJobs {
			added[i].Job(firstJob(treeProject)+int64(i*100+n), d.job(n))
		}
	}
	for i := 1; i < count; i++ {
		added[(i-1)/2].Bridge(firstJob(treeProject)+int64(i*100+50), fakegitlab.Job{Name: fmt.Sprintf("trigger %d", i)}, added[i])
	}
}

// bridges adds a pipeline whose trigger jobs each started another one.
func (d *dataset) bridges() {
	p := d.project(bridgeProject)
	root := d.pipeline(p, 0)
	for i := 1; i <= bridges; i++ {
		started := d.pipeline(p, int64(i))
		for n := range pipelineJobs {
			started.Job(firstJob(bridgeProject)+int64(i*100+n), d.job(n))
		}
		root.Bridge(firstJob(bridgeProject)+int64(i*100+50), fakegitlab.Job{Name: fmt.Sprintf("trigger %d", i)}, started)
	}
}

// page adds a pipeline as pages show it: jobs in three stages, and trigger jobs.
func (d *dataset) page() {
	p := d.project(pageProject)
	shown := d.pipeline(p, 0)
	for i := range pipelineJobs {
		shown.Job(firstJob(pageProject)+int64(i), d.job(i))
	}
	for i := int64(1); i <= 3; i++ {
		shown.Bridge(firstJob(pageProject)+100+i, fakegitlab.Job{Name: fmt.Sprintf("trigger %d", i), Stage: "deploy"}, d.pipeline(p, i))
	}
}

func (d *dataset) logs() {
	pipeline := d.pipeline(d.project(logProject), 0)
	for i, size := range logSizes {
		j := d.job(i)
		j.Log = fakegitlab.Log{Size: size}
		j.Artifacts[1].Size = size
		pipeline.Job(firstJob(logProject)+int64(i), j)
	}
}
