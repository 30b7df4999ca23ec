package model

import "jobgraph/restclient"

// AllowedAgents is the job of a job token, and the agents that the job may use.
type AllowedAgents struct{ *restclient.AllowedAgents }

// Agents are the agents that the job may use.
func (a AllowedAgents) Agents() []restclient.AllowedAgent {
	return present(a.AllowedAgents.AllowedAgents)
}

// JobDatabaseID is GitLab's number of the job.
func (a AllowedAgents) JobDatabaseID() int64 { return a.Job.ID }

// PipelineDatabaseID is GitLab's number of the job's pipeline.
func (a AllowedAgents) PipelineDatabaseID() int64 { return a.Pipeline.ID }

// Project is the job's project.
func (a AllowedAgents) Project() *AllowedAgentsProject {
	return &AllowedAgentsProject{&a.AllowedAgents.Project}
}

// User is the user that the job runs as.
func (a AllowedAgents) User() *AllowedAgentsUser { return &AllowedAgentsUser{&a.AllowedAgents.User} }

// AllowedAgentsProject is the job's project with its group and that group's ancestors.
type AllowedAgentsProject struct {
	*restclient.AllowedAgentsProject
}

// GroupDatabaseIDs are the numbers of its group and of every group above that.
func (p *AllowedAgentsProject) GroupDatabaseIDs() []int64 {
	ids := make([]int64, len(p.Groups))
	for i, g := range p.Groups {
		ids[i] = g.ID
	}
	return ids
}

// AllowedAgentsUser is the user that the job runs as.
type AllowedAgentsUser struct{ *restclient.AllowedAgentsUser }

// Roles are the user's roles in the job's project, lowest first.
func (u *AllowedAgentsUser) Roles() []string { return present(u.RolesInProject) }
