package restclient

// AllowedAgents is what GitLab shows the holder of a job token about the agents that its job may
// use.
//
// API: https://docs.gitlab.com/api/jobs/#get-gitlab-agent-by-ci_job_token
type AllowedAgents struct {
	AllowedAgents []AllowedAgent            `json:"allowed_agents"`
	Job           Reference                 `json:"job"`
	Pipeline      Reference                 `json:"pipeline"`
	Project       AllowedAgentsProject      `json:"project"`
	User          AllowedAgentsUser         `json:"user"`
	Environment   *AllowedAgentsEnvironment `json:"environment"` // nil where the job has none
}

// Reference names something by its number alone.
type Reference struct {
	ID int64 `json:"id"`
}

// AllowedAgent is a GitLab agent that a job may use.
type AllowedAgent struct {
	ID            int64              `json:"id"`
	ConfigProject AgentConfigProject `json:"config_project"`
}

// AgentConfigProject is the project that holds an agent's configuration.
type AgentConfigProject struct {
	ID                int64   `json:"id"`
	Description       *string `json:"description"`
	Name              *string `json:"name"`
	NameWithNamespace *string `json:"name_with_namespace"`
	Path              *string `json:"path"`
	PathWithNamespace *string `json:"path_with_namespace"`
	CreatedAt         *Time   `json:"created_at"`
}

// AllowedAgentsProject is the job's project with its group and that group's ancestors.
type AllowedAgentsProject struct {
	ID     int64       `json:"id"`
	Groups []Reference `json:"groups"`
}

// AllowedAgentsUser is the user whose job it is. Current releases send RolesInProject, old ones
// Name, State, AvatarURL and WebURL instead.
type AllowedAgentsUser struct {
	ID             int64    `json:"id"`
	Username       string   `json:"username"`
	RolesInProject []string `json:"roles_in_project"` // every role up to the highest; nil where the key is not sent
	Name           *string  `json:"name"`
	State          *string  `json:"state"`
	AvatarURL      *string  `json:"avatar_url"`
	WebURL         *string  `json:"web_url"`
}

// AllowedAgentsEnvironment is the environment that the job deploys to.
type AllowedAgentsEnvironment struct {
	Tier *string `json:"tier"`
	Slug *string `json:"slug"`
}
