package model

import (
	"net/url"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// artifactList is the kind of list that artifact cursors belong to.
const artifactList = "artifact"

// Pages of artifacts, as the schema names them.
type (
	ArtifactConnection = relay.Connection[*Artifact]
	ArtifactEdge       = relay.Edge[*Artifact]
)

// Artifact is a file that a job left behind.
type Artifact struct {
	*restclient.Artifact
	jobURL string
}

// DownloadURL is where a browser that is signed in to GitLab downloads it.
func (a *Artifact) DownloadURL() *string {
	if a.jobURL == "" {
		return nil
	}
	u := a.jobURL + "/artifacts/download?file_type=" + url.QueryEscape(a.FileType)
	return &u
}
