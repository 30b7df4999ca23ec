package fakegitlab

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// The types of this file are the bodies of webhooks. Names and shapes differ from the REST API's.

type jobEvent struct {
	Kind           string        `json:"object_kind"`
	Ref            string        `json:"ref"`
	Tag            bool          `json:"tag"`
	BeforeSHA      string        `json:"before_sha"`
	SHA            string        `json:"sha"`
	Retries        int           `json:"retries_count"`
	BuildID        int64         `json:"build_id"`
	Name           string        `json:"build_name"`
	Stage          string        `json:"build_stage"`
	Status         Status        `json:"build_status"`
	CreatedAt      stamp         `json:"build_created_at"`
	StartedAt      stamp         `json:"build_started_at"`
	FinishedAt     stamp         `json:"build_finished_at"`
	Duration       *float        `json:"build_duration"`
	QueuedDuration *float        `json:"build_queued_duration"`
	AllowFailure   bool          `json:"build_allow_failure"`
	FailureReason  string        `json:"build_failure_reason"`
	PipelineID     int64         `json:"pipeline_id"`
	Runner         *eventRunner  `json:"runner"`
	ProjectID      int64         `json:"project_id"`
	ProjectName    string        `json:"project_name"`
	User           *eventUser    `json:"user"`
	Commit         eventCommit   `json:"commit"`
	Project        *eventProject `json:"project"`
}

type eventRunner struct {
	ID          int64    `json:"id"`
	Description string   `json:"description"`
	Type        string   `json:"runner_type"`
	Active      bool     `json:"active"`
	IsShared    bool     `json:"is_shared"`
	Tags        []string `json:"tags"`
}

type eventUser struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

type eventCommit struct {
	ID          int64  `json:"id"` // the pipeline's ID: a known bug of GitLab
	SHA         string `json:"sha"`
	Message     string `json:"message"`
	AuthorName  string `json:"author_name"`
	AuthorEmail string `json:"author_email"`
	Status      Status `json:"status"`
}

type eventProject struct {
	ID            int64  `json:"id"`
	Name          string `json:"name"`
	Description   string `json:"description"`
	WebURL        string `json:"web_url"`
	Namespace     string `json:"namespace"`
	Path          string `json:"path_with_namespace"`
	DefaultBranch string `json:"default_branch"`
}

type pipelineEvent struct {
	Kind       string             `json:"object_kind"`
	Attributes pipelineAttributes `json:"object_attributes"`
	User       *eventUser         `json:"user"`
	Project    *eventProject      `json:"project"`
	Builds     []eventBuild       `json:"builds"`
}

type pipelineAttributes struct {
	ID         int64    `json:"id"`
	IID        int64    `json:"iid"`
	Name       *string  `json:"name"`
	Ref        string   `json:"ref"`
	Tag        bool     `json:"tag"`
	SHA        string   `json:"sha"`
	BeforeSHA  string   `json:"before_sha"`
	Source     string   `json:"source"`
	Status     Status   `json:"status"`
	Stages     []string `json:"stages"`
	CreatedAt  stamp    `json:"created_at"`
	FinishedAt stamp    `json:"finished_at"`
	URL        string   `json:"url"`
}

type eventBuild struct {
	ID           int64  `json:"id"`
	Stage        string `json:"stage"`
	Name         string `json:"name"`
	Status       Status `json:"status"`
	CreatedAt    stamp  `json:"created_at"`
	StartedAt    stamp  `json:"started_at"`
	FinishedAt   stamp  `json:"finished_at"`
	When         When   `json:"when"`
	Manual       bool   `json:"manual"`
	AllowFailure bool   `json:"allow_failure"`
}

// externalURL returns the instance's external address, for events, which belong to no request.
func (s *Server) externalURL() string { return cmp.Or(s.options.URL, "http://gitlab.example.com") }

func (s *Server) jobEvent(c change) jobEvent {
	j, pl := c.job, c.job.pipeline
	e := jobEvent{
		Kind: "build", Ref: pl.Ref, Tag: pl.Tag, BeforeSHA: pl.Commit.ParentSHA, SHA: pl.Commit.SHA, Retries: j.retries(),
		BuildID: j.id, Name: j.Name, Stage: j.Stage, Status: c.status, CreatedAt: stamp(j.CreatedAt),
		StartedAt: stamp(j.started(c.at)), FinishedAt: stamp(j.finished(c.at)), Duration: seconds(j.duration(c.at)),
		QueuedDuration: seconds(j.queuedDuration(c.at)), AllowFailure: j.AllowFailure, FailureReason: "unknown_failure",
		PipelineID: pl.id, ProjectID: pl.project.id, ProjectName: strings.ReplaceAll(pl.project.path, "/", " / "),
		User: newEventUser(j.User), Project: s.eventProject(pl.project),
		Commit: eventCommit{
			pl.id, pl.Commit.SHA, pl.Commit.Message, pl.Commit.AuthorName, pl.Commit.AuthorEmail, pl.statusAt(c.at),
		},
	}
	if c.status == Failed {
		e.FailureReason = cmp.Or(j.FailureReason, e.FailureReason)
	}
	if r := j.Runner; r != nil && reached(j.StartedAt, c.at) {
		e.Runner = &eventRunner{r.ID, r.Description, r.Type, !r.Paused, r.Type == "instance_type", j.Tags}
	}
	return e
}

// retries returns the number of earlier attempts of a job.
func (j *job) retries() int {
	n := 0
	for _, other := range j.pipeline.jobs {
		if other.Name == j.Name && other.id < j.id {
			n++
		}
	}
	return n
}

func (s *Server) pipelineEvent(pl *pipeline, at time.Time) pipelineEvent {
	_, end := pl.span(at)
	e := pipelineEvent{Kind: "pipeline", User: newEventUser(pl.User), Project: s.eventProject(pl.project)}
	e.Builds = []eventBuild{}
	e.Attributes = pipelineAttributes{
		ID: pl.id, IID: pl.iid, Name: orNull(pl.Name), Ref: pl.Ref, Tag: pl.Tag, SHA: pl.Commit.SHA,
		BeforeSHA: pl.Commit.ParentSHA, Source: pl.Source, Status: pl.statusAt(at), Stages: pl.stages(),
		CreatedAt: stamp(pl.CreatedAt), FinishedAt: stamp(end),
		URL: fmt.Sprintf("%s/%s/-/pipelines/%d", s.externalURL(), pl.project.path, pl.id),
	}
	for _, j := range pl.jobs {
		if j.bridge || j.Retried {
			continue
		}
		e.Builds = append(e.Builds, eventBuild{
			ID: j.id, Stage: j.Stage, Name: j.Name, Status: j.statusAt(at),
			CreatedAt: stamp(j.CreatedAt), StartedAt: stamp(j.started(at)), FinishedAt: stamp(j.finished(at)),
			When: cmp.Or(j.When, "on_success"), Manual: j.When == WhenManual, AllowFailure: j.AllowFailure,
		})
	}
	return e
}

func newEventUser(u *User) *eventUser {
	if u == nil {
		return nil
	}
	return &eventUser{u.ID, u.Name, u.Username, cmp.Or(u.PublicEmail, "[REDACTED]")}
}

func (s *Server) eventProject(p *project) *eventProject {
	namespace := p.path[:max(0, strings.LastIndexByte(p.path, '/'))]
	url := s.externalURL() + "/" + p.path
	return &eventProject{p.id, p.Name, p.Description, url, namespace, p.path, p.DefaultBranch}
}
