package fakegitlab_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

// pipelines adds pipelines 50 to 56 to project 1 of the office, an hour apart.
func pipelines(b *Builder) {
	office(b)
	app, ann := b.ProjectBuilder(1), b.User(User{ID: 70, Username: "ann"})
	at := func(hours int) time.Time { return noon.Add(-time.Duration(20-hours) * time.Hour) }
	app.Pipeline(50, Pipeline{Ref: "stable", User: ann, CreatedAt: at(0), Status: Success})
	app.Pipeline(51, Pipeline{Ref: "feature", CreatedAt: at(1), Status: Running, Name: "Nightly"})
	app.Pipeline(52, Pipeline{Ref: "feature", Source: "parent_pipeline", CreatedAt: at(2), Status: Success})
	app.Pipeline(53, Pipeline{Ref: "v1.0", Tag: true, User: ann, CreatedAt: at(3), Status: Failed, Commit: &Commit{SHA: "abc0000000000000000000000000000000000000"}})
	app.Pipeline(54, Pipeline{Ref: "feature", Source: "schedule", CreatedAt: at(4), Status: Pending, YAMLErrors: "jobs config should contain at least one visible job"})
	app.Pipeline(55, Pipeline{Ref: "stable", CreatedAt: at(5), Status: Canceled})
	app.Pipeline(56, Pipeline{Ref: "refs/merge-requests/1/head", Source: "merge_request_event", CreatedAt: at(6), Status: Skipped})
}

func TestPipelinesAreFilteredAndOrdered(t *testing.T) {
	i := start(t, Options{Dataset: pipelines})
	for query, want := range map[string][]int64{
		"":                              {56, 55, 54, 53, 51, 50, 10},
		"source=parent_pipeline":        {52},
		"source=schedule":               {54},
		"scope=running":                 {51, 10},
		"scope=pending":                 {54},
		"scope=finished":                {55, 53, 50},
		"scope=branches":                {55, 54, 10},
		"scope=tags":                    {53},
		"scope=branches&status=pending": {54},
		"status=skipped":                {56},
		"status=canceling":              {},
		"ref=stable":                    {55, 50},
		"ref=":                          {56, 55, 54, 53, 51, 50, 10},
		"sha=abc0000000000000000000000000000000000000": {53},
		"yaml_errors=true":                    {54},
		"yaml_errors=false&ref=feature":       {51},
		"username=ANN":                        {53, 50},
		"username=nobody":                     {},
		"name=Nightly":                        {51},
		"updated_after=2026-03-01T21:00:00Z":  {56, 55, 10},
		"updated_before=2026-03-01T17:00:00Z": {51, 50},
		"created_before=2026-03-01T17:00:00Z&created_after=2026-03-01T17:00:00Z": {51},
		"order_by=id&sort=asc&per_page=2":                                        {10, 50},
		"order_by=status&sort=asc&per_page=3":                                    {55, 53, 54},
		"order_by=ref&per_page=3":                                                {53, 55, 50},
		"order_by=updated_at&sort=asc&page=2&per_page=2":                         {53, 54},
		"order_by=user_id&sort=asc&per_page=3":                                   {10, 53, 50},
		"per_page=2&page=2":                                                      {54, 53},
	} {
		got := i.call("GET /projects/1/pipelines?"+query, maintainer)
		if rows := ids(decode[[]row](t, got)); got.status != 200 || !slices.Equal(rows, want) {
			t.Errorf("%q = %d %v, want %v", query, got.status, rows, want)
		}
	}
}

func TestPipelinesArePagedWithTotals(t *testing.T) {
	i := start(t, Options{Dataset: pipelines})
	got := i.call("GET /projects/1/pipelines?per_page=3&ref=&page=2", maintainer)
	if got.header.Get("X-Total") != "7" || got.header.Get("X-Total-Pages") != "3" || got.header.Get("X-Next-Page") != "3" {
		t.Errorf("headers = %v", got.header)
	}
	const want = "/projects/1/pipelines?id=1&order_by=id&page=3&per_page=3&ref=&sort=desc"
	if next := got.linkTo("next"); next != want {
		t.Errorf("next = %s, want %s", next, want)
	}
	if prev := i.call("GET "+got.linkTo("prev"), maintainer); !slices.Equal(ids(decode[[]row](t, prev)), []int64{56, 55, 54}) {
		t.Errorf("the previous page = %s", prev.body)
	}
}

func TestPipelineListsRefuseAsGitLabDoes(t *testing.T) {
	i := start(t, Options{Dataset: pipelines})
	invalid := func(name string) string { return `{"error":"` + name + ` does not have a valid value"}` }
	for _, c := range []struct {
		request, token string
		status         int
		body           string
	}{
		{"GET /projects/1/pipelines?scope=failed", maintainer, 400, invalid("scope")},
		{"GET /projects/1/pipelines?status=cancelled", maintainer, 400, invalid("status")},
		{"GET /projects/1/pipelines?status[]=failed", maintainer, 400, `{"error":"status is invalid"}`},
		{"GET /projects/1/pipelines?order_by=name", maintainer, 400, invalid("order_by")},
		{"GET /projects/1/pipelines?sort=up", maintainer, 400, invalid("sort")},
		{"GET /projects/1/pipelines?source=nowhere", maintainer, 400, invalid("source")},
		{"GET /projects/1/pipelines?updated_after=today", maintainer, 400, `{"error":"updated_after is invalid"}`},
		{"GET /projects/1/pipelines", stranger, 404, `{"message":"404 Project Not Found"}`},
		{"GET /projects/1/pipelines", "", 404, ""},
		{"GET /projects/2/pipelines", "", 200, ""},
		{"GET /projects/3/pipelines", guest, 403, `{"message":"403 Forbidden"}`},
		{"GET /projects/3/pipelines/latest", guest, 403, `{"message":"403 Forbidden"}`},
		{"GET /projects/2/pipelines/latest?ref=stable", "", 200, ""},
	} {
		got := i.call(c.request, c.token)
		if got.status != c.status || c.body != "" && got.body != c.body {
			t.Errorf("%s as %q = %d %s, want %d %s", c.request, c.token, got.status, got.body, c.status, c.body)
		}
	}
	if got := i.call("GET /projects/1/pipelines", "", header("Job-Token", "glcbt-running")); got.status != 200 {
		t.Errorf("a job token = %d", got.status)
	}
}

func TestTheLatestPipelineIsThatOfTheNewestCommit(t *testing.T) {
	i := start(t, Options{Dataset: pipelines})
	latest := func(query string) (status int, id int64) {
		got := i.call("GET /projects/1/pipelines/latest"+query, maintainer)
		if got.status != 200 {
			return got.status, 0
		}
		return got.status, decode[row](t, got).ID
	}
	for query, want := range map[string]int64{"": 10, "?ref=stable": 55, "?ref=feature": 54, "?ref=v1.0": 53} {
		if status, id := latest(query); status != 200 || id != want {
			t.Errorf("latest%s = %d, pipeline %d, want %d", query, status, id, want)
		}
	}
	if status, _ := latest("?ref=nowhere"); status != 403 {
		t.Errorf("a ref that nobody pushed = %d, want 403", status)
	}
	i.Update(func(b *Builder) { b.ProjectBuilder(1).Push("stable", "1234") })
	if status, _ := latest("?ref=stable"); status != 403 {
		t.Errorf("a newest commit without a pipeline = %d, want 403", status)
	}
}

func TestPipelineKeys(t *testing.T) {
	const older = "id project_id sha ref status created_at updated_at web_url"
	const newest = "id iid project_id sha ref status source created_at updated_at web_url"
	const user = "user(id username public_email name state locked avatar_url web_url)"
	const more = " before_sha tag yaml_errors " + user + " started_at finished_at committed_at duration queued_duration coverage"
	for release, want := range map[Release][2]string{
		Newest:  {newest + " name", newest + more + " archived name"},
		Older17: {older, older + more},
	} {
		i := start(t, Options{Dataset: pipelines, Release: release})
		list := i.call("GET /projects/1/pipelines?per_page=1&username=ann", maintainer).body
		if got := keys(t, strings.Trim(list, "[]")); got != want[0] {
			t.Errorf("release %d: the list has %s, want %s", release, got, want[0])
		}
		if got := keys(t, i.call("GET /projects/1/pipelines/53", maintainer).body); got != want[1] {
			t.Errorf("release %d: the pipeline has %s, want %s", release, got, want[1])
		}
	}
}

func TestAProjectHasItsAttributes(t *testing.T) {
	i := start(t, Options{URL: "https://gitlab.example.com", Dataset: func(b *Builder) {
		b.Token(root, Token{User: b.User(User{Admin: true})})
		b.Project(7, "group/sub/app", Project{Name: "App", Description: "An app", Visibility: Internal, DefaultBranch: "trunk", Archived: true})
	}})
	got := i.call("GET /projects/7", root).body
	for _, part := range []string{`"name":"App"`, `"name_with_namespace":"group / sub / App"`, `"description":"An app"`, `"visibility":"internal"`,
		`"default_branch":"trunk"`, `"archived":true`, `"path_with_namespace":"group/sub/app"`} {
		if !strings.Contains(got, part) {
			t.Errorf("lacks %s in %s", part, got)
		}
	}
}

func TestTheDemoListsItsPipelines(t *testing.T) {
	i := start(t, Options{})
	for _, p := range DemoProjects() {
		got := i.call(fmt.Sprintf("GET /projects/%d/pipelines?per_page=1", p.ID), TokenMaintainer)
		if got.status != 200 || len(decode[[]row](t, got)) != 1 {
			t.Errorf("%s = %d %s", p.Path, got.status, got.body)
		}
	}
	if got := i.call("GET /projects/1/pipelines/latest", TokenMaintainer); got.status != 200 || !strings.Contains(got.body, `"name":"`) {
		t.Errorf("the web project's latest = %d %s", got.status, got.body)
	}
}
