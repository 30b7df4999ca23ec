package model

import (
	"net/url"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// ArtifactList is the kind of list that artifact cursors belong to.
const ArtifactList = "artifact"

// Pages of artifacts, as the schema names them.
type (
	ArtifactConnection = relay.Connection[*Artifact]
	ArtifactEdge       = relay.Edge[*Artifact]
)

// Artifact is a file that a job has saved.
type Artifact struct {
	*restclient.Artifact
	jobURL string
}

// DownloadURL is where a browser that is signed in to GitLab downloads it.
func (a *Artifact) DownloadURL() *string {
	if a.jobURL == "" {
		return nil
	}
	u := DownloadURL(a.jobURL, a.FileType)
	return &u
}

// DownloadURL is the address of an artifact of the job with this page.
func DownloadURL(jobURL, fileType string) string {
	return jobURL + "/artifacts/download?file_type=" + url.QueryEscape(fileType)
}
