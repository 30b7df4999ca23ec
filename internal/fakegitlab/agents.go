package fakegitlab

import (
	"net/http"
)

type allowedAgents struct {
	Agents      []agentEntity      `json:"allowed_agents"`
	Job         idEntity           `json:"job"`
	Pipeline    idEntity           `json:"pipeline"`
	Project     agentProject       `json:"project"`
	User        any                `json:"user"`
	Environment *environmentEntity `json:"environment,omitempty"`
}

type idEntity struct {
	ID int64 `json:"id"`
}

type agentProject struct {
	ID     int64      `json:"id"`
	Groups []idEntity `json:"groups"`
}

type agentEntity struct {
	ID            int64       `json:"id"`
	ConfigProject agentConfig `json:"config_project"`
}

type agentConfig struct {
	ID                int64   `json:"id"`
	Description       *string `json:"description"`
	Name              string  `json:"name"`
	NameWithNamespace string  `json:"name_with_namespace"`
	Path              string  `json:"path"`
	PathWithNamespace string  `json:"path_with_namespace"`
	CreatedAt         stamp   `json:"created_at"`
}

type agentUser struct {
	ID       int64    `json:"id"`
	Username string   `json:"username"`
	Roles    []string `json:"roles_in_project"`
}

type environmentEntity struct {
	Tier string `json:"tier"`
	Slug string `json:"slug"`
}

// showAllowedAgents serves GET /job/allowed_agents. Older releases send the user's profile instead
// of the roles.
func (q *request) showAllowedAgents() (*answer, *problem) {
	j, r := q.identity.job, q.render()
	p := j.pipeline.project
	body := allowedAgents{Agents: []agentEntity{}, Job: idEntity{j.id}, Pipeline: idEntity{j.pipeline.id},
		Project: agentProject{p.id, []idEntity{}}}
	for _, group := range p.groups {
		body.Project.Groups = append(body.Project.Groups, idEntity{group})
	}
	for _, a := range q.world.agents[p.id] {
		body.Agents = append(body.Agents, agentEntity{a.id, r.agentConfig(a.config)})
	}
	body.User = agentUser{j.User.ID, j.User.Username, roleNames(q.role(p))}
	if q.lacks(Older17) {
		body.User = r.userBasic(j.User)
	}
	if j.EnvironmentTier != "" {
		body.Environment = &environmentEntity{j.EnvironmentTier, j.EnvironmentSlug}
	}
	a := inJSON(http.StatusOK, body)
	a.header.Set("Gitlab-Kas-Features", "{}")
	return a, nil
}

// agentConfig renders the project that configures an agent.
func (r *render) agentConfig(p *project) agentConfig {
	e := r.project(p)
	return agentConfig{
		ID: e.ID, Description: e.Description, Name: e.Name, NameWithNamespace: e.NameWithNamespace,
		Path: e.Path, PathWithNamespace: e.PathWithNamespace, CreatedAt: e.CreatedAt,
	}
}

// roleNames returns the names of all roles up to most, least first.
func roleNames(most Role) []string {
	roles := []struct {
		role Role
		name string
	}{{Guest, "guest"}, {15, "planner"}, {Reporter, "reporter"}, {Developer, "developer"}, {Maintainer, "maintainer"}, {Owner, "owner"}}
	names := []string{}
	for _, r := range roles {
		if r.role <= most {
			names = append(names, r.name)
		}
	}
	return names
}
