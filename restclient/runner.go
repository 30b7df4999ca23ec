package restclient

// Runner is the runner that took a job.
type Runner struct {
	ID                 int64   `json:"id"`
	Description        *string `json:"description"`
	IPAddress          *string `json:"ip_address"` // always null on current releases
	Active             bool    `json:"active"`
	Paused             bool    `json:"paused"`
	IsShared           bool    `json:"is_shared"`
	RunnerType         string  `json:"runner_type"` // an open vocabulary: "instance_type", "group_type", "project_type"
	Name               *string `json:"name"`
	Online             *bool   `json:"online"`
	CreatedBy          *User   `json:"created_by"` // only for callers who may see the user; a stub
	CreatedAt          *Time   `json:"created_at"`
	Status             string  `json:"status"`               // an open vocabulary: "online", "paused", "never_contacted", …
	JobExecutionStatus *string `json:"job_execution_status"` // "active" or "idle"
}

// RunnerManager is the machine of a runner that ran a job.
type RunnerManager struct {
	ID                 int64   `json:"id"`
	SystemID           string  `json:"system_id"`
	Version            *string `json:"version"`
	Revision           *string `json:"revision"`
	Platform           *string `json:"platform"`
	Architecture       *string `json:"architecture"`
	CreatedAt          *Time   `json:"created_at"`
	ContactedAt        *Time   `json:"contacted_at"`
	IPAddress          *string `json:"ip_address"`
	Status             string  `json:"status"` // an open vocabulary; "" where an old release leaves it out
	JobExecutionStatus *string `json:"job_execution_status"`
}
