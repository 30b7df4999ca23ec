// Package arguments reads the arguments of fields: IDs, project paths, statuses, filters. What is
// wrong with one is a *relay.ArgumentError that names it.
package arguments

import (
	"context"
	"slices"
	"strings"

	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// MaxIDs bounds the lists of IDs that one field takes.
const MaxIDs = 100

// Project reads an argument that names a project: its number, full path or global ID.
func Project(argument, value string) (*model.Project, error) {
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := ID(argument, value, gid.KindProject)
		return &model.Project{Number: id.Number}, err
	}
	if n, err := gid.Number(value); err == nil {
		return &model.Project{Number: n}, nil
	}
	if !strings.Contains(value, "/") {
		return nil, Wrong(argument, "must be a project's number, its full path such as group/app, or its global ID")
	}
	if err := restclient.ProjectID(value).Validate(); err != nil {
		return nil, Wrong(argument, "not a project's full path")
	}
	return &model.Project{Path: value}, nil
}

// Within reads an argument that names a job or pipeline of a project: by its number, or by its
// global ID. project is the project that the global ID names; 0 where there is none.
func Within(argument, value string, kind gid.Kind) (number, project int64, err error) {
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := ID(argument, value, kind)
		return id.Number, id.Project, err
	}
	number, err = gid.Number(value)
	if err != nil {
		return 0, 0, Wrong(argument, "must be a number or a global ID")
	}
	return number, 0, nil
}

// NumberIn is Within for an object of the project in, which a global ID must name too. Where only
// the path of the project is known, comparing the two costs one upstream call.
func NumberIn(ctx context.Context, in *model.Project, argument, value string, kind gid.Kind) (int64, error) {
	number, of, err := Within(argument, value, kind)
	if err != nil || of == 0 {
		return number, err
	}
	project, err := loader.For(ctx).ProjectNumber(ctx, in)
	if err == nil && project != of {
		err = Wrong(argument, "is of another project")
	}
	return number, err
}

// ID reads a global ID of one of the given kinds.
func ID(argument, value string, kinds ...gid.Kind) (gid.ID, error) {
	id, err := gid.Parse(value)
	if err != nil {
		return gid.ID{}, Wrong(argument, err.Error())
	}
	if !slices.Contains(kinds, id.Kind) {
		return gid.ID{}, Wrong(argument, "is the global ID of a "+string(id.Kind)+", which cannot be used here")
	}
	return id, nil
}

// Wrong returns the error of an argument that cannot be used.
func Wrong(argument, problem string) error {
	return &relay.ArgumentError{Argument: argument, Problem: problem}
}
