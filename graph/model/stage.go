package model

import (
	"cmp"
	"slices"

	"jobgraph/restclient"
)

// Stages groups jobs, newest first and with earlier attempts, and trigger jobs by stage. Stages are
// in the order in which they run, which is that of the numbers of their first attempts. Only the
// latest attempt of each job is kept.
func Stages(jobs []*Job, bridges []*Bridge) []Stage {
	type row struct {
		id int64
		AttemptKey
		processable Processable
	}
	rows := make([]row, 0, len(jobs)+len(bridges))
	for _, j := range jobs {
		rows = append(rows, row{j.DatabaseID(), j.attemptKey(), j})
	}
	for _, b := range bridges {
		rows = append(rows, row{b.DatabaseID(), AttemptKey{b.Stage, string(b.Name)}, b})
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	latest := map[AttemptKey]int64{}
	for _, r := range rows {
		latest[r.AttemptKey] = r.id
	}
	stages := []Stage{}
	at := map[string]int{}
	for _, r := range rows {
		i, known := at[r.Stage]
		if !known {
			i = len(stages)
			at[r.Stage], stages = i, append(stages, Stage{Name: r.Stage})
		}
		if latest[r.AttemptKey] == r.id {
			stages[i].Jobs = append(stages[i].Jobs, r.processable)
		}
	}
	return stages
}

// Latest returns the latest attempt of each of a pipeline's jobs, in their order.
func Latest(jobs []*Job) []*Job {
	latest := make(map[AttemptKey]int64, len(jobs))
	for _, j := range jobs {
		key := j.attemptKey()
		latest[key] = max(latest[key], j.DatabaseID())
	}
	return slices.DeleteFunc(slices.Clone(jobs), func(j *Job) bool { return latest[j.attemptKey()] != j.DatabaseID() })
}

// CountStatuses counts jobs by status, in the order in which a job passes through them.
func CountStatuses(jobs []*Job) []JobStatusCount {
	counts := map[JobStatus]int{}
	for _, j := range jobs {
		counts[word[JobStatus](Statuses, j.Job.Status)]++
	}
	all := []JobStatusCount{}
	for _, s := range append(slices.Clone(Statuses), Unknown) {
		if status := word[JobStatus](Statuses, s); counts[status] > 0 {
			all = append(all, JobStatusCount{Status: status, Count: counts[status]})
		}
	}
	return all
}

// Status returns the composite status of the stage's jobs, as GitLab does
// (lib/gitlab/ci/status/composite.rb).
func (s *Stage) Status() JobStatus {
	has := map[string]bool{}
	for _, p := range s.Jobs {
		has[summed(p)] = true
	}
	only := func(words ...string) bool {
		for w := range has {
			if !slices.Contains(words, w) {
				return false
			}
		}
		return true
	}
	const passed, ignored = "success with warnings", "ignored"
	switch {
	case only("skipped", ignored):
		return "SKIPPED"
	case only("skipped", "success", passed, ignored):
		return "SUCCESS"
	case only("created", passed, ignored):
		return "CREATED"
	case only("preparing", passed, ignored):
		return "PREPARING"
	case only("canceled", "success", "skipped", passed, ignored):
		return "CANCELED"
	case only("pending", "created", "skipped", passed, ignored):
		return "PENDING"
	case has["running"], has["pending"]:
		return "RUNNING"
	}
	for _, w := range []string{"waiting_for_resource", "waiting_for_callback", "manual", "scheduled", "preparing"} {
		if has[w] {
			return word[JobStatus](Statuses, w)
		}
	}
	switch {
	case has["created"]:
		return "RUNNING"
	case has["canceling"]:
		return "CANCELING"
	case has[Unknown]:
		return Unknown
	}
	return "FAILED"
}

// summed is a job's contribution to its stage's status.
func summed(p Processable) string {
	var status restclient.Text
	var allowFailure bool
	switch p := p.(type) {
	case *Job:
		status, allowFailure = p.Job.Status, p.AllowFailure
	case *Bridge:
		status, allowFailure = p.Bridge.Status, p.AllowFailure
	}
	switch {
	case !slices.Contains(Statuses, string(status)):
		return Unknown
	case allowFailure && (status == "failed" || status == "canceled"):
		return "success with warnings"
	case allowFailure && status == "manual":
		return "ignored"
	}
	return string(status)
}
