package restclient

import "encoding/json"

// Job is one CI job, as the job lists, the single job and the writes answer it. A key that the
// instance does not send is nil, "" or false: older releases and the answers of writes have fewer
// keys.
//
// API: https://docs.gitlab.com/api/jobs/
type Job struct {
	ID             int64        `json:"id"`
	Status         Text         `json:"status"` // an open vocabulary, lower case: "success", "waiting_for_resource", …
	Stage          string       `json:"stage"`
	Name           Text         `json:"name"`
	Ref            Text         `json:"ref"`
	Tag            bool         `json:"tag"`      // Ref is a Git tag
	Coverage       *json.Number `json:"coverage"` // percent
	AllowFailure   bool         `json:"allow_failure"`
	CreatedAt      Time         `json:"created_at"`
	StartedAt      *Time        `json:"started_at"`
	FinishedAt     *Time        `json:"finished_at"`
	ErasedAt       *Time        `json:"erased_at"`
	Duration       *json.Number `json:"duration"`        // seconds; grows while the job runs
	QueuedDuration *json.Number `json:"queued_duration"` // seconds
	User           *User        `json:"user"`
	Commit         *Commit      `json:"commit"`         // nil also when the commit is gone
	Pipeline       *Pipeline    `json:"pipeline"`       // a stub, see Pipeline
	FailureReason  *string      `json:"failure_reason"` // sent for failed jobs only; an open vocabulary
	WebURL         Text         `json:"web_url"`
	Project        *JobProject  `json:"project"`

	ArtifactsFile     *ArtifactsFile `json:"artifacts_file"` // nil unless a live archive exists
	Artifacts         []Artifact     `json:"artifacts"`      // nil where the key is not sent
	Runner            *Runner        `json:"runner"`
	RunnerManager     *RunnerManager `json:"runner_manager"`
	ArtifactsExpireAt *Time          `json:"artifacts_expire_at"`
	Archived          bool           `json:"archived"`
	TagList           []string       `json:"tag_list"`     // nil where the key is not sent
	DownloadURL       *string        `json:"download_url"` // old releases only
}

// Bridge is a trigger job: a job that starts a downstream pipeline, in its own project or in
// another.
//
// API: https://docs.gitlab.com/api/jobs/#list-pipeline-trigger-jobs
type Bridge struct {
	ID             int64        `json:"id"`
	Status         Text         `json:"status"`
	Stage          string       `json:"stage"`
	Name           Text         `json:"name"`
	Ref            Text         `json:"ref"`
	Tag            bool         `json:"tag"`
	Coverage       *json.Number `json:"coverage"`
	AllowFailure   bool         `json:"allow_failure"`
	CreatedAt      Time         `json:"created_at"`
	StartedAt      *Time        `json:"started_at"`
	FinishedAt     *Time        `json:"finished_at"`
	ErasedAt       *Time        `json:"erased_at"`
	Duration       *json.Number `json:"duration"`        // seconds
	QueuedDuration *json.Number `json:"queued_duration"` // seconds
	User           *User        `json:"user"`
	Commit         *Commit      `json:"commit"`
	Pipeline       *Pipeline    `json:"pipeline"` // a stub, see Pipeline
	FailureReason  *string      `json:"failure_reason"`
	WebURL         Text         `json:"web_url"`
	Project        *JobProject  `json:"project"`

	DownstreamPipeline *Pipeline `json:"downstream_pipeline"` // a stub; nil until it was created
	Archived           *bool     `json:"archived"`            // not sent by every release
}

// JobProject is all that a job says about its project. It carries no ID.
type JobProject struct {
	CIJobTokenScopeEnabled *bool `json:"ci_job_token_scope_enabled"`
}

// Artifact is one file that a job left behind; its log and the archive's metadata are among them.
type Artifact struct {
	FileType   string  `json:"file_type"` // an open vocabulary: "archive", "trace", "junit", …
	Size       *int64  `json:"size"`      // bytes; nil for some old files
	Filename   string  `json:"filename"`
	FileFormat *string `json:"file_format"` // "raw", "zip", "gzip"
}

// ArtifactsFile is the archive of a job's artifacts.
type ArtifactsFile struct {
	Filename string `json:"filename"`
	Size     *int64 `json:"size"` // bytes
}

// Commit is the commit that a job ran on. Its times carry the zone of its author, not UTC.
type Commit struct {
	ID               string          `json:"id"`
	ShortID          string          `json:"short_id"`
	CreatedAt        Time            `json:"created_at"`
	ParentIDs        []string        `json:"parent_ids"` // nil where the key is not sent
	Title            string          `json:"title"`
	Message          string          `json:"message"`
	AuthorName       string          `json:"author_name"`
	AuthorEmail      string          `json:"author_email"`
	AuthoredDate     *Time           `json:"authored_date"`
	CommitterName    *string         `json:"committer_name"`
	CommitterEmail   *string         `json:"committer_email"`
	CommittedDate    *Time           `json:"committed_date"`
	Trailers         json.RawMessage `json:"trailers"`          // an object as sent, in the order sent
	ExtendedTrailers json.RawMessage `json:"extended_trailers"` // an object of arrays, as sent
	WebURL           *string         `json:"web_url"`
}
