package model

import (
	"jobgraph/graph/gid"
	"jobgraph/restclient"
)

// Runner is a runner as a job carries it.
type Runner struct{ *restclient.Runner }

func newRunner(r *restclient.Runner) *Runner {
	if r == nil {
		return nil
	}
	return &Runner{r}
}

// ID is the global ID.
func (r *Runner) ID() string { return gid.Runner(r.Runner.ID) }

// DatabaseID is GitLab's number of the runner.
func (r *Runner) DatabaseID() int64 { return r.Runner.ID }

// RunnerType is the runner's type, in the graph's words.
func (r *Runner) RunnerType() RunnerType { return word[RunnerType](RunnerTypes, r.Runner.RunnerType) }

// Status is whether it is there, in the graph's words.
func (r *Runner) Status() RunnerStatus { return word[RunnerStatus](RunnerStatuses, r.Runner.Status) }

// CreatedBy is who registered it.
func (r *Runner) CreatedBy() *User { return NewUser(r.Runner.CreatedBy) }

// RunnerManager is a machine of a runner, as a job carries it.
type RunnerManager struct{ *restclient.RunnerManager }

func newRunnerManager(m *restclient.RunnerManager) *RunnerManager {
	if m == nil {
		return nil
	}
	return &RunnerManager{m}
}

// ID is the global ID.
func (m *RunnerManager) ID() string { return gid.RunnerManager(m.RunnerManager.ID) }

// DatabaseID is GitLab's number of the manager.
func (m *RunnerManager) DatabaseID() int64 { return m.RunnerManager.ID }

// Status is whether it is there, in the graph's words.
func (m *RunnerManager) Status() RunnerStatus {
	return word[RunnerStatus](RunnerStatuses, m.RunnerManager.Status)
}
