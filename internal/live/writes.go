package live

import (
	"encoding/json"

	"jobgraph/restclient"
)

// Wrote wakes the topics that a write through this gateway has changed. They are taken from
// GitLab's response: a job or trigger job, which contains its pipeline.
func (e *Engine) Wrote(answer *restclient.Response) {
	var job struct {
		Pipeline *restclient.Pipeline `json:"pipeline"`
	}
	if json.Unmarshal(answer.Body, &job) != nil || job.Pipeline == nil || job.Pipeline.ProjectID == nil {
		return // the next poll finds it
	}
	e.Wake(Topic{Kind: Pipeline, Project: *job.Pipeline.ProjectID, ID: job.Pipeline.ID})
}
