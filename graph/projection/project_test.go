package projection_test

import (
	"testing"

	"jobgraph/graph/projection"
)

// Fields that only the project's own REST call returns cost one call per project, as with the
// executor.
func TestProjectsArePlannedFetchedOrNot(t *testing.T) {
	p := newPair()
	for name, c := range map[string]struct {
		query string
		way   projection.Counts
		calls int
	}{
		"its own fields":                     {`{ project(id: "1") { id databaseId fullPath webUrl ciJobTokenScopeEnabled } }`, projected, 1},
		"by its path":                        {`{ project(id: "group/p1") { id databaseId fullPath } }`, projected, 1},
		"for a name alone":                   {`{ project(id: "group/p1") { __typename } }`, projected, 1},
		"with its list":                      {`{ project(id: "group/p2") { fullPath jobs(first: 3) { nodes { id project { id } } } } }`, projected, 2},
		"with its list, and not there":       {`{ project(id: "group/p9") { fullPath jobs(first: 3) { nodes { id } } } }`, fellBack, 1},
		"its list with the path's number":    {`{ project(id: "group/p2") { id jobs(first: 3) { nodes { name } } } }`, projected, 2},
		"its list with the number":           {`{ project(id: "2") { id jobs(first: 3) { nodes { name } } } }`, projected, 1},
		"its list, and neither is there":     {`{ project(id: "group/p9") { id jobs(first: 3) { nodes { name } } } }`, fellBack, 2},
		"by the path and by the number":      {`{ a: project(id: "1") { webUrl } b: project(id: "group/p1") { webUrl } c: project(id: "1") { fullPath } }`, projected, 1},
		"of jobs, once":                      {`{ project(id: "1") { jobs(first: 50) { nodes { name project { id fullPath webUrl } } } } }`, projected, 2},
		"of jobs and of their pipelines":     {`{ project(id: "1") { jobs(first: 50) { nodes { project { webUrl } pipeline { project { fullPath } } } } } }`, projected, 2},
		"of jobs, with its list":             {`{ job(project: "1", id: "1050") { project { fullPath jobs(first: 1) { nodes { name } } } } }`, projected, 3},
		"of jobs that tell enough or do not": {`{ project(id: "1") { jobs(first: 50) { nodes { project { ciJobTokenScopeEnabled } } } } }`, projected, 2},
		"of a pipeline, told by it alone":    {`{ pipeline(project: "1", id: "103") { project { ciJobTokenScopeEnabled } jobs(first: 1) { nodes { name } } } }`, projected, 2},
		"of a pipeline by the path":          {`{ pipeline(project: "group/p1", id: "103") { id project { id databaseId fullPath } jobs(first: 1) { nodes { name } } } }`, projected, 2},
		"of a whole pipeline by the path":    {`{ pipeline(project: "group/p1", id: "103") { id sha project { id fullPath } } }`, projected, 2},
		"of trigger jobs' pipelines":         {`{ pipeline(project: "1", id: "102") { bridges { nodes { downstreamPipeline { project { fullPath } } } } } }`, projected, 3},
		"its job and pipelines":              {`{ project(id: "1") { job(id: "1050") { id name } pipeline(id: "103") { sha } b: pipeline(id: "104") { id jobs(first: 1) { nodes { name } } } } }`, projected, 3},
		"fetched, its job":                   {`{ project(id: "group/p1") { fullPath job(id: "1050") { id project { webUrl } } } }`, projected, 2},
		"its job by global ID":               {`{ project(id: "1") { job(id: "gid://gitlab/Project/1/Job/1050") { id } } }`, projected, 1},
		"another project's job":              {`{ project(id: "1") { job(id: "gid://gitlab/Project/2/Job/1050") { id } } }`, fellBack, 0},
		"its job by path and global ID":      {`{ project(id: "group/p1") { job(id: "gid://gitlab/Project/1/Job/1050") { id } } }`, fellBack, 2},
		"no job of its":                      {`{ project(id: "1") { job(id: "9") { id } jobs(first: 1) { nodes { id } } } }`, fellBack, 2},
		"a job of a job's project":           {`{ job(project: "1", id: "1050") { project { job(id: "1051") { name } } } }`, projected, 2},
		"what a job told, by its pipeline":   {`{ job(project: "1", id: "1052") { project { pipeline(id: "103") { project { ciJobTokenScopeEnabled } jobs(first: 1) { nodes { name } } } } } }`, projected, 3},
		"a job of listed jobs' project":      {`{ project(id: "1") { jobs(first: 2) { nodes { project { job(id: "1130") { name } } } } } }`, projected, 1},
		"a job that none of them is":         {`{ project(id: "1") { jobs(first: 2) { nodes { project { job(id: "1001") { name } } } } } }`, projected, 2},
		"a job of their pipelines' project":  {`{ project(id: "1") { jobs(first: 2) { nodes { pipeline { project { a: job(id: "1130") { name project { job(id: "1129") { id } } } } } } } } }`, projected, 1},
		"on one of two REST pages":           {`{ project(id: "1") { jobs(first: 120) { nodes { project { job(id: "1130") { name } } } } } }`, projected, 3},
		"a job of a trigger job's project":   {`{ pipeline(project: "1", id: "103") { bridges { nodes { project { job(id: "1050") { name } } } } } }`, projected, 2},
		"a pipeline of a job's project":      {`{ job(project: "1", id: "1050") { project { pipeline(id: "103") { status } latestPipeline { sha } pipelines(first: 2) { nodes { id } } } } }`, projected, 4},
		"its job beside a pipeline's list":   {`{ project(id: "1") { job(id: "1050") { name } } pipeline(project: "1", id: "101") { jobs { nodes { name } } } }`, projected, 2},
		"its job in a pipeline's list":       {`{ project(id: "1") { job(id: "1126") { name } } pipeline(project: "1", id: "101") { jobs { nodes { name } } } }`, projected, 1},
		"its jobs in a pipeline's list":      {`{ project(id: "1") { a: job(id: "1126") { name } b: job(id: "1120") { status attempts { id } } c: job(id: "1001") { id } } pipeline(project: "1", id: "101") { jobs { nodes { name } } } }`, projected, 3},
		"by its path, and again below":       {`{ project(id: "group/p1") { fullPath jobs(first: 2) { nodes { project { fullPath webUrl } } } } job(project: "1", id: "1050") { project { webUrl } } }`, projected, 3},
		"many":                               {`{ projects(ids: ["1", "group/p1", "gid://gitlab/Project/1", "2"]) { id fullPath jobs(first: 1) { nodes { name } } } }`, projected, 6},
		"many by their paths":                {`{ projects(ids: ["group/p1", "group/p2", "group/p1"]) { id jobs(first: 1) { nodes { name } } } }`, projected, 4},
		"many, and one lacks the job":        {`{ projects(ids: ["1", "2"]) { id job(id: "1050") { name } } }`, fellBack, 2},
		"many, and one is not there":         {`{ projects(ids: ["1", "9"]) { fullPath } }`, fellBack, 2},
		"many, and one is no project":        {`{ projects(ids: ["1", "gid://gitlab/Project/1/Job/1050"]) { fullPath } }`, fellBack, 1},
		"none":                               {`{ projects(ids: []) { fullPath } }`, projected, 0},
		"of the current job":                 {`{ currentJob { id name project { id fullPath } pipeline { jobs(first: 1) { nodes { id } } } } }`, projected, 3},
		"the current job beside lists":       {`{ currentJob { name } pipeline(project: "1", id: "102") { jobs { nodes { name } } } }`, projected, 2},
		"by node":                            {`{ node(id: "gid://gitlab/Project/3") { id ... on Project { fullPath jobs(first: 1) { nodes { name } } } } }`, projected, 2},
		"by nodes":                           {`{ nodes(ids: ["gid://gitlab/Project/3", "gid://gitlab/Project/2", "gid://gitlab/Project/3"]) { id ... on Project { fullPath } } }`, projected, 2},
		"by node, and not there":             {`{ node(id: "gid://gitlab/Project/9") { id } }`, fellBack, 1},
	} {
		t.Run(name, func(t *testing.T) { p.goes(t, &upstream{seed: 1}, c.query, nil, c.way, c.calls) })
	}
}

// Releases of GitLab without the parameter ref send every job: the plan filters them like the
// executor.
func TestJobsOnARefArePlanned(t *testing.T) {
	const query = `query($ref: String) { project(id: "1") { jobs(first: 4, ref: $ref) { nodes { databaseId ref pipeline { ref } } totalCount pageInfo { endCursor hasNextPage } } } }`
	p := newPair()
	for name, c := range map[string]struct {
		ref     any
		further int64
		way     projection.Counts
		calls   int
	}{
		"a branch":                           {"build", 0, projected, 2},
		"a branch whose name has escapes":    {"tab\tnewline\nreturn\r", 0, projected, 2},
		"the empty string":                   {"", 0, projected, 1},
		"null":                               {nil, 0, projected, 1},
		"a branch that no job is for":        {"none", 0, projected, 3},
		"more jobs in vain than it looks at": {"none", 1000, projected, 11},
	} {
		t.Run(name, func(t *testing.T) {
			p.goes(t, &upstream{seed: 1, further: c.further}, query, map[string]any{"ref": c.ref}, c.way, c.calls)
		})
	}
}

// A token that is no job's has no current job: the executor says so.
func TestCurrentJobThatIsRefusedIsTheExecutors(t *testing.T) {
	newPair().goes(t, &upstream{seed: 1, fail: 1}, `{ currentJob { name } }`, nil, fellBack, 1)
}
