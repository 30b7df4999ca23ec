package model

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Unknown is every enum's value for a word of a newer GitLab that this gateway does not have.
const Unknown = "UNKNOWN"

// The vocabularies, in GitLab's own words (lower case) and order.
var (
	Statuses       = []string{"created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "success", "failed", "canceling", "canceled", "skipped", "manual", "scheduled"}
	RunnerTypes    = []string{"instance_type", "group_type", "project_type"}
	RunnerStatuses = []string{"online", "offline", "stale", "never_contacted", "paused"}
)

type (
	// JobStatus is the status of a job or trigger job, as the graph spells it.
	JobStatus string
	// PipelineStatus is the status of a pipeline, as the graph spells it.
	PipelineStatus string
	// RunnerType is whom a runner serves, as the graph spells it.
	RunnerType string
	// RunnerStatus is the status of a runner or one of its machines, as the graph spells it.
	RunnerStatus string
)

// word is the graph's spelling of one of GitLab's words.
func word[E, S ~string](known []string, rest S) E {
	if slices.Contains(known, string(rest)) {
		return E(strings.ToUpper(string(rest)))
	}
	return Unknown
}

// REST is GitLab's spelling of a status; false for UNKNOWN, which GitLab does not have.
func (s JobStatus) REST() (string, bool) { return strings.ToLower(string(s)), s != Unknown }

// REST is GitLab's spelling; false for UNKNOWN.
func (s PipelineStatus) REST() (string, bool) { return strings.ToLower(string(s)), s != Unknown }

// MarshalGQL writes the status.
func (s JobStatus) MarshalGQL(w io.Writer) { quote(w, string(s)) }

// MarshalGQL writes the status.
func (s PipelineStatus) MarshalGQL(w io.Writer) { quote(w, string(s)) }

// MarshalGQL writes the type.
func (t RunnerType) MarshalGQL(w io.Writer) { quote(w, string(t)) }

// MarshalGQL writes the status.
func (s RunnerStatus) MarshalGQL(w io.Writer) { quote(w, string(s)) }

// UnmarshalGQL reads a status.
func (s *JobStatus) UnmarshalGQL(v any) error { return unmarshalEnum(s, Statuses, v) }

// UnmarshalGQL reads a status.
func (s *PipelineStatus) UnmarshalGQL(v any) error { return unmarshalEnum(s, Statuses, v) }

// UnmarshalGQL reads a type.
func (t *RunnerType) UnmarshalGQL(v any) error { return unmarshalEnum(t, RunnerTypes, v) }

// UnmarshalGQL reads a status.
func (s *RunnerStatus) UnmarshalGQL(v any) error { return unmarshalEnum(s, RunnerStatuses, v) }

func unmarshalEnum[E ~string](to *E, known []string, v any) error {
	s, ok := v.(string)
	if ok && (s == Unknown || s == strings.ToUpper(s) && slices.Contains(known, strings.ToLower(s))) {
		*to = E(s)
		return nil
	}
	return fmt.Errorf("%.60q is not one of its values", fmt.Sprint(v))
}

func quote(w io.Writer, s string) { _, _ = io.WriteString(w, `"`+s+`"`) }
