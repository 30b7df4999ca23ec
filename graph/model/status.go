package model

import "slices"

// What follows from a status of GitLab's alone, for jobs, trigger jobs and pipelines.

func isActive(status string) bool {
	return slices.Contains([]string{"waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running"}, status)
}

func isComplete(status string) bool {
	return slices.Contains([]string{"success", "failed", "canceled", "skipped"}, status)
}

func isRetryable(status string) bool {
	return slices.Contains([]string{"success", "failed", "canceled", "canceling"}, status)
}
