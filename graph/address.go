package graph

import (
	"context"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
)

func badInput(argument, problem string) error {
	return &relay.ArgumentError{Argument: argument, Problem: problem}
}

// numberWithin reads an argument that names something of a project, and checks that a global ID is of that project.
func numberWithin(ctx context.Context, in *model.Project, argument, value string, kind gid.Kind) (int64, error) {
	number, of, err := address.Within(argument, value, kind)
	if err != nil || of == 0 {
		return number, err
	}
	project, err := loader.For(ctx).ProjectNumber(ctx, in)
	if err == nil && project != of {
		err = address.ErrOtherProject(argument)
	}
	return number, err
}
