package graph

import (
	"context"
	"strings"

	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// maxIDs bounds the lists of IDs that one field takes.
const maxIDs = 100

func badInput(argument, problem string) error {
	return &relay.ArgumentError{Argument: argument, Problem: problem}
}

// projectByAddress reads an argument that names a project: its number, full path or global ID.
func projectByAddress(argument, value string) (*model.Project, error) {
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := parseID(argument, value, gid.KindProject)
		return &model.Project{Number: id.Number}, err
	}
	if n, err := gid.Number(value); err == nil {
		return &model.Project{Number: n}, nil
	}
	if !strings.Contains(value, "/") {
		return nil, badInput(argument, "must be a project's number, its full path such as group/app, or its global ID")
	}
	if err := restclient.ProjectID(value).Validate(); err != nil {
		return nil, badInput(argument, "not a project's full path")
	}
	return &model.Project{Path: value}, nil
}

// numberWithin reads an argument that names something of a project: its number, or its global ID, which must be of that project.
func numberWithin(ctx context.Context, in *model.Project, argument, value string, kind gid.Kind) (int64, error) {
	if !strings.HasPrefix(value, gid.Prefix) {
		n, err := gid.Number(value)
		if err != nil {
			return 0, badInput(argument, "must be a number or a global ID")
		}
		return n, nil
	}
	id, err := parseID(argument, value, kind)
	if err != nil {
		return 0, err
	}
	project, err := loader.For(ctx).ProjectNumber(ctx, in)
	if err == nil && project != id.Project {
		err = badInput(argument, "is of another project")
	}
	return id.Number, err
}

// parseID reads a global ID of one of the given kinds.
func parseID(argument, value string, kinds ...gid.Kind) (gid.ID, error) {
	id, err := gid.Parse(value)
	if err != nil {
		return gid.ID{}, badInput(argument, err.Error())
	}
	for _, kind := range kinds {
		if id.Kind == kind {
			return id, nil
		}
	}
	return gid.ID{}, badInput(argument, "is the global ID of a "+string(id.Kind)+", which cannot be used here")
}
