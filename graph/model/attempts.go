package model

import "slices"

// AttemptKey is what all attempts of a job in its pipeline have in common, and no other job has.
type AttemptKey struct{ Stage, Name string }

func (j *Job) attemptKey() AttemptKey { return AttemptKey{j.Stage, string(j.Name)} }

// Attempts returns all attempts of a job, the first one first. jobs is the list of its pipeline,
// newest first, with earlier attempts.
func Attempts(job *Job, jobs []*Job) []Job {
	attempts := []Job{}
	for _, j := range slices.Backward(jobs) {
		if j.attemptKey() == job.attemptKey() {
			attempts = append(attempts, *j)
		}
	}
	return attempts
}

// Retried reports whether a later attempt took a job's place.
func Retried(job *Job, jobs []*Job) bool {
	return slices.ContainsFunc(jobs, func(j *Job) bool {
		return j.DatabaseID() > job.DatabaseID() && j.attemptKey() == job.attemptKey()
	})
}
