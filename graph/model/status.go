package model

import (
	"slices"

	"jobgraph/restclient"
)

// What follows from a status of GitLab's alone, for jobs, trigger jobs and pipelines.

// jobStatus returns a status in the graph's words; nil if GitLab sent none.
func jobStatus(rest restclient.Text) *JobStatus {
	if rest == "" {
		return nil
	}
	status := word[JobStatus](Statuses, rest)
	return &status
}

func isActive[S ~string](status S) bool {
	return slices.Contains([]S{"waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running"}, status)
}

func isComplete[S ~string](status S) bool {
	return slices.Contains([]S{"success", "failed", "canceled", "skipped"}, status)
}

func isRetryable[S ~string](status S) bool {
	return slices.Contains([]S{"success", "failed", "canceled", "canceling"}, status)
}
