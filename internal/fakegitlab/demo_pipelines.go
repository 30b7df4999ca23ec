package fakegitlab

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// startPipeline adds a pipeline to a project, with a random ref, commit and source.
func (d *demo) startPipeline(p demoProject, at time.Time) *PipelineBuilder {
	spec := d.occasion(p)
	spec.CreatedAt = at
	spec.Commit = d.commit(p, spec, at)
	if p.named {
		spec.Name = spec.Commit.Title
	}
	pl := d.projects[p.path].Pipeline(0, spec)
	d.run(pl, p, p.jobs)
	return pl
}

// occasion returns a pipeline with a random source, ref and user: it runs for a merge request, a
// push, a tag, a schedule, or was started in the web interface.
func (d *demo) occasion(p demoProject) Pipeline {
	spec := Pipeline{Source: "push", User: pick(d, d.people[4:]), Ref: p.spec.DefaultBranch}
	if d.chance(20) {
		spec.User = d.people[d.rand.IntN(2)]
	}
	switch dice := d.rand.IntN(100); {
	case dice < 34:
	case dice < 52:
		spec.Source, spec.Ref = "merge_request_event", fmt.Sprintf("refs/merge-requests/%d/head", 100+d.rand.IntN(900))
	case dice < 86:
		spec.Ref = pick(d, demoBranches)
	case dice < 91:
		d.tags[p.path]++
		spec.Ref, spec.Tag = fmt.Sprintf("v2.%d.%d", d.tags[p.path]/3, d.tags[p.path]%3), true
	case dice < 97:
		spec.Source, spec.User = "schedule", d.people[0]
	default:
		spec.Source = "web"
	}
	if strings.HasPrefix(spec.Ref, "renovate/") {
		spec.User = d.bot
	}
	if d.chance(30) {
		spec.Coverage = &d.coverage[d.rand.IntN(len(d.coverage))]
	}
	return spec
}

func (d *demo) commit(p demoProject, spec Pipeline, at time.Time) *Commit {
	title := pick(d, demoTitles)
	if strings.Contains(title, "%s") {
		title = fmt.Sprintf(title, pick(d, p.scopes))
	}
	zones := []int{0, 3600, 7200, 19800, -10800}
	zone := time.FixedZone("", pick(d, zones))
	message := title + "\n"
	if d.chance(25) {
		message += "\nThe old way was right on a quiet day only.\n\nCloses #" + fmt.Sprint(100+d.rand.IntN(4000)) + "\n"
	}
	email := spec.User.PublicEmail
	if email == "" {
		email = spec.User.Username + "@noreply.orchard.example"
	}
	return &Commit{
		SHA: fakeSHA(d.rand.Uint64()), ParentSHA: fakeSHA(d.rand.Uint64()), Title: title, Message: message,
		AuthorName: spec.User.Name, AuthorEmail: email, Date: at.Add(-d.between(20, 600)).In(zone),
	}
}

// course is a pipeline whose jobs are being planned.
type course struct {
	*demo
	pl      *PipelineBuilder
	ready   time.Time // when the current stage begins
	end     time.Time // when the current stage ends, as planned so far
	broken  bool      // a stage failed: the rest is skipped
	failing int       // index of the job that fails; -1: none
	cancel  time.Time // when a user cancels the jobs that have not ended; zero: never
	retries []func()  // add further attempts, whose IDs come after all others
}

// run plans all jobs of a pipeline, stage by stage, and its downstream pipelines.
func (d *demo) run(pl *PipelineBuilder, p demoProject, jobs []demoJob) {
	pl.p.Archived = d.archives(pl)
	c := &course{demo: d, pl: pl, ready: pl.p.CreatedAt.Add(d.between(1, 4)), failing: -1}
	c.end = c.ready
	switch dice := d.rand.IntN(100); {
	case dice < 17:
		c.failing = d.weakest(jobs)
	case dice < 21:
		if at := c.ready.Add(d.takes(5, 300)); at.Before(d.b.now) {
			c.cancel = at
		} else if d.pace > 1 {
			d.cancelLater(pl.p, at)
		}
	}
	for i, j := range jobs {
		if i > 0 && jobs[i-1].stage != j.stage {
			c.nextStage()
		}
		c.plan(i, j)
	}
	c.nextStage()
	if !c.broken && c.cancel.IsZero() {
		c.startDownstream(p)
	}
	for _, retry := range c.retries {
		retry()
	}
}

// weakest returns the index of a random job, weighted by risk: the job that fails.
func (d *demo) weakest(jobs []demoJob) int {
	sum := 0
	for _, j := range jobs {
		sum += j.risk
	}
	dice := d.rand.IntN(max(1, sum))
	for i, j := range jobs {
		if dice -= j.risk; dice < 0 {
			return i
		}
	}
	return -1
}

// archives reports whether the pipeline is too old for its jobs to be retried.
func (d *demo) archives(pl *PipelineBuilder) bool {
	return d.b.now.Sub(pl.p.CreatedAt) > demoHistory*8/9
}

// nextStage makes the end of the current stage the start of the next one.
func (c *course) nextStage() { c.ready = c.end }

// plan adds one job with its planned times and outcome.
func (c *course) plan(index int, j demoJob) {
	spec := c.spec(j)
	switch {
	case c.broken:
		spec.Status = Skipped
		if c.ready.After(c.b.now) {
			spec.Status, spec.Outcome, spec.FinishedAt = Created, Skipped, c.ready
		}
	case j.when == WhenManual && !c.chance(35):
		spec.Status = Manual
		if c.ready.After(c.b.now) {
			spec.Status, spec.Outcome, spec.FinishedAt = Created, Manual, c.ready
		}
	default:
		c.schedule(&spec, j, index == c.failing)
	}
	c.stop(&spec)
	id := c.pl.Job(0, spec)
	if c.pace > 1 && index == c.failing && c.chance(70) {
		c.retryLater(id, spec.FinishedAt.Add(c.between(5, 15)))
	}
}

// spec returns the job as it is created, before it is scheduled.
func (c *course) spec(j demoJob) Job {
	on := c.machineFor(j.tags)
	oldRunner := on.manager != nil && !versionAtLeast(on.manager.Version, [3]int{18, 0, 0})
	return Job{
		Name: j.name, Stage: j.stage, AllowFailure: j.optional, When: j.when,
		User: c.pl.p.User, Runner: on.runner, RunnerManager: on.manager,
		Tags: j.tags, CreatedAt: c.pl.p.CreatedAt, Archived: c.archives(c.pl),
		Debug: c.rand.IntN(400) == 0, EnvironmentSlug: j.env, EnvironmentTier: j.env,
		Log: Log{Tool: j.on, Plain: oldRunner},
	}
}

// schedule sets the times and the outcome of a job. If the job fails, the rest of the pipeline is
// skipped, unless a second attempt succeeds.
func (c *course) schedule(spec *Job, j demoJob, fails bool) {
	spec.QueuedAt = c.ready
	if j.when == WhenManual || j.when == WhenDelayed {
		spec.QueuedAt = c.ready.Add(c.takes(300, 3600)) // a user's hesitation, or the configured delay
	}
	spec.StartedAt = spec.QueuedAt.Add(c.takes(1, 25))
	spec.FinishedAt = spec.StartedAt.Add(c.takes(j.least, j.most))
	spec.Outcome = Success
	if fails || j.optional && c.chance(6) {
		spec.Outcome, spec.FailureReason = Failed, pick(c.demo, demoFailures)
	}
	c.settle(spec, j)
	if !j.optional {
		c.end = later(c.end, spec.FinishedAt)
	}
	if fails && c.chance(35) && spec.FinishedAt.Before(c.b.now.Add(-time.Hour)) {
		c.tryAgain(spec, j)
	} else if fails && !j.optional {
		c.broken = true
	}
}

// settle sets the status of a job whose planned end has passed to its outcome, and leaves other
// jobs to the clock. It also sets what the outcome implies: coverage, artifacts, an erasure.
func (c *course) settle(spec *Job, j demoJob) {
	if spec.FinishedAt.After(c.b.now) {
		spec.Status = Created
		if j.when == WhenDelayed {
			spec.Status = Scheduled
		}
	} else {
		spec.Status = spec.Outcome
	}
	if spec.Outcome == Success && j.leaves == "coverage" {
		spec.Coverage = &c.coverage[c.rand.IntN(len(c.coverage))]
	}
	if variants := c.artifacts[j.leaves]; spec.Outcome == Success || j.leaves == "tests" {
		spec.Artifacts = pick(c.demo, variants)
		spec.ArtifactsExpireAt = spec.FinishedAt.AddDate(0, 0, 14)
	} else {
		spec.Artifacts = pick(c.demo, c.artifacts[""])
	}
	if spec.Status == Success && c.rand.IntN(150) == 0 {
		spec.ErasedAt, spec.Artifacts, spec.ArtifactsExpireAt = spec.FinishedAt.Add(time.Minute), nil, time.Time{}
	}
}

// tryAgain makes the job a first attempt, and plans a second one that succeeds.
func (c *course) tryAgain(spec *Job, j demoJob) {
	spec.Retried = true
	again := c.spec(j)
	again.CreatedAt = spec.FinishedAt.Add(c.between(60, 1200))
	again.QueuedAt = again.CreatedAt
	again.StartedAt = again.QueuedAt.Add(c.between(1, 25))
	again.FinishedAt = again.StartedAt.Add(c.between(j.least, j.most))
	again.Outcome, again.User = Success, pick(c.demo, c.people)
	c.settle(&again, j)
	c.end = later(c.end, again.FinishedAt)
	c.retries = append(c.retries, func() { c.pl.Job(0, again) })
}

// stop cancels the job if it has not ended when the pipeline is canceled.
func (c *course) stop(spec *Job) {
	if c.cancel.IsZero() || !spec.FinishedAt.After(c.cancel) || spec.Status == Skipped {
		return
	}
	spec.Status, spec.FailureReason, spec.FinishedAt = Canceled, "", c.cancel
	spec.Artifacts, spec.ArtifactsExpireAt, spec.Coverage, spec.ErasedAt = nil, time.Time{}, nil, time.Time{}
	if spec.StartedAt.After(c.cancel) {
		spec.StartedAt = time.Time{}
	}
	if spec.QueuedAt.After(c.cancel) {
		spec.QueuedAt = time.Time{}
	}
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// newArtifacts makes a few variants of each kind of artifacts, which the jobs share.
func newArtifacts(r *rand.Rand) map[string][][]Artifact {
	all := map[string][][]Artifact{"": nil}
	kinds := demoArtifacts()
	for _, kind := range kinds {
		for range 8 {
			var files []Artifact
			for _, file := range kind.files {
				if file.Size > 0 {
					file.Size = file.Size/2 + r.Int64N(file.Size)
				}
				files = append(files, file)
			}
			_ = r.Int64N(60000) // unused, but the company's data depends on the number of draws
			files = append(files, Artifact{FileType: "trace", Format: "raw", Filename: "job.log"})
			all[kind.name] = append(all[kind.name], files)
		}
	}
	return all
}
