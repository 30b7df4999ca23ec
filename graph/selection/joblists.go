package selection

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// JobLists returns the REST paths of the lists of jobs, by project, that the fields pipeline of the
// query read in any case. A job that is selected beside them is looked for in these lists before it
// is fetched by itself.
func JobLists(ctx context.Context) map[restclient.ProjectID][]string {
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

// addressedPipeline returns the pipeline that a field's arguments name; false where they are wrong,
// which is an error of the field itself.
func addressedPipeline(args map[string]any) (*model.Pipeline, bool) {
	project, err1 := graphql.UnmarshalID(args["project"])
	id, err2 := graphql.UnmarshalID(args["id"])
	in, err3 := arguments.Project("project", project)
	number, _, err4 := arguments.Within("id", id, gid.KindPipeline)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return nil, false
	}
	return &model.Pipeline{Pipeline: &restclient.Pipeline{ID: number}, In: in}, true
}

// firstPage returns the path of the first REST page that a field of a pipeline reads of its jobs;
// "" where the path does not follow from the arguments alone.
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
