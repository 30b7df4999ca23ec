// Package address reads the arguments that name things: numbers, full paths and global IDs; and says when a thing that is known only by its
// address has to be fetched.
package address

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
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
		return nil, bad(argument, "must be a project's number, its full path such as group/app, or its global ID")
	}
	if err := restclient.ProjectID(value).Validate(); err != nil {
		return nil, bad(argument, "not a project's full path")
	}
	return &model.Project{Path: value}, nil
}

// Within reads an argument that names something of a project: its number, or its global ID, which then also names a project that must be the
// same one; 0 where it names none.
func Within(argument, value string, kind gid.Kind) (number, project int64, err error) {
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := ID(argument, value, kind)
		return id.Number, id.Project, err
	}
	number, err = gid.Number(value)
	if err != nil {
		return 0, 0, bad(argument, "must be a number or a global ID")
	}
	return number, 0, nil
}

// ErrOtherProject is a global ID whose project is not the one it was used in.
func ErrOtherProject(argument string) error { return bad(argument, "is of another project") }

// ID reads a global ID of one of the given kinds.
func ID(argument, value string, kinds ...gid.Kind) (gid.ID, error) {
	id, err := gid.Parse(value)
	if err != nil {
		return gid.ID{}, bad(argument, err.Error())
	}
	if !slices.Contains(kinds, id.Kind) {
		return gid.ID{}, bad(argument, "is the global ID of a "+string(id.Kind)+", which cannot be used here")
	}
	return id, nil
}

func bad(argument, problem string) error {
	return &relay.ArgumentError{Argument: argument, Problem: problem}
}

// What can be asked of an object without fetching it, where only its address is known: the lists and objects that have addresses of their own, and the
// address itself.
var (
	ProjectLists  = []string{"jobs", "job", "pipeline"}
	PipelineLists = []string{"jobs", "bridges", "stages", "jobCounts", "downstream"}
	addressFields = []string{"id", "databaseId", "project", "__typename"}
)

// MustFetch tells whether an object that is known only by its address has to be fetched: something is asked for that only it tells, or nothing that
// would tell whether it is there.
func MustFetch(selected []graphql.CollectedField, lists []string) bool {
	asksList := false
	for _, field := range selected {
		switch {
		case slices.Contains(lists, field.Name):
			asksList = true
		case !slices.Contains(addressFields, field.Name):
			return true
		}
	}
	return !asksList
}
