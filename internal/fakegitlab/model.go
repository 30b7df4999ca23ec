package fakegitlab

import (
	"sync/atomic"
	"time"
)

// Status is the status of a job or pipeline, as GitLab spells it.
type Status string

// GitLab's thirteen statuses.
const (
	Created            Status = "created"
	WaitingForResource Status = "waiting_for_resource"
	Preparing          Status = "preparing"
	WaitingForCallback Status = "waiting_for_callback"
	Pending            Status = "pending"
	Running            Status = "running"
	Success            Status = "success"
	Failed             Status = "failed"
	Canceling          Status = "canceling"
	Canceled           Status = "canceled"
	Skipped            Status = "skipped"
	Manual             Status = "manual"
	Scheduled          Status = "scheduled"
)

// Role is a member's access level, as GitLab numbers it.
type Role int

// The roles on which permissions for jobs depend.
const (
	NoRole     Role = 0
	Guest      Role = 10
	Reporter   Role = 20
	Developer  Role = 30
	Maintainer Role = 40
	Owner      Role = 50
)

// Visibility is the visibility of a project to users who are not members.
type Visibility string

// The visibilities of a project. The zero value means Private.
const (
	Private  Visibility = "private"
	Internal Visibility = "internal"
	Public   Visibility = "public"
)

// When is a job's "when": the condition on which it starts.
type When string

// The values of "when" that make a job playable. The zero value means on_success.
const (
	WhenManual  When = "manual"
	WhenDelayed When = "delayed"
)

// User is a person or bot.
type User struct {
	ID           int64
	Username     string
	Name         string
	State        string // default "active"
	Admin        bool
	Bot          bool
	Bio          string
	Location     string
	PublicEmail  string
	JobTitle     string
	Organization string
	CreatedAt    time.Time
	// PrivateProfile omits created_at, followers and following from the JSON.
	PrivateProfile bool
}

// Token is a personal access token or, if OAuth is set, an OAuth token.
type Token struct {
	// Name identifies the token in the call log.
	Name string
	User *User
	// Scopes are any of "api", "read_api", "read_user" and "sudo"; none means "api".
	Scopes    []string
	Revoked   bool
	ExpiresAt time.Time // zero: never
	// OAuth marks a token that is not accepted as PRIVATE-TOKEN.
	OAuth bool
	// Limit is the number of requests of any kind that the token may make per minute. Zero: only
	// the instance's limits apply.
	Limit int
	value string
}

// Runner is a registered runner.
type Runner struct {
	ID          int64
	Description string // empty is sent as ""
	Type        string // "instance_type" (default), "group_type" or "project_type"
	Name        string // empty is sent as null
	Paused      bool
	CreatedBy   *User
	CreatedAt   time.Time
	ContactedAt time.Time // zero: never contacted
	// Busy makes job_execution_status "active".
	Busy bool
}

// RunnerManager is one machine or pod of a runner.
type RunnerManager struct {
	ID           int64
	SystemID     string
	Version      string // empty strings are sent as null
	Revision     string
	Platform     string
	Architecture string
	Executor     string // "docker" (default), "shell" or "kubernetes"; appears in the log only
	IPAddress    string
	CreatedAt    time.Time
	ContactedAt  time.Time
	Busy         bool
}

// cancelsGracefully reports whether the runner runs after_script when a job is canceled (16.11.1
// and later). A running job that is canceled is then "canceling" first.
func (m *RunnerManager) cancelsGracefully() bool {
	return m != nil && versionAtLeast(m.Version, [3]int{16, 11, 1})
}

// Commit is the commit of a pipeline. Its dates keep their own UTC offset.
type Commit struct {
	SHA         string // 40 hex digits; default: derived from the pipeline's ID
	ParentSHA   string
	Title       string
	Message     string // default: the title and a line feed
	AuthorName  string
	AuthorEmail string
	Date        time.Time
}

// Artifact is one file that a job uploaded.
type Artifact struct {
	FileType string // "archive", "trace", "junit", …
	Format   string // "zip", "gzip", "raw"; empty is sent as null
	Filename string
	// Size is in bytes. A negative size is sent as null, as for old records. Zero is the size of
	// the log if FileType is "trace".
	Size int64
}

// Project describes a project to Builder.Project, without its ID and path. The zero value is a
// private project.
type Project struct {
	Name          string // default: the last segment of the path
	Description   string // empty is sent as null
	DefaultBranch string // default "main"
	Visibility    Visibility
	CreatedAt     time.Time
	// Archived is the value of "archived".
	Archived bool
	// MembersOnly turns "public pipelines" off: reading jobs requires the role Reporter.
	MembersOnly bool
	// OldPaths are the full paths that this project had before it was renamed.
	OldPaths []string
	// ProtectedRefs maps branch or tag patterns ("main", "v*") to the least role that may push or
	// merge there.
	ProtectedRefs map[string]Role
	// VariablesRole is the least role that may set variables when it plays a job; default
	// Developer.
	VariablesRole Role
	// OpenToJobTokens turns ci_job_token_scope_enabled (the allowlist) off.
	OpenToJobTokens bool
	// JobTokenGrants is the allowlist: the other projects whose job tokens are accepted.
	JobTokenGrants []JobTokenGrant
	// StatsRefreshing makes the erasure of a job fail with 409, as while GitLab recomputes the
	// sizes of artifacts.
	StatsRefreshing bool
}

// JobTokenGrant allows the job tokens of one project to access another.
type JobTokenGrant struct {
	Project string // full path of the token's project
	// Policies are the fine-grained permissions, any of "read_jobs" and "read_pipelines"; none
	// means all.
	Policies []string
}

// Pipeline describes a pipeline to ProjectBuilder.Pipeline, without its ID.
type Pipeline struct {
	Ref    string // default: the project's default branch
	Tag    bool
	Commit *Commit // nil: a generated one
	// CommitGone makes every job's commit null, as after a force push and garbage collection.
	CommitGone bool
	// Status is a fixed status. If it is empty, the status is computed from the jobs.
	Status     Status
	Source     string // default "push"
	User       *User
	CreatedAt  time.Time // default: an hour ago
	YAMLErrors string
	Coverage   *float64
	// Name is the name from workflow:name in the project's configuration. Empty is sent as null.
	Name string
	// Archived marks a pipeline that is too old to be retried.
	Archived bool
	// BuildsHidden hides the jobs, but not the pipeline, from callers below Developer: they get
	// empty lists, not 403.
	BuildsHidden bool
}

// Job describes a job to PipelineBuilder.Job and Bridge, without its ID. The zero value is a
// successful job named "job".
//
// A job's status changes with the clock: a created or scheduled job is pending from QueuedAt on, a
// pending one is running from StartedAt on, and a running one has the status Outcome from
// FinishedAt on. Times after the clock's are plans and are not in any response.
type Job struct {
	Name          string
	Stage         string // default "test"
	Status        Status // default Success
	FailureReason string // default "script_failure" for a failed job
	Coverage      *float64
	AllowFailure  bool
	When          When
	ResourceGroup string
	CreatedAt     time.Time // default: the pipeline's
	QueuedAt      time.Time
	StartedAt     time.Time
	FinishedAt    time.Time
	ErasedAt      time.Time
	Outcome       Status // the status of a running job at its end; default Success
	User          *User  // default: the pipeline's
	Runner        *Runner
	RunnerManager *RunnerManager
	Tags          []string
	Artifacts     []Artifact
	// ArtifactsExpireAt is when the archive expires: artifacts_file is omitted from then on.
	ArtifactsExpireAt time.Time
	Archived          bool
	Retried           bool
	// Debug marks a job that ran with CI_DEBUG_TRACE: reading its log requires the permission to
	// update the job.
	Debug bool
	// Inputs are the names of the inputs that the job declares.
	Inputs []string
	// EnvironmentTier and EnvironmentSlug are sent by allowed_agents.
	EnvironmentTier, EnvironmentSlug string
	Log                              Log
}

// Log describes a job's log. The zero value is a realistic log, generated from the job. The log of
// a job that has not started is always empty.
type Log struct {
	// None makes the log empty.
	None bool
	// Text is the complete log.
	Text string
	// Size is the size in bytes of a log that is generated while it is sent. While the job runs,
	// the log grows evenly up to the planned end.
	Size int64
	// Every is the interval at which a job that keeps running after its script prints a line. Zero
	// is 30 s. After a few thousand lines it is at least 30 s.
	Every time.Duration
	// Watched makes the runner send a running job's log every WatchedLogInterval, as while the
	// job's page is open in a browser.
	Watched bool
	// Tool selects the script: "npm", "go", "cargo", "gradle", "xcode", "python", "helm",
	// "terraform" or "kaniko". Any other value is a shell script.
	Tool string
	// Plain omits the runner's 32-byte line headers, as runners before 18 do.
	Plain bool
}

// project is a Project with its ID and its relations. pipeline and job are the same for a Pipeline
// and a Job.
type project struct {
	Project
	id      int64
	path    string
	groups  []int64 // the namespace and its ancestors, nearest first
	members map[int64]Role
	builds  []*job // ascending by ID, without bridges
	iids    int64
	// pipelines are ascending by ID, child pipelines included.
	pipelines []*pipeline
	// heads holds the newest commit of each ref, as far as the simulator has one.
	heads map[string]string
}

type pipeline struct {
	Pipeline
	id, iid int64
	project *project
	jobs    []*job // builds and bridges, ascending by ID
	removed bool
}

type job struct {
	Job
	id         int64
	pipeline   *pipeline
	bridge     bool
	downstream *pipeline
	traceSize  atomic.Int64 // of the log of a job that has finished, plus one; zero: not known yet
	logEnd     time.Time    // the end that was planned for the log before the job's end changed; zero: FinishedAt
}

// world is the data of one simulated instance.
type world struct {
	projects  map[int64]*project
	paths     map[string]*project // by lower-case full path
	oldPaths  map[string]*project
	groups    map[string]int64
	pipelines map[int64]*pipeline
	jobs      map[int64]*job
	users     map[int64]*User
	tokens    map[string]*Token
	jobTokens map[string]*job
	agents    map[int64][]agent // by project ID
	lastID    map[string]int64  // by kind
	agenda    []event           // soonest first
}

// agent is a GitLab agent for Kubernetes that a project's jobs may use.
type agent struct {
	id     int64
	config *project
}

func newWorld() *world {
	return &world{
		projects:  map[int64]*project{},
		paths:     map[string]*project{},
		oldPaths:  map[string]*project{},
		groups:    map[string]int64{},
		pipelines: map[int64]*pipeline{},
		jobs:      map[int64]*job{},
		users:     map[int64]*User{},
		tokens:    map[string]*Token{},
		jobTokens: map[string]*job{},
		agents:    map[int64][]agent{},
		lastID:    map[string]int64{},
	}
}

// versionAtLeast reports whether a "major.minor.patch" version is least or newer. It returns false
// for any other text.
func versionAtLeast(version string, least [3]int) bool {
	var have [3]int
	part := 0
	for _, c := range version {
		switch {
		case c == '.' && part < 2:
			part++
		case c >= '0' && c <= '9':
			have[part] = have[part]*10 + int(c-'0')
		default:
			return false
		}
	}
	for i := range have {
		if have[i] != least[i] {
			return have[i] > least[i]
		}
	}
	return version != ""
}
