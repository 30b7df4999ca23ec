package projection_test

import (
	"testing"

	"jobgraph/graph/gid"
	"jobgraph/graph/projection"
)

const (
	nodeQuery  = `query($id: ID!) { node(id: $id) { __typename id ... on Processable { name ... on Job { tags } } ... on Pipeline { sha } ... on Project { databaseId jobs(first: 1) { nodes { name } } } } }`
	nodesQuery = `query($ids: [ID!]!) { nodes(ids: $ids) { ...Any } }
		fragment Any on Node { id ... on Job { n: name ... on Node { ... on Processable { status } } }
			... on Pipeline { jobs(first: 2) { nodes { id } } } ... on Bridge { stage } }`
	jobsQuery = `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { name } ... on Pipeline { jobs { nodes { log { __typename } } } } } }`
)

// The same documents, with IDs of one kind after the other, take each request's own way.
func TestNodesArePlannedByTheKindsOfTheirIDs(t *testing.T) {
	job, other, pipeline, project := gid.Job(1, 1050), gid.Job(2, 2007), gid.Pipeline(2, 203), gid.Project(3)
	bridge := gid.Bridge(1, 101, firstBridgeNumber+101*10+1)
	p := newPair()
	for name, c := range map[string]struct {
		query string
		with  any
		way   projection.Counts
		calls int
	}{
		"a job":                           {nodeQuery, job, projected, 1},
		"a pipeline":                      {nodeQuery, pipeline, projected, 1},
		"a project with its list":         {nodeQuery, project, projected, 1},
		"a trigger job":                   {nodeQuery, bridge, projected, 1},
		"a trigger job that is not there": {nodeQuery, gid.Bridge(1, 101, 7), fellBack, 1},
		"a user":                          {nodeQuery, gid.User(1), fellBack, 0},
		"no global ID":                    {nodeQuery, "1050", fellBack, 0},
		"a number":                        {nodeQuery, 1050, fellBack, 0},
		"a job that is not there":         {nodeQuery, gid.Job(1, 9), fellBack, 1},
		"jobs":                            {nodesQuery, []any{job, other}, projected, 2},
		"kinds, some twice":               {nodesQuery, []any{job, pipeline, job, other, pipeline}, projected, 3},
		"one ID for a list":               {nodesQuery, job, projected, 1},
		"none":                            {nodesQuery, []any{}, projected, 0},
		"a project for its ID alone":      {nodesQuery, []any{job, project}, projected, 2},
		"one malformed":                   {nodesQuery, []any{job, "gid://gitlab/Project/1/Job/07"}, fellBack, 1},
		"as many as may be":               {nodesQuery, many(100), projected, 100},
		"too many":                        {nodesQuery, many(101), fellBack, 0},
		"jobs of which all is covered":    {jobsQuery, []any{job, other}, projected, 2},
		"a pipeline of which not all is":  {jobsQuery, []any{pipeline}, fellBack, 1},
		"no kind is covered":              {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { log { __typename } } ... on Bridge { project { job(id: 1) { log { __typename } } } } ... on Pipeline { jobs { nodes { log { __typename } } } } ... on Project { jobs { nodes { log { __typename } } } } } }`, []any{}, executed, 0},
		"constants":                       {`{ node(id: "` + job + `") { ... on Job { name } } nodes(ids: ["` + job + `", "` + pipeline + `"]) { __typename } }`, nil, projected, 2},
		"only a name for the type":        {`{ node(id: "` + pipeline + `") { __typename } }`, nil, projected, 1},
		"a job beside a pipeline's list":  {`{ node(id: "` + job + `") { ... on Job { name } } pipeline(project: "1", id: "101") { jobs { nodes { name } } } }`, nil, projected, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p.goes(t, &upstream{seed: 1}, c.query, map[string]any{"id": c.with, "ids": c.with}, c.way, c.calls)
		})
	}
}

// many are the IDs of so many jobs.
func many(n int) []any {
	ids := make([]any, n)
	for i := range ids {
		ids[i] = gid.Job(1, firstJobOfProject+1+int64(i))
	}
	return ids
}
