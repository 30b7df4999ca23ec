// Package arguments reads the arguments of fields: IDs, project paths, statuses, filters. The error
// of a wrong argument is a *relay.ArgumentError, which names the argument.
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
		return &model.Project{Number: id.Project, Path: id.Path}, err
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
// global ID. project is the project that the global ID names, or nil.
func Within(argument, value string, kind gid.Kind) (number int64, project *model.Project, err error) {
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := ID(argument, value, kind)
		return id.Number, &model.Project{Number: id.Project, Path: id.Path}, err
	}
	number, err = gid.Number(value)
	if err != nil {
		return 0, nil, Wrong(argument, "must be a number or a global ID")
	}
	return number, nil, nil
}

// NumberIn is Within for an object of the project in: a global ID must name the same project. If
// only the path of one of the two is known, the comparison takes one upstream call.
func NumberIn(ctx context.Context, in *model.Project, argument, value string, kind gid.Kind) (int64, error) {
	number, of, err := Within(argument, value, kind)
	if err != nil || of == nil || of.REST() == in.REST() {
		return number, err
	}
	project, err := loader.For(ctx).ProjectNumber(ctx, in)
	if err != nil {
		return 0, err
	}
	other, err := loader.For(ctx).ProjectNumber(ctx, of)
	if err == nil && project != other {
		err = Wrong(argument, "is of another project")
	}
	return number, err
}

// NumberedID is ID with the project's number. If the global ID has the project's path, one upstream
// call finds the number.
func NumberedID(ctx context.Context, argument, value string, kinds ...gid.Kind) (gid.ID, error) {
	id, err := ID(argument, value, kinds...)
	if err != nil || id.Path == "" {
		return id, err
	}
	id.Project, err = loader.For(ctx).ProjectNumber(ctx, &model.Project{Path: id.Path})
	id.Path = ""
	return id, err
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
	if id.Path != "" && restclient.ProjectID(id.Path).Validate() != nil {
		return gid.ID{}, Wrong(argument, "does not have a project's full path")
	}
	return id, nil
}

// Wrong returns the error of an argument that cannot be used.
func Wrong(argument, problem string) error {
	return &relay.ArgumentError{Argument: argument, Problem: problem}
}
