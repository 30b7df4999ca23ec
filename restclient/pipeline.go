package restclient

import "encoding/json"

// Pipeline is a pipeline, whole or as a stub.
//
// The stub inside a job or a bridge has the fields up to WebURL (old releases: only ID, ProjectID,
// Ref, SHA and Status); the rest comes from [SinglePipeline] alone and is nil in a stub.
//
// API: https://docs.gitlab.com/api/pipelines/#get-a-single-pipeline
type Pipeline struct {
	ID        int64   `json:"id"`
	IID       *int64  `json:"iid"`
	ProjectID *int64  `json:"project_id"`
	SHA       Text    `json:"sha"`
	Ref       *string `json:"ref"`
	Status    string  `json:"status"` // an open vocabulary, lower case
	Source    *string `json:"source"` // an open vocabulary: "push", "schedule", "parent_pipeline", …
	CreatedAt *Time   `json:"created_at"`
	UpdatedAt *Time   `json:"updated_at"`
	WebURL    *string `json:"web_url"`

	Name           *string         `json:"name"`
	BeforeSHA      *string         `json:"before_sha"`
	Tag            *bool           `json:"tag"`
	YAMLErrors     *string         `json:"yaml_errors"`
	User           *User           `json:"user"`
	StartedAt      *Time           `json:"started_at"`
	FinishedAt     *Time           `json:"finished_at"`
	CommittedAt    *Time           `json:"committed_at"`
	Duration       *json.Number    `json:"duration"`        // seconds
	QueuedDuration *json.Number    `json:"queued_duration"` // seconds
	Coverage       json.RawMessage `json:"coverage"`        // percent: a number, or a number in a string
	DetailedStatus json.RawMessage `json:"detailed_status"` // what GitLab's own pages show, as sent
	Archived       *bool           `json:"archived"`
}

// Project is what the gateway needs of a project: its canonical number, its path and its address.
//
// API: https://docs.gitlab.com/api/projects/#get-a-single-project
type Project struct {
	ID                     int64   `json:"id"`
	Name                   *string `json:"name"`
	NameWithNamespace      *string `json:"name_with_namespace"`
	Path                   *string `json:"path"`
	PathWithNamespace      *string `json:"path_with_namespace"`
	Description            *string `json:"description"`
	DefaultBranch          *string `json:"default_branch"`
	Visibility             *string `json:"visibility"`
	Archived               *bool   `json:"archived"`
	CreatedAt              *Time   `json:"created_at"`
	WebURL                 *string `json:"web_url"`
	CIJobTokenScopeEnabled *bool   `json:"ci_job_token_scope_enabled"`
}
