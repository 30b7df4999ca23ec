package selection

import (
	"context"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/paging"
	"jobgraph/graph/relay"
)

// PipelineList names one of the lists of a pipeline.
type PipelineList struct {
	Bridges bool
	Retried bool   // with the earlier attempts of jobs
	Scope   string // GitLab's words, sorted and joined; "" for all statuses
}

// ListOf names the list of jobs, or of trigger jobs, in these statuses.
func ListOf(bridges, retried bool, scope []string) PipelineList {
	sorted := slices.Clone(scope)
	slices.Sort(sorted)
	return PipelineList{bridges, retried, strings.Join(slices.Compact(sorted), ",")}
}

// Demand returns how much of a pipeline's list the fields that are selected of the pipeline read
// together.
func Demand(selected []*ast.Field, variables map[string]any, list PipelineList) paging.Demand {
	var d paging.Demand
	if list == (PipelineList{Retried: true}) && slices.ContainsFunc(selected, selectsAttempts) {
		d.All = true
	}
	if len(selected) < 2 {
		return d
	}
	stages := Selects(selected, "stages")
	for _, f := range selected {
		switch f.Name {
		case "stages":
			d.All = d.All || list == PipelineList{Retried: true} || list == PipelineList{Bridges: true}
		case "downstream", "descendants":
			d.All = d.All || list == PipelineList{Bridges: true}
		case "jobCounts":
			d.All = d.All || list == PipelineList{Retried: stages}
		case "jobs", "bridges":
			if of, first, ok := firstRows(f, variables); ok && of == list {
				d.First = max(d.First, min(first, paging.MaxPerPage))
			}
		}
	}
	return d
}

// selectsAttempts reports whether the earlier attempts of a list's jobs are selected, which are in
// the pipeline's list of jobs with their earlier attempts.
func selectsAttempts(list *ast.Field) bool {
	return list.Name == "jobs" && mentions(list.SelectionSet, func(f *ast.Field) bool {
		return f.ObjectDefinition != nil && f.ObjectDefinition.Name == "Job" && (f.Name == "retried" || f.Name == "attempts")
	}, 4)
}

// mentions reports whether a selection has a field, down to the given number of fields deep.
func mentions(selection ast.SelectionSet, is func(*ast.Field) bool, depth int) bool {
	return depth > 0 && slices.ContainsFunc(selection, func(s ast.Selection) bool {
		switch s := s.(type) {
		case *ast.Field:
			return is(s) || mentions(s.SelectionSet, is, depth-1)
		case *ast.InlineFragment:
			return mentions(s.SelectionSet, is, depth)
		case *ast.FragmentSpread:
			return s.Definition != nil && mentions(s.Definition.SelectionSet, is, depth)
		}
		return false
	})
}

// Selects reports whether a field is among those selected.
func Selects(selected []*ast.Field, name string) bool {
	return slices.ContainsFunc(selected, func(f *ast.Field) bool { return f.Name == name })
}

// firstRows returns how many of the first rows of a list a field reads; false if it reads others,
// or an argument is wrong.
func firstRows(f *ast.Field, variables map[string]any) (list PipelineList, first int, ok bool) {
	args := f.ArgumentMap(variables)
	for _, name := range []string{"after", "before", "last", "filter"} {
		if args[name] != nil {
			return list, 0, false
		}
	}
	scope, ok := words(args["statuses"])
	if !ok {
		return list, 0, false
	}
	retried, _ := args["includeRetried"].(bool)
	first = relay.DefaultSize
	if args["first"] != nil {
		var err error
		if first, err = model.UnmarshalInt(args["first"]); err != nil {
			return list, 0, false
		}
	}
	return ListOf(f.Name == "bridges", retried, scope), first, first > 0 && first <= relay.MaxSize
}

// words returns GitLab's spelling of the statuses in an argument.
func words(v any) ([]string, bool) {
	var scope []string
	if v == nil {
		return nil, true
	}
	for _, one := range graphql.CoerceList(v) {
		var s model.JobStatus
		if s.UnmarshalGQL(one) != nil {
			return nil, false
		}
		word, ok := s.REST()
		if !ok {
			return nil, false
		}
		scope = append(scope, word)
	}
	return scope, true
}

// DemandOf is Demand for the pipeline whose field is being resolved. A request that is answered in
// parts has none.
func DemandOf(ctx context.Context, list PipelineList) paging.Demand {
	if loader.For(ctx).IsPart() {
		return paging.Demand{}
	}
	return Demand(Siblings(ctx, "Pipeline", "Node"), graphql.GetOperationContext(ctx).Variables, list)
}

// Siblings returns the fields that are selected of the object, of these types, whose field is being
// resolved.
func Siblings(ctx context.Context, types ...string) []*ast.Field {
	parent := graphql.GetFieldContext(ctx).Parent
	for parent != nil && parent.Field.Field == nil { // the elements of lists
		parent = parent.Parent
	}
	if parent == nil {
		return nil
	}
	collected := graphql.CollectFields(graphql.GetOperationContext(ctx), parent.Field.Selections, types)
	fields := make([]*ast.Field, len(collected))
	for i, f := range collected {
		fields[i] = f.Field
	}
	return fields
}
