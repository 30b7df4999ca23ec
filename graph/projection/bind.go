package projection

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/model"
)

// bind reads a field's arguments with the same functions as the executor; false where one is wrong, or is not covered.
func bind(f *ast.Field, variables map[string]any) (bound, bool) {
	var a bound
	ok := true
	for name, v := range f.ArgumentMap(variables) {
		if v == nil {
			continue
		}
		var err error
		switch name {
		case "project":
			a.project, err = graphql.UnmarshalID(v)
		case "id":
			a.id, err = graphql.UnmarshalID(v)
		case "ids":
			a.ids, err = texts(v, graphql.UnmarshalID)
		case "first":
			a.page.First, err = pointer(model.UnmarshalInt(v))
		case "last":
			a.page.Last, err = pointer(model.UnmarshalInt(v))
		case "after":
			a.page.After, err = pointer(model.UnmarshalString(v))
		case "before":
			a.page.Before, err = pointer(model.UnmarshalString(v))
		case "ref":
			a.ref, err = model.UnmarshalString(v)
		case "includeRetried":
			a.includeRetried, err = model.UnmarshalBoolean(v)
		case "statuses":
			ok = a.bindStatuses(v) && ok
		case "fileTypes":
			a.fileTypes, err = texts(v, model.UnmarshalString)
		default:
			ok = false
		}
		ok = ok && err == nil
	}
	return a, ok
}

func pointer[T any](v T, err error) (*T, error) { return &v, err }

func (a *bound) bindStatuses(v any) bool {
	a.scope = []string{}
	for _, v := range graphql.CoerceList(v) {
		var s model.JobStatus
		if s.UnmarshalGQL(v) != nil {
			return false
		}
		word, ok := s.REST()
		if !ok {
			return false
		}
		a.scope = append(a.scope, word)
	}
	return true
}

// texts reads a list; it is not nil where the list is empty.
func texts(v any, read func(any) (string, error)) ([]string, error) {
	all := []string{}
	for _, v := range graphql.CoerceList(v) {
		one, err := read(v)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
