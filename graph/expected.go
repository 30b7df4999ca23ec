package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// ExpectedLists are the lists of pipeline jobs that the query's own pipeline fields will read, by project: jobs that stand beside them in the query are
// looked for there before they are asked for one by one.
func ExpectedLists(ctx context.Context) map[restclient.ProjectID][]string {
	oc := graphql.GetOperationContext(ctx)
	lists := map[restclient.ProjectID][]string{}
	for _, field := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"}) {
		if field.Name != "pipeline" {
			continue
		}
		p, ok := addressedPipeline(field.ArgumentMap(oc.Variables))
		if !ok {
			continue
		}
		for _, list := range graphql.CollectFields(oc, field.Selections, []string{"Pipeline", "Node"}) {
			if path := firstPage(p, list, oc.Variables); path != "" {
				lists[p.In.REST()] = append(lists[p.In.REST()], path)
			}
		}
	}
	return lists
}

// addressedPipeline is the pipeline that a field's arguments name; false where they are wrong, of which the field itself will tell.
func addressedPipeline(args map[string]any) (*model.Pipeline, bool) {
	project, err1 := graphql.UnmarshalID(args["project"])
	id, err2 := graphql.UnmarshalID(args["id"])
	in, err3 := address.Project("project", project)
	number, _, err4 := address.Within("id", id, gid.KindPipeline)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return nil, false
	}
	return &model.Pipeline{Pipeline: &restclient.Pipeline{ID: number}, In: in}, true
}

// firstPage is the first REST page that a field of a pipeline reads of its jobs; empty where that depends on more than the arguments.
func firstPage(p *model.Pipeline, field graphql.CollectedField, variables map[string]any) string {
	switch field.Name {
	case "stages":
		return loader.FirstPage(p, true, 0)
	case "jobCounts":
		return loader.FirstPage(p, false, 0)
	case "jobs":
		args := field.ArgumentMap(variables)
		for _, name := range []string{"after", "before", "last", "statuses", "filter"} {
			if args[name] != nil {
				return ""
			}
		}
		retried, _ := args["includeRetried"].(bool)
		first, err := model.UnmarshalInt(args["first"])
		if args["first"] == nil {
			first, err = relay.DefaultSize, nil
		}
		if err == nil && first > 0 {
			return loader.FirstPage(p, retried, first)
		}
	}
	return ""
}
