package model

import "slices"

// Attempts returns all attempts of a job, the first one first. jobs is the list of its pipeline,
// newest first, with earlier attempts.
func Attempts(job *Job, jobs []*Job) []Job {
	attempts := []Job{}
	for _, j := range slices.Backward(jobs) {
		if j.Name == job.Name && j.Stage == job.Stage {
			attempts = append(attempts, *j)
		}
	}
	return attempts
}

// Retried reports whether a later attempt took a job's place.
func Retried(job *Job, jobs []*Job) bool {
	return slices.ContainsFunc(Attempts(job, jobs), func(j Job) bool { return j.DatabaseID() > job.DatabaseID() })
}
