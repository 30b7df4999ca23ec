package fakegitlab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Builder fills a simulated instance. An ID of zero takes the next free one. An ID used twice
// panics: a data set is part of the program, so that is a programming error.
//
//	b.Project(1, "group/app", fakegitlab.Project{}).
//		Pipeline(6, fakegitlab.Pipeline{Ref: "main"}).
//		Job(7, fakegitlab.Job{Name: "rspec", Status: fakegitlab.Failed})
type Builder struct {
	world *world
	now   time.Time
}

// Now is the simulated instance's clock at the time of building.
func (b *Builder) Now() time.Time { return b.now }

// claim returns id, or the next free ID of its kind if id is zero.
func (b *Builder) claim(kind string, id int64) int64 {
	if id == 0 {
		id = b.world.lastID[kind] + 1
	}
	b.world.lastID[kind] = max(b.world.lastID[kind], id)
	return id
}

// User adds a user.
func (b *Builder) User(u User) *User {
	u.ID = b.claim("user", u.ID)
	mustBeNew(b.world.users, u.ID, "user")
	u.Username = cmp.Or(u.Username, fmt.Sprintf("user%d", u.ID))
	u.Name = cmp.Or(u.Name, u.Username)
	u.State = cmp.Or(u.State, "active")
	setDefault(&u.CreatedAt, b.now.AddDate(-2, 0, 0))
	b.world.users[u.ID] = &u
	return &u
}

// Token registers value as a token of t.User, which must have been added before.
func (b *Builder) Token(value string, t Token) {
	if t.User == nil {
		panic("fakegitlab: a token needs a user")
	}
	if len(t.Scopes) == 0 {
		t.Scopes = []string{"api"}
	}
	t.Name = cmp.Or(t.Name, t.User.Username)
	t.value = value
	b.world.tokens[value] = &t
}

// JobToken makes value the CI_JOB_TOKEN of a job: it is valid while that job runs, and acts as the
// job's user.
func (b *Builder) JobToken(value string, jobID int64) {
	j := b.world.jobs[jobID]
	if j == nil {
		panic(fmt.Sprintf("fakegitlab: no job %d for a job token", jobID))
	}
	b.world.jobTokens[value] = j
}

// Runner adds a runner. Its status follows from r.ContactedAt.
func (b *Builder) Runner(r Runner) *Runner {
	r.ID = b.claim("runner", r.ID)
	r.Type = cmp.Or(r.Type, "instance_type")
	setDefault(&r.CreatedAt, b.now.AddDate(-1, 0, 0))
	return &r
}

// RunnerManager adds a runner manager: a machine of a runner.
func (b *Builder) RunnerManager(m RunnerManager) *RunnerManager {
	m.ID = b.claim("runner manager", m.ID)
	m.SystemID = cmp.Or(m.SystemID, fmt.Sprintf("s_%012x", m.ID))
	setDefault(&m.CreatedAt, b.now.AddDate(0, -3, 0))
	return &m
}

// ProjectBuilder adds to one project.
type ProjectBuilder struct {
	b *Builder
	p *project
}

// Project adds a project under its full path. The segments before the last are its groups.
func (b *Builder) Project(id int64, path string, p Project) *ProjectBuilder {
	id = b.claim("project", id)
	mustBeNew(b.world.projects, id, "project")
	p.Name = cmp.Or(p.Name, path[strings.LastIndexByte(path, '/')+1:])
	p.DefaultBranch = cmp.Or(p.DefaultBranch, "main")
	p.Visibility = cmp.Or(p.Visibility, Private)
	p.VariablesRole = cmp.Or(p.VariablesRole, Developer)
	setDefault(&p.CreatedAt, b.now.AddDate(-3, 0, 0))
	row := &project{Project: p, id: id, path: path, members: map[int64]Role{}, heads: map[string]string{}}
	for end := strings.LastIndexByte(path, '/'); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		row.groups = append(row.groups, b.group(path[:end]))
	}
	b.world.projects[id] = row
	b.world.paths[strings.ToLower(path)] = row
	for _, old := range p.OldPaths {
		b.world.oldPaths[strings.ToLower(old)] = row
	}
	return &ProjectBuilder{b, row}
}

func (b *Builder) group(path string) int64 {
	id, ok := b.world.groups[path]
	if !ok {
		id = b.claim("group", 0)
		b.world.groups[path] = id
	}
	return id
}

// ProjectBuilder returns the builder of an existing project. It panics if there is none.
func (b *Builder) ProjectBuilder(id int64) *ProjectBuilder {
	p := b.world.projects[id]
	if p == nil {
		panic(fmt.Sprintf("fakegitlab: no project %d", id))
	}
	return &ProjectBuilder{b, p}
}

// PipelineBuilder returns the builder of an existing pipeline. It panics if there is none.
func (b *Builder) PipelineBuilder(id int64) *PipelineBuilder {
	p := b.world.pipelines[id]
	if p == nil {
		panic(fmt.Sprintf("fakegitlab: no pipeline %d", id))
	}
	return &PipelineBuilder{b, p}
}

// ID returns the project's ID.
func (p *ProjectBuilder) ID() int64 { return p.p.id }

// Member gives a user a role in the project.
func (p *ProjectBuilder) Member(u *User, r Role) *ProjectBuilder {
	p.p.members[u.ID] = r
	return p
}

// Agent lets the project's jobs use a Kubernetes agent that is configured in the project config.
func (p *ProjectBuilder) Agent(id int64, config *ProjectBuilder) *ProjectBuilder {
	p.b.world.agents[p.p.id] = append(p.b.world.agents[p.p.id], agent{p.b.claim("agent", id), config.p})
	return p
}

// PipelineBuilder adds to one pipeline.
type PipelineBuilder struct {
	b *Builder
	p *pipeline
}

// Pipeline adds a pipeline to the project.
func (p *ProjectBuilder) Pipeline(id int64, spec Pipeline) *PipelineBuilder {
	id = p.b.claim("pipeline", id)
	mustBeNew(p.b.world.pipelines, id, "pipeline")
	spec.Ref = cmp.Or(spec.Ref, p.p.DefaultBranch)
	spec.Source = cmp.Or(spec.Source, "push")
	setDefault(&spec.CreatedAt, p.b.now.Add(-time.Hour))
	spec.Commit = fillCommit(spec.Commit, id, spec.CreatedAt)
	p.p.iids++
	row := &pipeline{Pipeline: spec, id: id, iid: p.p.iids, project: p.p}
	p.b.world.pipelines[id] = row
	p.p.pipelines = insertByID(p.p.pipelines, row)
	if !row.isChild() {
		p.p.heads[spec.Ref] = spec.Commit.SHA
	}
	return &PipelineBuilder{p.b, row}
}

// Push makes sha the newest commit of a ref, without adding a pipeline for it.
func (p *ProjectBuilder) Push(ref, sha string) *ProjectBuilder {
	p.p.heads[ref] = sha
	return p
}

func fillCommit(c *Commit, seed int64, before time.Time) *Commit {
	var filled Commit
	if c != nil {
		filled = *c
	}
	filled.SHA = cmp.Or(filled.SHA, fakeSHA(uint64(seed)))
	filled.ParentSHA = cmp.Or(filled.ParentSHA, fakeSHA(uint64(seed)<<32|1))
	filled.Title = cmp.Or(filled.Title, "Test the CI integration.")
	filled.Message = cmp.Or(filled.Message, filled.Title+"\n")
	filled.AuthorName = cmp.Or(filled.AuthorName, "Administrator")
	filled.AuthorEmail = cmp.Or(filled.AuthorEmail, "admin@example.com")
	setDefault(&filled.Date, before.Add(-time.Minute).In(time.FixedZone("", 3600)))
	return &filled
}

// ID returns the pipeline's ID.
func (p *PipelineBuilder) ID() int64 { return p.p.id }

// Job adds a job to the pipeline and returns its ID.
func (p *PipelineBuilder) Job(id int64, spec Job) int64 {
	return p.b.addJob(p.p, id, spec).id
}

// Bridge adds a trigger job to the pipeline and returns its ID. The downstream pipeline belongs to
// the same or another project. It is nil if it has not been created, or never will be.
func (p *PipelineBuilder) Bridge(id int64, spec Job, downstream *PipelineBuilder) int64 {
	row := p.b.newJob(p.p, id, spec)
	row.bridge = true
	if downstream != nil {
		row.downstream = downstream.p
	}
	p.b.world.attach(row)
	return row.id
}

func (b *Builder) addJob(p *pipeline, id int64, spec Job) *job {
	row := b.newJob(p, id, spec)
	b.world.attach(row)
	return row
}

func (b *Builder) newJob(p *pipeline, id int64, spec Job) *job {
	id = b.claim("job", id)
	mustBeNew(b.world.jobs, id, "job")
	spec.Name = cmp.Or(spec.Name, "job")
	spec.Stage = cmp.Or(spec.Stage, "test")
	spec.Status = cmp.Or(spec.Status, Success)
	spec.Outcome = cmp.Or(spec.Outcome, Success)
	spec.User = cmp.Or(spec.User, p.User)
	slices.Sort(spec.Tags)
	setDefault(&spec.CreatedAt, p.CreatedAt)
	spec.fillTimes()
	if spec.Status == Failed || spec.Outcome == Failed {
		spec.FailureReason = cmp.Or(spec.FailureReason, "script_failure")
	}
	return &job{Job: spec, id: id, pipeline: p}
}

// fillTimes sets the times that the job's status requires and that are still zero.
func (j *Job) fillTimes() {
	switch j.Status {
	case Pending, WaitingForResource, Preparing, WaitingForCallback:
		setDefault(&j.QueuedAt, j.CreatedAt.Add(time.Second))
	case Running, Canceling:
		setDefault(&j.QueuedAt, j.CreatedAt.Add(time.Second))
		setDefault(&j.StartedAt, j.QueuedAt.Add(2*time.Second))
	case Success, Failed:
		setDefault(&j.QueuedAt, j.CreatedAt.Add(time.Second))
		setDefault(&j.StartedAt, j.QueuedAt.Add(2*time.Second))
		setDefault(&j.FinishedAt, j.StartedAt.Add(90*time.Second))
	case Canceled:
		setDefault(&j.FinishedAt, j.CreatedAt.Add(time.Minute))
	}
}

// attach adds a job to its pipeline and project, keeping both lists in order of ID.
func (w *world) attach(j *job) {
	w.jobs[j.id] = j
	j.pipeline.jobs = insertByID(j.pipeline.jobs, j)
	if !j.bridge {
		j.pipeline.project.builds = insertByID(j.pipeline.project.builds, j)
	}
}

// insertByID inserts a row into a list in ascending order of ID.
func insertByID[T interface{ rowID() int64 }](rows []T, row T) []T {
	compareID := func(have T, id int64) int { return cmp.Compare(have.rowID(), id) }
	at, _ := slices.BinarySearchFunc(rows, row.rowID(), compareID)
	return slices.Insert(rows, at, row)
}

func (j *job) rowID() int64       { return j.id }
func (pl *pipeline) rowID() int64 { return pl.id }

func mustBeNew[T any](rows map[int64]T, id int64, kind string) {
	if _, taken := rows[id]; taken {
		panic(fmt.Sprintf("fakegitlab: %s %d is there already", kind, id))
	}
}

func setDefault(t *time.Time, value time.Time) {
	if t.IsZero() {
		*t = value
	}
}

// fakeSHA returns a commit hash that depends only on the seed.
func fakeSHA(seed uint64) string {
	var sha [40]byte
	const digits = "0123456789abcdef"
	for i := range sha {
		seed = seed*6364136223846793005 + 1442695040888963407
		sha[i] = digits[seed>>60]
	}
	return string(sha[:])
}
