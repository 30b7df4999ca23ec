package model

// PipelineUpdate is a pipeline, and which of its jobs have changed.
type PipelineUpdate struct {
	Pipeline    *Pipeline
	ChangedJobs []Processable
}

// ProjectJobsUpdate is which jobs of a project have changed.
type ProjectJobsUpdate struct {
	Project     *Project
	ChangedJobs []*Job
}
