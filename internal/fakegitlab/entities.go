package fakegitlab

import (
	"bytes"
	"strconv"
	"time"
)

// The types of this file are the JSON of the API, with the keys in the order in which Grape exposes
// them. The keys of an embedded nil pointer are left out: this is how keys that older releases lack
// and conditional keys are implemented.

// stamp is a time in UTC with milliseconds. The zero time is null.
type stamp time.Time

func (s stamp) MarshalJSON() ([]byte, error) {
	if time.Time(s).IsZero() {
		return []byte("null"), nil
	}
	return time.Time(s).UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

// ownStamp is a time that keeps its own UTC offset, like the dates of commits.
type ownStamp time.Time

func (s ownStamp) MarshalJSON() ([]byte, error) {
	return time.Time(s).AppendFormat(nil, `"2006-01-02T15:04:05.000-07:00"`), nil
}

// float is a number as Ruby writes a Float: always with a decimal point.
type float float64

func (f float) MarshalJSON() ([]byte, error) {
	text := strconv.AppendFloat(nil, float64(f), 'f', -1, 64)
	if !bytes.ContainsRune(text, '.') {
		text = append(text, ".0"...)
	}
	return text, nil
}

// seconds returns a duration in seconds, to the microsecond, or nil (null) if ok is false.
func seconds(d time.Duration, ok bool) *float {
	if !ok {
		return nil
	}
	f := float(d.Truncate(time.Microsecond).Seconds())
	return &f
}

type jobBasic struct {
	ID             int64           `json:"id"`
	Status         Status          `json:"status"`
	Stage          string          `json:"stage"`
	Name           string          `json:"name"`
	Ref            string          `json:"ref"`
	Tag            bool            `json:"tag"`
	Coverage       *float          `json:"coverage"`
	AllowFailure   bool            `json:"allow_failure"`
	CreatedAt      stamp           `json:"created_at"`
	StartedAt      stamp           `json:"started_at"`
	FinishedAt     stamp           `json:"finished_at"`
	ErasedAt       stamp           `json:"erased_at"`
	Duration       *float          `json:"duration"`
	QueuedDuration *float          `json:"queued_duration"`
	User           *userEntity     `json:"user"`
	Commit         *commitEntity   `json:"commit"`
	Pipeline       *pipelineEntity `json:"pipeline"`
	FailureReason  string          `json:"failure_reason,omitempty"`
	WebURL         string          `json:"web_url"`
	Project        jobProject      `json:"project"`
}

type jobProject struct {
	JobTokenScope bool `json:"ci_job_token_scope_enabled"`
}

type jobEntity struct {
	jobBasic
	ArtifactsFile *artifactsFile   `json:"artifacts_file,omitempty"`
	Artifacts     []artifactEntity `json:"artifacts"`
	Runner        *runnerEntity    `json:"runner"`
	*onlyBuild
	ArtifactsExpireAt stamp    `json:"artifacts_expire_at"`
	Archived          bool     `json:"archived"`
	TagList           []string `json:"tag_list"`
}

// onlyBuild holds the key that is missing in the answer to a bridge's retry.
type onlyBuild struct {
	RunnerManager *managerEntity `json:"runner_manager"`
}

type bridgeEntity struct {
	jobBasic
	Downstream *pipelineEntity `json:"downstream_pipeline"`
}

type artifactsFile struct {
	Filename string `json:"filename"`
	Size     *int64 `json:"size"`
}

type artifactEntity struct {
	FileType string  `json:"file_type"`
	Size     *int64  `json:"size"`
	Filename string  `json:"filename"`
	Format   *string `json:"file_format"`
}

type pipelineEntity struct {
	ID int64 `json:"id"`
	*pipelineIID
	ProjectID int64  `json:"project_id"`
	SHA       string `json:"sha"`
	Ref       string `json:"ref"`
	Status    Status `json:"status"`
	*pipelineSource
	CreatedAt stamp  `json:"created_at"`
	UpdatedAt stamp  `json:"updated_at"`
	WebURL    string `json:"web_url"`
}

type pipelineIID struct {
	IID int64 `json:"iid"`
}

type pipelineSource struct {
	Source string `json:"source"`
}

// listedPipeline is a pipeline in a project's list of pipelines.
type listedPipeline struct {
	*pipelineEntity
	*pipelineName
}

type pipelineName struct {
	Name *string `json:"name"`
}

type pipelineArchived struct {
	Archived bool `json:"archived"`
}

type wholePipeline struct {
	*pipelineEntity
	BeforeSHA      string     `json:"before_sha"`
	Tag            bool       `json:"tag"`
	YAMLErrors     *string    `json:"yaml_errors"`
	User           *userBasic `json:"user"`
	StartedAt      stamp      `json:"started_at"`
	FinishedAt     stamp      `json:"finished_at"`
	CommittedAt    stamp      `json:"committed_at"`
	Duration       *int64     `json:"duration"`
	QueuedDuration *int64     `json:"queued_duration"`
	Coverage       *string    `json:"coverage"` // a string, unlike a job's
	*pipelineArchived
	*pipelineName
}

type runnerEntity struct {
	ID          int64   `json:"id"`
	Description string  `json:"description"`
	IPAddress   *string `json:"ip_address"` // always null in the supported releases
	Active      bool    `json:"active"`
	Paused      bool    `json:"paused"`
	IsShared    bool    `json:"is_shared"`
	Type        string  `json:"runner_type"`
	Name        *string `json:"name"`
	Online      bool    `json:"online"`
	*runnerOrigin
	Status string `json:"status"`
	*execution
}

type runnerOrigin struct {
	CreatedBy *userBasic `json:"created_by"`
	CreatedAt stamp      `json:"created_at"`
}

type execution struct {
	Status string `json:"job_execution_status"`
}

type managerEntity struct {
	ID           int64   `json:"id"`
	SystemID     string  `json:"system_id"`
	Version      *string `json:"version"`
	Revision     *string `json:"revision"`
	Platform     *string `json:"platform"`
	Architecture *string `json:"architecture"`
	CreatedAt    stamp   `json:"created_at"`
	ContactedAt  stamp   `json:"contacted_at"`
	IPAddress    *string `json:"ip_address"`
	Status       string  `json:"status"`
	*execution
}

type commitEntity struct {
	ID               string         `json:"id"`
	ShortID          string         `json:"short_id"`
	CreatedAt        ownStamp       `json:"created_at"`
	ParentIDs        []string       `json:"parent_ids"`
	Title            string         `json:"title"`
	Message          string         `json:"message"`
	AuthorName       string         `json:"author_name"`
	AuthorEmail      string         `json:"author_email"`
	AuthoredDate     ownStamp       `json:"authored_date"`
	CommitterName    string         `json:"committer_name"`
	CommitterEmail   string         `json:"committer_email"`
	CommittedDate    ownStamp       `json:"committed_date"`
	Trailers         map[string]any `json:"trailers"`
	ExtendedTrailers map[string]any `json:"extended_trailers"`
	WebURL           string         `json:"web_url"`
}

type userBasic struct {
	ID          int64   `json:"id"`
	Username    string  `json:"username"`
	PublicEmail string  `json:"public_email"`
	Name        string  `json:"name"`
	State       string  `json:"state"`
	Locked      bool    `json:"locked"`
	AvatarURL   *string `json:"avatar_url"`
	WebURL      string  `json:"web_url"`
}

type userEntity struct {
	userBasic
	*userSince
	Bio             string  `json:"bio"`
	Location        string  `json:"location"`
	LinkedIn        string  `json:"linkedin"`
	Twitter         string  `json:"twitter"`
	Discord         string  `json:"discord"`
	WebsiteURL      string  `json:"website_url"`
	GitHub          string  `json:"github"`
	JobTitle        string  `json:"job_title"`
	Pronouns        *string `json:"pronouns"`
	Organization    string  `json:"organization"`
	Bot             bool    `json:"bot"`
	WorkInformation *string `json:"work_information"`
	*userFollows
	LocalTime *string `json:"local_time"`
}

type userSince struct {
	CreatedAt stamp `json:"created_at"`
}

type userFollows struct {
	Followers int `json:"followers"`
	Following int `json:"following"`
}

type projectEntity struct {
	ID                int64    `json:"id"`
	Description       *string  `json:"description"`
	Name              string   `json:"name"`
	NameWithNamespace string   `json:"name_with_namespace"`
	Path              string   `json:"path"`
	PathWithNamespace string   `json:"path_with_namespace"`
	CreatedAt         stamp    `json:"created_at"`
	DefaultBranch     string   `json:"default_branch"`
	TagList           []string `json:"tag_list"`
	Topics            []string `json:"topics"`
	SSHURL            string   `json:"ssh_url_to_repo"`
	HTTPURL           string   `json:"http_url_to_repo"`
	WebURL            string   `json:"web_url"`
	ReadmeURL         string   `json:"readme_url"`
	ForksCount        int      `json:"forks_count"`
	AvatarURL         *string  `json:"avatar_url"`
	StarCount         int      `json:"star_count"`
	LastActivityAt    stamp    `json:"last_activity_at"`
	Visibility        string   `json:"visibility"`
	Archived          bool     `json:"archived"`
	JobsEnabled       bool     `json:"jobs_enabled"`
	PublicJobs        bool     `json:"public_jobs"`
	JobTokenScope     bool     `json:"ci_job_token_scope_enabled"`
}
