package model

// JobFilter is what GitLab's own list cannot select. A field that is nil does not filter.
type JobFilter struct {
	Name           *string
	NamePattern    *string
	Stages         []string
	Tags           []string
	RunnerID       *string
	FailureReasons []string
	AllowFailure   *bool
}
