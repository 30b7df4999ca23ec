package restclient

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestReadsHaveCanonicalPaths(t *testing.T) {
	cases := []struct{ name, got, want string }{
		{"first page of jobs", ProjectJobs("42", JobsOptions{}).Path(), "/projects/42/jobs"},
		{"a full path is one segment", ProjectJobs("group/sub/app", JobsOptions{}).Path(), "/projects/group%2Fsub%2Fapp/jobs"},
		{
			"keyset", ProjectJobs("1", JobsOptions{Keyset: true, Cursor: "eyJpZCI6IjEifQ==", PerPage: 50, Page: 7}).Path(),
			"/projects/1/jobs?pagination=keyset&order_by=id&sort=desc&cursor=eyJpZCI6IjEifQ%3D%3D&per_page=50",
		},
		{
			"offset, ref and scope", ProjectJobs("1", JobsOptions{Page: 2, PerPage: 3, Ref: "a&b=c #", Scope: []string{"running", "failed", "running"}}).Path(),
			"/projects/1/jobs?page=2&per_page=3&ref=a%26b%3Dc+%23&scope%5B%5D=failed&scope%5B%5D=running",
		},
		{
			"pipeline jobs",
			PipelineJobs("1", 6, PipelineJobsOptions{
				IncludeRetried: true, Page: 1, PerPage: 100, Scope: []string{"success"},
			}).Path(),
			"/projects/1/pipelines/6/jobs?include_retried=true&page=1&per_page=100&scope%5B%5D=success",
		},
		{"bridges", PipelineBridges("1", 6, BridgesOptions{PerPage: 5}).Path(), "/projects/1/pipelines/6/trigger_jobs?per_page=5"},
		{"job", SingleJob("1", 9007199254740993).String(), "/projects/1/jobs/9007199254740993"},
		{"current job", CurrentJob().Path(), "/job"},
		{"agents", Agents().Path(), "/job/allowed_agents"},
		{"project", SingleProject("a/b").Path(), "/projects/a%2Fb"},
		{"pipeline", SinglePipeline("1", 6).Path(), "/projects/1/pipelines/6"},
		{"cancel", Cancel("1", 7, false).Path(), "/projects/1/jobs/7/cancel"},
		{"retry", Retry("1", 7, nil).Path(), "/projects/1/jobs/7/retry"},
		{"erase", Erase("1", 7).Path(), "/projects/1/jobs/7/erase"},
		{"play", Play("1", 7, nil, nil).Path(), "/projects/1/jobs/7/play"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.name, c.got, c.want)
		}
	}
}

func TestEqualReadsAreEqualKeysAndLeaveTheirArgumentsAlone(t *testing.T) {
	scope := []string{"success", "failed"}
	one := ProjectJobs("1", JobsOptions{Scope: scope})
	other := ProjectJobs("1", JobsOptions{Scope: []string{"failed", "success", "failed"}})
	if one != other {
		t.Errorf("%v and %v differ", one, other)
	}
	if scope[0] != "success" {
		t.Error("the caller's slice was sorted")
	}
}

func TestWritesHaveDeterministicBodies(t *testing.T) {
	cases := []struct {
		name string
		post Post
		want string
	}{
		{"cancel", Cancel("1", 7, false), ""},
		{"force", Cancel("1", 7, true), `{"force":true}`},
		{"retry", Retry("1", 7, nil), ""},
		{"retry with inputs", Retry("1", 7, map[string]any{"b": 1, "a": []string{"x"}}), `{"inputs":{"a":["x"],"b":1}}`},
		{"erase", Erase("1", 7), ""},
		{"play with inputs", Play("1", 7, nil, map[string]any{"z": true, "y": nil}), `{"job_inputs":{"y":null,"z":true}}`},
	}
	for _, c := range cases {
		if got := string(c.post.Body()); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestArgumentsThatNameNothingAreRefused(t *testing.T) {
	cases := map[string]error{
		"empty project":     ProjectJobs("", JobsOptions{}).Err(),
		"dot":               SingleProject(".").Err(),
		"dot dot":           SingleProject("..").Err(),
		"dot dot inside":    SingleProject("group/../secret").Err(),
		"empty segment":     SingleProject("group//app").Err(),
		"slash first":       SingleProject("/app").Err(),
		"line break":        SingleProject("a\nb").Err(),
		"NUL":               ProjectID("a\x00").Validate(),
		"DEL":               ProjectID("a\x7f").Validate(),
		"job 0":             SingleJob("1", 0).Err(),
		"negative pipeline": SinglePipeline("1", -1).Err(),
		"write to job 0":    Erase("1", 0).Err(),
		"inputs of no JSON": Retry("1", 1, map[string]any{"f": func() {}}).Err(),
	}
	for name, err := range cases {
		if _, ok := errors.AsType[*ArgumentError](err); !ok {
			t.Errorf("%s: %v is no ArgumentError", name, err)
		}
	}
	if err := SingleJob("group/app", 1).Err(); err != nil {
		t.Errorf("a good one was refused: %v", err)
	}
}

func FuzzProjectIDNeverLeavesItsSegment(f *testing.F) {
	for _, seed := range []string{"42", "group/app", "..", "%2e%2e", "a%2Fb", "a?b", "a#b", "a b", "ü/é", "a;b", "a\\b", "./.", "a&b=c", "a+b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		get := SingleJob(ProjectID(id), 1)
		if get.Err() != nil {
			if get.Path() != "" {
				t.Errorf("a refused ID made the path %q", get.Path())
			}
			return
		}
		u, err := url.Parse("http://host/api/v4" + get.Path())
		if err != nil {
			t.Fatal(err)
		}
		segments := strings.Split(u.EscapedPath(), "/")
		if len(segments) != 7 || u.RawQuery != "" || u.Fragment != "" || u.Host != "host" {
			t.Fatalf("%q left its segment: %s", id, u)
		}
		if plain, err := url.PathUnescape(segments[4]); err != nil || plain != id {
			t.Errorf("%q became %q", id, plain)
		}
		if !isBelowAPI(get.Path()) {
			t.Errorf("%q is not sent", get.Path())
		}
	})
}
