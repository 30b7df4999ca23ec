package fakegitlab

import (
	"sync/atomic"
	"time"
)

// Status is a job's or a pipeline's status, in GitLab's own words.
type Status string

// The thirteen statuses of GitLab. It spells "canceled" with one l, always.
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

// Role is a member's access level, with GitLab's own numbers.
type Role int

// The roles that matter to jobs.
const (
	NoRole     Role = 0
	Guest      Role = 10
	Reporter   Role = 20
	Developer  Role = 30
	Maintainer Role = 40
	Owner      Role = 50
)

// Visibility decides who may see a project without being a member.
type Visibility string

// The visibilities of a project; the zero value means Private.
const (
	Private  Visibility = "private"
	Internal Visibility = "internal"
	Public   Visibility = "public"
)

// When is what starts a job.
type When string

// The values of a job's "when" that change what may be done with it; the zero value means
// on_success.
const (
	WhenManual  When = "manual"
	WhenDelayed When = "delayed"
)

// User is a person or bot. Zero fields are filled in from the username.
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
	// PrivateProfile leaves created_at, followers and following out of the JSON.
	PrivateProfile bool
}

// Token is a personal access token (or an OAuth token: GitLab treats them alike here).
type Token struct {
	// Name stands in the call log in the token's place.
	Name string
	User *User
	// Scopes, of "api", "read_api", "read_user", "sudo"; none means "api".
	Scopes    []string
	Revoked   bool
	ExpiresAt time.Time // zero: never
	// OAuth marks a token that may not be sent as PRIVATE-TOKEN.
	OAuth bool
	// Limit is how many requests of any kind the token has per minute; zero: only the instance's
	// own limits count.
	Limit int
	value string
}

// Runner is a runner as administrators registered it.
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

// RunnerManager is one machine (or pod) on which a runner runs.
type RunnerManager struct {
	ID           int64
	SystemID     string
	Version      string // empty strings are sent as null
	Revision     string
	Platform     string
	Architecture string
	Executor     string // "docker" (default), "shell" or "kubernetes": seen in the log only
	IPAddress    string
	CreatedAt    time.Time
	ContactedAt  time.Time
	Busy         bool
}

// cancelsGracefully reports whether the runner lets after_script run when a job is canceled
// (16.11.1 and later): canceling a running job then passes through "canceling".
func (m *RunnerManager) cancelsGracefully() bool {
	return m != nil && versionAtLeast(m.Version, [3]int{16, 11, 1})
}

// Commit is a commit as pipelines and jobs show it. Its dates keep their own offset.
type Commit struct {
	SHA         string // 40 hex digits; default: derived from the pipeline's ID
	ParentSHA   string
	Title       string
	Message     string // default: the title and a line feed
	AuthorName  string
	AuthorEmail string
	Date        time.Time
}

// Artifact is one file that a job left behind.
type Artifact struct {
	FileType string // "archive", "trace", "junit", …
	Format   string // "zip", "gzip", "raw"; empty is sent as null
	Filename string
	Size     int64 // bytes; negative is sent as null, as for old rows; zero is the log's size for a "trace"
}

// Project is what Builder.Project needs beside the ID and path; the zero value is a private
// project.
type Project struct {
	Name          string // default: the last segment of the path
	Description   string // empty is sent as null
	DefaultBranch string // default "main"
	Visibility    Visibility
	CreatedAt     time.Time
	// Archived marks a project that is read-only.
	Archived bool
	// MembersOnly switches "public pipelines" off: below Reporter nobody reads jobs.
	MembersOnly bool
	// OldPaths are the full paths that this project had before it was renamed.
	OldPaths []string
	// ProtectedRefs maps branch or tag patterns ("main", "v*") to the least role that may push or
	// merge there.
	ProtectedRefs map[string]Role
	// VariablesRole is the least role that may set variables when it plays a job; default
	// Developer.
	VariablesRole Role
	// OpenToJobTokens switches ci_job_token_scope_enabled (the allowlist) off.
	OpenToJobTokens bool
	// JobTokenGrants name the other projects whose job tokens are let in while the allowlist is on.
	JobTokenGrants []JobTokenGrant
	// StatsRefreshing makes erasing a 409, as while GitLab recounts artifact sizes.
	StatsRefreshing bool
}

// JobTokenGrant lets the job tokens of one project into another.
type JobTokenGrant struct {
	Project string // full path of the token's project
	// Policies are the fine-grained permissions, of "read_jobs" and "read_pipelines"; none means
	// all.
	Policies []string
}

// Pipeline is what ProjectBuilder.Pipeline needs beside the ID.
type Pipeline struct {
	Ref    string // default: the project's default branch
	Tag    bool
	Commit *Commit // nil: a plausible one
	// CommitGone makes every job's commit null, as after a force push and garbage collection.
	CommitGone bool
	// Status pins the status; empty means that it follows from the jobs.
	Status     Status
	Source     string // default "push"
	User       *User
	CreatedAt  time.Time // default: an hour ago
	YAMLErrors string
	Coverage   *float64
	// Name is what workflow:name in the project's configuration calls the pipeline; empty is sent
	// as null.
	Name string
	// Archived marks a pipeline that is too old to be retried.
	Archived bool
	// BuildsHidden lets those below Developer see the pipeline but not its jobs: its lists are then
	// empty, not forbidden.
	BuildsHidden bool
}

// Job is what PipelineBuilder.Job and Bridge need beside the ID. The zero value is a successful job
// named "job".
//
// A job moves as the clock does: a created or scheduled job is pending from QueuedAt on, a pending
// one runs from StartedAt on, a running one becomes Outcome at FinishedAt. Times ahead of the clock
// are plans and are shown to nobody.
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
	Outcome       Status // what a running job becomes; default Success
	User          *User  // default: the pipeline's
	Runner        *Runner
	RunnerManager *RunnerManager
	Tags          []string
	Artifacts     []Artifact
	// ArtifactsExpireAt is when the archive goes: past it, artifacts_file is left out.
	ArtifactsExpireAt time.Time
	Archived          bool
	Retried           bool
	// Debug marks a job that ran with CI_DEBUG_TRACE: its log is for Developers and up.
	Debug bool
	// Inputs are the names of the inputs that the job declares.
	Inputs []string
	// EnvironmentTier and EnvironmentSlug show in allowed_agents.
	EnvironmentTier, EnvironmentSlug string
	Log                              Log
}

// Log describes a job's log. The zero value is a believable log, made from the job itself;
// the log of a job that has not started is empty in any case.
type Log struct {
	// None is a finished job without any log.
	None bool
	// Text is the log itself.
	Text string
	// Size asks for a generated log of exactly so many bytes, written while it is sent. While the
	// job runs, the log grows evenly up to the planned end.
	Size int64
	// Every is how often a job that runs past its script prints a line; zero is 30 s. After some
	// thousand lines it is 30 s in any case.
	Every time.Duration
	// Watched makes the runner send a running job's log every WatchedLogInterval, as while its page
	// is open in a browser.
	Watched bool
	// Tool is what the script runs, of "npm", "go", "cargo", "gradle", "xcode", "python", "helm",
	// "terraform" and "kaniko"; anything else is a shell script.
	Tool string
	// Plain leaves the runner's 32-byte line headers out, as runners before 18 did.
	Plain bool
}

// project, pipeline and job are the rows behind the builder's words, with their ties to each other.
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
	logEnd     time.Time    // when the log would have ended, had nobody interfered; zero: at FinishedAt
}

// world is everything that one simulated instance holds.
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
		projects: map[int64]*project{}, paths: map[string]*project{}, oldPaths: map[string]*project{}, groups: map[string]int64{},
		pipelines: map[int64]*pipeline{}, jobs: map[int64]*job{}, users: map[int64]*User{},
		tokens: map[string]*Token{}, jobTokens: map[string]*job{}, agents: map[int64][]agent{}, lastID: map[string]int64{},
	}
}

// versionAtLeast compares a "major.minor.patch" version; anything else is older than everything.
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
