package fakegitlab

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// render makes the entities of one response. Entities that jobs share (pipelines, commits, users)
// are made once.
type render struct {
	q         *request
	pipelines map[*pipeline]*pipelineEntity
	commits   map[*pipeline]*commitEntity
	users     map[*User]*userEntity
}

func (q *request) render() *render {
	return &render{
		q:         q,
		pipelines: map[*pipeline]*pipelineEntity{},
		commits:   map[*pipeline]*commitEntity{},
		users:     map[*User]*userEntity{},
	}
}

func (r *render) jobs(jobs []*job) []any {
	entities := make([]any, len(jobs))
	for i, j := range jobs {
		entities[i] = r.job(j)
	}
	return entities
}

func (r *render) bridges(jobs []*job) []any {
	entities := make([]any, len(jobs))
	for i, j := range jobs {
		entities[i] = r.bridge(j)
	}
	return entities
}

// processable renders a bridge as a bridge and a build as a job.
func (r *render) processable(j *job) any {
	if j.bridge {
		return r.bridge(j)
	}
	return r.job(j)
}

func (r *render) basic(j *job) jobBasic {
	now, pl := r.q.now, j.pipeline
	b := jobBasic{
		ID: j.id, Status: j.statusAt(now), Stage: j.Stage, Name: j.Name, Ref: pl.Ref, Tag: pl.Tag,
		Coverage: (*float)(j.Coverage), AllowFailure: j.AllowFailure,
		CreatedAt: stamp(j.CreatedAt), StartedAt: stamp(j.started(now)),
		FinishedAt: stamp(j.finished(now)), ErasedAt: stamp(j.ErasedAt),
		Duration: seconds(j.duration(now)), QueuedDuration: seconds(j.queuedDuration(now)),
		User: r.user(j.User), Commit: r.commit(pl), Pipeline: r.pipeline(pl),
		WebURL:  fmt.Sprintf("%s/%s/-/jobs/%d", r.q.base, pl.project.path, j.id),
		Project: jobProject{!pl.project.OpenToJobTokens},
	}
	if !isCompleted(b.Status) {
		b.Coverage = nil
	}
	if b.Status == Failed {
		b.FailureReason = cmp.Or(j.FailureReason, "unknown_failure")
	}
	return b
}

func (r *render) job(j *job) *jobEntity {
	now := r.q.now
	e := &jobEntity{
		jobBasic: r.basic(j), Artifacts: []artifactEntity{}, Runner: r.runner(j),
		ArtifactsExpireAt: stamp(j.ArtifactsExpireAt), Archived: j.Archived, TagList: j.Tags,
	}
	if e.TagList == nil {
		e.TagList = []string{}
	}
	for _, a := range j.artifacts(now) {
		if a.FileType == "trace" && a.Size == 0 {
			a.Size = j.finalLogSize(now)
		}
		e.Artifacts = append(e.Artifacts, artifactEntity{a.FileType, orNullSize(a.Size), a.Filename, orNull(a.Format)})
	}
	if a, ok := j.archive(now); ok {
		e.ArtifactsFile = &artifactsFile{a.Filename, orNullSize(a.Size)}
	}
	if len(e.Artifacts) == 0 {
		e.ArtifactsExpireAt = stamp{}
	}
	if !j.bridge {
		e.onlyBuild = &onlyBuild{r.manager(j)}
	}
	return e
}

func (r *render) bridge(j *job) *bridgeEntity {
	e := &bridgeEntity{jobBasic: r.basic(j)}
	if j.downstream != nil {
		e.Downstream = r.pipeline(j.downstream)
	}
	return e
}

func (r *render) pipeline(pl *pipeline) *pipelineEntity {
	if e := r.pipelines[pl]; e != nil {
		return e
	}
	e := &pipelineEntity{
		ID: pl.id, ProjectID: pl.project.id, SHA: pl.Commit.SHA, Ref: pl.Ref, Status: pl.statusAt(r.q.now),
		CreatedAt: stamp(pl.CreatedAt), UpdatedAt: stamp(pl.updatedAt(r.q.now)),
		WebURL: fmt.Sprintf("%s/%s/-/pipelines/%d", r.q.base, pl.project.path, pl.id),
	}
	if !r.q.lacks(Older17) {
		e.pipelineIID, e.pipelineSource = &pipelineIID{pl.iid}, &pipelineSource{pl.Source}
	}
	r.pipelines[pl] = e
	return e
}

func (r *render) listedPipelines(pipelines []*pipeline) []any {
	entities := make([]any, len(pipelines))
	for i, pl := range pipelines {
		e := listedPipeline{pipelineEntity: r.pipeline(pl)}
		if !r.q.lacks(Older17) {
			e.pipelineName = &pipelineName{orNull(pl.Name)}
		}
		entities[i] = e
	}
	return entities
}

func (r *render) wholePipeline(pl *pipeline) *wholePipeline {
	e := &wholePipeline{
		pipelineEntity: r.pipeline(pl), BeforeSHA: pl.Commit.ParentSHA, Tag: pl.Tag, YAMLErrors: orNull(pl.YAMLErrors),
		CommittedAt: stamp(pl.Commit.Date),
	}
	if pl.User != nil {
		by := r.userBasic(pl.User)
		e.User = &by
	}
	if !r.q.lacks(Older17) {
		e.pipelineArchived, e.pipelineName = &pipelineArchived{pl.Archived}, &pipelineName{orNull(pl.Name)}
	}
	start, end := pl.span(r.q.now)
	e.StartedAt, e.FinishedAt = stamp(start), stamp(end)
	if !start.IsZero() {
		e.QueuedDuration = wholeSeconds(start.Sub(pl.CreatedAt))
	}
	if !start.IsZero() && !end.IsZero() {
		e.Duration = wholeSeconds(end.Sub(start))
	}
	if pl.Coverage != nil {
		text := fmt.Sprintf("%.2f", *pl.Coverage)
		e.Coverage = &text
	}
	return e
}

func (r *render) commit(pl *pipeline) *commitEntity {
	if pl.CommitGone {
		return nil
	}
	if e := r.commits[pl]; e != nil {
		return e
	}
	c := pl.Commit
	date := ownStamp(c.Date)
	e := &commitEntity{
		ID: c.SHA, ShortID: c.SHA[:8], CreatedAt: date, ParentIDs: []string{c.ParentSHA}, Title: c.Title, Message: c.Message,
		AuthorName: c.AuthorName, AuthorEmail: c.AuthorEmail, AuthoredDate: date,
		CommitterName: c.AuthorName, CommitterEmail: c.AuthorEmail, CommittedDate: date,
		Trailers: map[string]any{}, ExtendedTrailers: map[string]any{},
		WebURL: fmt.Sprintf("%s/%s/-/commit/%s", r.q.base, pl.project.path, c.SHA),
	}
	r.commits[pl] = e
	return e
}

func (r *render) userBasic(u *User) userBasic {
	avatar := fmt.Sprintf("https://www.gravatar.com/avatar/%s?s=80&d=identicon", fakeSHA(uint64(u.ID))[:32])
	return userBasic{ID: u.ID, Username: u.Username, PublicEmail: u.PublicEmail, Name: u.Name, State: u.State,
		AvatarURL: &avatar, WebURL: r.q.base + "/" + u.Username}
}

func (r *render) user(u *User) *userEntity {
	if u == nil {
		return nil
	}
	if e := r.users[u]; e != nil {
		return e
	}
	e := &userEntity{
		userBasic: r.userBasic(u), Bio: u.Bio, Location: u.Location,
		JobTitle: u.JobTitle, Organization: u.Organization, Bot: u.Bot,
	}
	if u.JobTitle != "" && u.Organization != "" {
		work := u.JobTitle + " at " + u.Organization
		e.WorkInformation = &work
	}
	if !u.PrivateProfile {
		e.userSince, e.userFollows = &userSince{stamp(u.CreatedAt)}, &userFollows{}
	}
	r.users[u] = e
	return e
}

func (r *render) project(p *project) *projectEntity {
	name, namespace := p.Name, ""
	if cut := strings.LastIndexByte(p.path, '/'); cut > 0 {
		namespace = strings.ReplaceAll(p.path[:cut], "/", " / ") + " / "
	}
	url := r.q.base + "/" + p.path
	host := r.q.base[strings.LastIndexByte(r.q.base, '/')+1:]
	last := p.CreatedAt
	if n := len(p.builds); n > 0 {
		last = p.builds[n-1].CreatedAt
	}
	return &projectEntity{
		ID: p.id, Description: orNull(p.Description), Name: name, NameWithNamespace: namespace + name,
		Path: p.path[strings.LastIndexByte(p.path, '/')+1:], PathWithNamespace: p.path, CreatedAt: stamp(p.CreatedAt),
		DefaultBranch: p.DefaultBranch, TagList: []string{}, Topics: []string{},
		SSHURL: "git@" + host + ":" + p.path + ".git", HTTPURL: url + ".git", WebURL: url,
		ReadmeURL: url + "/-/blob/" + p.DefaultBranch + "/README.md", LastActivityAt: stamp(last),
		Visibility: string(p.Visibility), Archived: p.Archived,
		JobsEnabled: true, PublicJobs: !p.MembersOnly, JobTokenScope: !p.OpenToJobTokens,
	}
}

// orNull returns nil (null) for the empty string.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orNullSize returns nil (null) for a negative size.
func orNullSize(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

func wholeSeconds(d time.Duration) *int64 {
	n := int64(d / time.Second)
	return &n
}
