package main

import (
	"embed"
	"fmt"
	"strings"
)

// workload is a query, and the REST calls that it takes by itself.
type workload struct {
	Name, Kind string
	Document   string
	Operation  string
	Variables  map[string]any
	Calls      int
	Gzip       bool // the client accepts compressed answers
}

//go:embed workloads/*.graphql
var documents embed.FS

// workloads are the queries to measure: of each kind a plain one, and others that ask for much the
// same in other ways.
//
//	list    100 jobs of a project, with 19 scalars each, runner, commit and user
//	n+1     50 jobs, the 5 pipelines that they are of, and 20 jobs of each
//	single  one job
//	wide    20 jobs
//	page    a pipeline with its 20 jobs and 3 trigger jobs: as two lists, and as pages show it
func workloads() []workload {
	list := []workload{
		{Name: "list", Kind: "list", Calls: 1},
		{Name: "list-variables", Kind: "list", Calls: 1, Variables: map[string]any{"project": "1", "first": 100}},
		{Name: "list-fragments", Kind: "list", Calls: 1},
		{Name: "list-interfaces", Kind: "list", Calls: 1},
		{Name: "list-aliases", Kind: "list", Calls: 1},
		{Name: "list-directives", Kind: "list", Calls: 1, Variables: map[string]any{"times": true, "brief": false}},
		{Name: "list-edges", Kind: "list", Calls: 1},
		{Name: "list-project", Kind: "list", Calls: 2},
		{Name: "list-operations", Kind: "list", Calls: 1, Operation: "List"},
		{Name: "list-gzip", Kind: "list", Calls: 1, Gzip: true},
		{Name: "n+1", Kind: "n+1", Calls: 6},
		{Name: "n+1-variables", Kind: "n+1", Calls: 6, Variables: map[string]any{"project": "2", "jobs": 50, "siblings": 20}},
		{Name: "n+1-fragments", Kind: "n+1", Calls: 6},
		{Name: "n+1-edges", Kind: "n+1", Calls: 6},
		{Name: "n+1-bridges", Kind: "n+1", Calls: 51},
		{Name: "single", Kind: "single", Calls: 1},
		{Name: "single-variables", Kind: "single", Calls: 1, Variables: map[string]any{"project": "1", "id": "100050"}},
		{Name: "single-fragments", Kind: "single", Calls: 1},
		{Name: "single-node", Kind: "single", Calls: 1},
		{Name: "single-operations", Kind: "single", Calls: 1, Operation: "Single"},
		{Name: "wide", Kind: "wide", Calls: 20},
		{Name: "wide-fragments", Kind: "wide", Calls: 20},
		{Name: "wide-directives", Kind: "wide", Calls: 20, Variables: map[string]any{"brief": false}},
		{Name: "wide-nodes", Kind: "wide", Calls: 20, Variables: map[string]any{"ids": wideIDs()}},
		{Name: "page-lists", Kind: "page", Calls: 3},
		{Name: "page-stages", Kind: "page", Calls: 3},
		{Name: "page-counts", Kind: "page", Calls: 3},
	}
	for i, w := range list {
		document, err := documents.ReadFile("workloads/" + strings.ReplaceAll(w.Name, "+", "") + ".graphql")
		if err != nil {
			panic(err) // it is part of this program
		}
		list[i].Document = string(document)
	}
	return list
}

func wideIDs() []string {
	var ids []string
	for i := range int64(20) {
		ids = append(ids, fmt.Sprintf("gid://gitlab/Project/%d/Job/%d", listProject, firstJob(listProject)+1+5*i))
	}
	return ids
}
