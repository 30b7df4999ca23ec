package plan

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Arguments are those of one field, read by the same functions as the executor's.
type Arguments struct {
	Project, ID    string
	IDs            []string
	Page           relay.Arguments
	Statuses       []model.JobStatus
	Ref            string
	IncludeRetried bool
	FileTypes      []string
	Filter         *model.JobFilter
	Pipelines      *restclient.PipelinesOptions // what a project's pipelines are narrowed to besides
}

// Bind reads a field's arguments; false if one is wrong, or is not covered.
func Bind(f *ast.Field, variables map[string]any) (Arguments, bool) {
	var a Arguments
	for name, v := range f.ArgumentMap(variables) {
		if v != nil && !a.bind(name, v) {
			return a, false
		}
	}
	return a, true
}

func (a *Arguments) bind(name string, v any) bool {
	var err error
	switch name {
	case "project":
		a.Project, err = graphql.UnmarshalID(v)
	case "id":
		a.ID, err = graphql.UnmarshalID(v)
	case "ids":
		a.IDs, err = list(v, graphql.UnmarshalID)
	case "first":
		a.Page.First, err = pointer(model.UnmarshalInt(v))
	case "last":
		a.Page.Last, err = pointer(model.UnmarshalInt(v))
	case "after":
		a.Page.After, err = pointer(model.UnmarshalString(v))
	case "before":
		a.Page.Before, err = pointer(model.UnmarshalString(v))
	case "ref":
		a.Ref, err = model.UnmarshalString(v)
	case "includeRetried":
		a.IncludeRetried, err = model.UnmarshalBoolean(v)
	case "statuses":
		a.Statuses, err = list(v, status)
	case "fileTypes":
		a.FileTypes, err = list(v, model.UnmarshalString)
	case "filter":
		a.Filter, err = filter(v)
	default:
		return a.bindPipelines(name, v)
	}
	return err == nil
}

// bindPipelines reads the arguments that only a project's pipelines have.
func (a *Arguments) bindPipelines(name string, v any) bool {
	if a.Pipelines == nil {
		a.Pipelines = &restclient.PipelinesOptions{}
	}
	var err error
	var at restclient.Time
	switch name {
	case "sha":
		a.Pipelines.SHA, err = model.UnmarshalString(v)
	case "source":
		a.Pipelines.Source, err = model.UnmarshalString(v)
	case "username":
		a.Pipelines.Username, err = model.UnmarshalString(v)
	case "updatedAfter":
		at, err = model.UnmarshalDateTime(v)
		a.Pipelines.UpdatedAfter = string(at)
	case "updatedBefore":
		at, err = model.UnmarshalDateTime(v)
		a.Pipelines.UpdatedBefore = string(at)
	default:
		return false
	}
	return err == nil
}

func pointer[T any](v T, err error) (*T, error) { return &v, err }

// list reads a list; it is not nil if the list is empty.
func list[T any](v any, read func(any) (T, error)) ([]T, error) {
	all := []T{}
	for _, v := range graphql.CoerceList(v) {
		one, err := read(v)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func status(v any) (s model.JobStatus, err error) {
	err = s.UnmarshalGQL(v)
	return s, err
}

// errFilter is a filter that the executor has to read.
type errFilter struct{}

func (errFilter) Error() string { return "a filter that is not covered" }

func filter(v any) (*model.JobFilter, error) {
	given, ok := v.(map[string]any)
	if !ok {
		return nil, errFilter{}
	}
	f := &model.JobFilter{}
	for name, v := range given {
		if v == nil {
			continue
		}
		var err error
		switch name {
		case "name":
			f.Name, err = pointer(model.UnmarshalString(v))
		case "namePattern":
			f.NamePattern, err = pointer(model.UnmarshalString(v))
		case "stages":
			f.Stages, err = list(v, model.UnmarshalString)
		case "tags":
			f.Tags, err = list(v, model.UnmarshalString)
		case "runnerId":
			f.RunnerID, err = pointer(graphql.UnmarshalID(v))
		case "failureReasons":
			f.FailureReasons, err = list(v, model.UnmarshalString)
		case "allowFailure":
			f.AllowFailure, err = pointer(model.UnmarshalBoolean(v))
		default:
			err = errFilter{}
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}
