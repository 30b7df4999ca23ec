package selection

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// JobLists returns the REST paths of the lists of jobs, by project, that the fields pipeline of the
// query read in any case. A job that is selected in the same query is searched in these lists
// before it is fetched itself.
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
		for _, path := range firstPages(p, graphql.CollectFields(oc, field.Selections, []string{"Pipeline", "Node"}), oc.Variables) {
			lists[p.In.REST()] = append(lists[p.In.REST()], path)
		}
	}
	return lists
}

// addressedPipeline returns the pipeline that a field's arguments name; false if they are wrong;
// the field itself reports that error.
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

// firstPages returns the paths of the first REST pages that the fields of a pipeline read of its
// lists of jobs, if these follow from the arguments alone.
func firstPages(p *model.Pipeline, selected []graphql.CollectedField, variables map[string]any) []string {
	fields := make([]*ast.Field, len(selected), len(selected)+1)
	for i, f := range selected {
		fields[i] = f.Field
	}
	if len(fields) == 1 {
		fields = append(fields, fields[0]) // one field alone makes no demand on its siblings
	}
	var paths []string
	for _, retried := range []bool{true, false} {
		switch d := Demand(fields, variables, PipelineList{Retried: retried}); {
		case d.All:
			paths = append(paths, loader.FirstPage(p, retried, 0))
		case d.First > 0:
			paths = append(paths, loader.FirstPage(p, retried, d.First))
		}
	}
	return paths
}
