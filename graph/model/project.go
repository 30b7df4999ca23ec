package model

import (
	"strconv"
	"strings"

	"jobgraph/restclient"
)

// Project is a project by its address, with the information in the object that led to it. Number is
// 0 while only the path is known.
type Project struct {
	Number int64
	Path   string

	ScopeEnabled *bool  // ci_job_token_scope_enabled, where a job carried it
	Rows         []*Job // the list that led to the project: its jobs need no further call
}

// IsNode marks a project as a Node.
func (*Project) IsNode() {}

// REST is the project's address in REST paths: its number if that is known.
func (p *Project) REST() restclient.ProjectID {
	if p.Number != 0 {
		return restclient.ProjectID(strconv.FormatInt(p.Number, 10))
	}
	return restclient.ProjectID(p.Path)
}

// Address is the project without the information in the object that led to it.
func (p *Project) Address() *Project { return &Project{Number: p.Number, Path: p.Path} }

// ProjectOf returns where an object is: in the project whose number it carries, or else in the one
// that it was read from. The number is 0 where neither has one.
func ProjectOf(carried *int64, around Project) Project {
	if carried != nil {
		return Project{Number: *carried}
	}
	return around
}

// downstreamProject returns the project of a downstream pipeline: by its number, or if the release
// does not send that, by the path in the address of its page.
func downstreamProject(p *restclient.Pipeline, pathPrefix string) *Project {
	if p.ProjectID != nil {
		return &Project{Number: *p.ProjectID}
	}
	if p.WebURL == nil {
		return &Project{}
	}
	_, rest, _ := strings.Cut(*p.WebURL, "://")
	_, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(strings.TrimPrefix(path, pathPrefix), "/pipelines/")
	return &Project{Path: strings.TrimSuffix(path, "/-")}
}

// AddressedProject is the project with this REST address: a number or a full path.
func AddressedProject(address restclient.ProjectID) *Project {
	if n, err := strconv.ParseInt(string(address), 10, 64); err == nil {
		return &Project{Number: n}
	}
	return &Project{Path: string(address)}
}
