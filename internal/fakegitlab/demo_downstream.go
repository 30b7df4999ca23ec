package fakegitlab

import "time"

// startDownstream adds the bridges that follow a pipeline's own jobs: one to a child pipeline in
// the same project, and on the default branch one to a pipeline of another project.
func (c *course) startDownstream(p demoProject) {
	if len(p.child) > 0 {
		child := c.successor("parent_pipeline", c.pl.p.Ref)
		c.bridge("e2e", p.child[0].stage, c.projects[p.path], child, func(pl *PipelineBuilder) {
			c.run(pl, demoProject{path: p.path}, p.child)
		})
	}
	if p.trigger == "" || c.pl.p.Ref != c.pl.p.project.DefaultBranch {
		return
	}
	target := c.project(p.trigger)
	next := c.successor("pipeline", target.spec.DefaultBranch)
	c.bridge("trigger:"+target.spec.Name, "trigger", c.projects[p.trigger], next, func(pl *PipelineBuilder) {
		c.run(pl, target, target.jobs)
	})
}

// successor returns the specification of a pipeline that this one starts.
func (c *course) successor(source, ref string) Pipeline {
	spec := Pipeline{Source: source, Ref: ref, User: c.pl.p.User, Commit: c.pl.p.Commit}
	if source == "parent_pipeline" {
		spec.Tag = c.pl.p.Tag
	}
	return spec
}

// bridge adds a trigger job. Its downstream pipeline is created now if the bridge has already run,
// and otherwise when the clock reaches that time.
func (c *course) bridge(name, stage string, in *ProjectBuilder, spec Pipeline, fill func(*PipelineBuilder)) {
	job := Job{
		Name: name, Stage: stage, User: c.pl.p.User, CreatedAt: c.pl.p.CreatedAt, QueuedAt: c.ready, StartedAt: c.ready,
		FinishedAt: c.ready.Add(3 * time.Second), Status: Success, Outcome: Success,
	}
	spec.CreatedAt = c.ready.Add(time.Second)
	if spec.Commit != nil && in.p != c.pl.p.project {
		spec.Commit = nil // another repository, with a commit of its own
	}
	if c.chance(3) {
		reasons := []string{"downstream_pipeline_creation_failed", "insufficient_bridge_permissions"}
		job.Status, job.FailureReason = Failed, pick(c.demo, reasons)
		if job.QueuedAt.After(c.b.now) {
			job.Status, job.Outcome = Created, Failed
		}
		c.pl.Bridge(0, job, nil)
		return
	}
	if !spec.CreatedAt.After(c.b.now) {
		downstream := in.Pipeline(0, spec)
		c.pl.Bridge(0, job, downstream)
		fill(downstream)
		return
	}
	job.Status = Created
	id := c.pl.Bridge(0, job, nil)
	c.whenDue(spec.CreatedAt, func() {
		downstream := in.Pipeline(0, spec)
		c.b.world.mustJob(id).downstream = downstream.p
		fill(downstream)
	})
}

// whenDue schedules a change for time t, at which the demo's builders have t as their clock.
func (d *demo) whenDue(t time.Time, change func()) {
	d.b.At(t, func(b *Builder) {
		d.b = b
		for _, p := range d.projects {
			p.b = b
		}
		change()
	})
}

func (d *demo) project(path string) demoProject {
	for _, p := range d.catalog {
		if p.path == path {
			return p
		}
	}
	panic("fakegitlab: no demo project " + path)
}

// addOddities adds rare cases: a pipeline with every status, a job whose token stays valid, huge
// logs, and a project that only administrators can see.
func (d *demo) addOddities(at time.Time) {
	const path = "orchard/platform/deployments"
	deployments, infra := d.projects[path], d.projects["orchard/platform/infrastructure"]
	deployments.Agent(0, infra).Agent(0, deployments)
	hidden := d.b.Project(99, "orchard/security/audit", Project{Description: "Seen by administrators only"})
	hidden.Pipeline(0, Pipeline{CreatedAt: at}).Job(0, Job{CreatedAt: at})

	user := d.people[0]
	commit := d.commit(d.project(path), Pipeline{User: user}, at)
	pl := deployments.Pipeline(0, Pipeline{User: user, Source: "schedule", CreatedAt: at, Commit: commit})
	k8s, mac := d.fleet["kubernetes"][0], d.fleet["macos-14"][1]
	running := func(j Job, on machine) Job {
		j.User, j.Runner, j.RunnerManager = user, on.runner, on.manager
		j.Status, j.StartedAt = Running, at.Add(10*time.Second)
		return j
	}
	soak := pl.Job(0, running(Job{
		Name: "soak:staging", Stage: "staging", Tags: onK8s, EnvironmentTier: "staging", EnvironmentSlug: "staging",
		Log: Log{Every: 3 * time.Second},
	}, k8s))
	d.b.JobToken(TokenJob, soak)
	canceling := running(Job{Name: "load-test", Stage: "staging", Tags: onMac}, mac)
	canceling.Status = Canceling
	pl.Job(0, canceling)
	for _, j := range oddJobs() {
		j.User = user
		pl.Job(0, j)
	}
}

// oddJobs returns jobs with the rarer statuses and with large logs.
func oddJobs() []Job {
	return []Job{
		{Name: "deploy:production", Stage: "production", Status: WaitingForResource, ResourceGroup: "production"},
		{Name: "cluster:create", Stage: "production", Status: Preparing},
		{Name: "change-approval", Stage: "production", Status: WaitingForCallback},
		{Name: "train:embeddings", Stage: "production", Status: Pending, Tags: []string{"gpu", "h100"}},
		{Name: "rollout: [50%]", Stage: "production", Status: Scheduled, When: WhenDelayed},
		{Name: "announce", Stage: "production", Status: Created},
		{Name: "rollback", Stage: "production", Status: Manual, When: WhenManual, AllowFailure: true,
			Inputs: []string{"revision"}},
		{Name: "verbose", Stage: "verify", Status: Failed, FailureReason: "trace_size_exceeded",
			Log: Log{Size: 200 << 20}},
		{Name: "chatty", Stage: "verify", Log: Log{Size: 4 << 20}},
	}
}
