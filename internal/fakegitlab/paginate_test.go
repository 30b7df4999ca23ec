package fakegitlab_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	. "jobgraph/internal/fakegitlab"
)

// hundred has project 1 with pipeline 1 and its jobs 1 to n, every third of them failed.
func hundred(n int) func(*Builder) {
	return func(b *Builder) {
		b.Token(root, Token{User: b.User(User{Username: "root", Admin: true})})
		pl := b.Project(1, "group/app", Project{}).Pipeline(1, Pipeline{})
		for id := range int64(n) {
			status := Success
			if id%3 == 0 {
				status = Failed
			}
			pl.Job(id+1, Job{Status: status})
		}
	}
}

func TestOffsetPages(t *testing.T) {
	i := start(t, Options{Dataset: hundred(45), URL: "https://gitlab.example.com"})
	const jobs, pipelineJobs = "/projects/1/jobs", "/projects/1/pipelines/1/jobs"
	for _, c := range []struct {
		path                               string
		first, rows                        int64
		page, per, next, prev, total, last string
	}{
		{jobs, 45, 20, "1", "20", "2", "", "", ""},
		{jobs + "?page=2", 25, 20, "2", "20", "3", "1", "", ""},
		{jobs + "?page=3", 5, 5, "3", "20", "", "2", "", ""},
		{jobs + "?page=4", 0, 0, "4", "20", "", "3", "", ""},
		{jobs + "?page=9", 0, 0, "9", "20", "", "8", "", ""},
		{jobs + "?page=0", 45, 20, "1", "20", "2", "", "", ""},
		{jobs + "?page=-3", 45, 20, "1", "20", "2", "", "", ""},
		{jobs + "?per_page=1000", 45, 45, "1", "100", "", "", "", ""},
		{jobs + "?per_page=-5", 45, 20, "1", "20", "2", "", "", ""},
		{jobs + "?per_page=45", 45, 45, "1", "45", "", "", "", ""},
		{jobs + "?per_page=", 45, 20, "1", "20", "2", "", "", ""},
		{jobs + "?scope=failed&per_page=10&page=2", 13, 5, "2", "10", "", "1", "", ""},
		{pipelineJobs, 45, 20, "1", "20", "2", "", "45", "3"},
		{pipelineJobs + "?page=3", 5, 5, "3", "20", "", "2", "45", "3"},
		{pipelineJobs + "?page=4", 0, 0, "4", "20", "", "", "45", "3"}, // past the end, with counts: no previous page
		{pipelineJobs + "?scope=running", 0, 0, "1", "20", "", "", "0", "1"},
	} {
		got := i.call("GET "+c.path, root)
		rows := ids(decode[[]row](t, got))
		h := got.header
		if int64(len(rows)) != c.rows || c.rows > 0 && rows[0] != c.first {
			t.Errorf("%s: %d rows %v", c.path, len(rows), rows)
		}
		for name, want := range map[string]string{"X-Page": c.page, "X-Per-Page": c.per, "X-Next-Page": c.next, "X-Prev-Page": c.prev, "X-Total": c.total, "X-Total-Pages": c.last} {
			if h.Get(name) != want {
				t.Errorf("%s: %s = %q, want %q", c.path, name, h.Get(name), want)
			}
		}
		for rel, sent := range map[string]bool{"first": true, "prev": c.prev != "", "next": c.next != "", "last": c.last != ""} {
			if (got.linkTo(rel) != "") != sent {
				t.Errorf("%s: Link = %s, want rel %s in it: %v", c.path, h.Get("Link"), rel, sent)
			}
		}
	}
}

func TestLinkCarriesEveryParameterSorted(t *testing.T) {
	i := start(t, Options{Dataset: hundred(45), URL: "https://gitlab.example.com"})
	for path, want := range map[string]string{
		"/projects/1/jobs": `<https://gitlab.example.com/api/v4/projects/1/jobs?id=1&page=2&per_page=20>; rel="next", ` +
			`<https://gitlab.example.com/api/v4/projects/1/jobs?id=1&page=1&per_page=20>; rel="first"`,
		"/projects/group%2Fapp/pipelines/1/jobs?per_page=30&scope=success": `<https://gitlab.example.com/api/v4/projects/group%2Fapp/pipelines/1/jobs?id=group%2Fapp&include_retried=false&page=1&per_page=30&pipeline_id=1&scope%5B%5D=success>; rel="first", ` +
			`<https://gitlab.example.com/api/v4/projects/group%2Fapp/pipelines/1/jobs?id=group%2Fapp&include_retried=false&page=1&per_page=30&pipeline_id=1&scope%5B%5D=success>; rel="last"`,
		"/projects/1/jobs?pagination=keyset&per_page=2": `<https://gitlab.example.com/api/v4/projects/1/jobs?cursor=eyJpZCI6IjQ0IiwiX2tkIjoibiJ9&id=1&page=1&pagination=keyset&per_page=2>; rel="next"`,
	} {
		if got := i.call("GET "+path, root).header.Get("Link"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
	}
}

func TestLinksLeadToEveryJobOnceAtEveryPageSize(t *testing.T) {
	i := start(t, Options{Dataset: hundred(45)})
	for _, list := range []string{"/projects/1/jobs?", "/projects/1/jobs?pagination=keyset&", "/projects/1/pipelines/1/jobs?"} {
		for _, per := range []int{1, 2, 7, 15, 20, 44, 45, 46, 100} {
			var all []int64
			for path := fmt.Sprintf("%sper_page=%d", list, per); path != ""; {
				got := i.call("GET "+path, root)
				page := ids(decode[[]row](t, got))
				if len(page) == 0 {
					t.Errorf("%s leads to an empty page", path)
				}
				all = append(all, page...)
				path = got.linkTo("next")
			}
			newestFirst := slices.IsSortedFunc(all, func(a, b int64) int { return int(b - a) })
			if len(all) != 45 || !newestFirst || len(slices.Compact(all)) != 45 {
				t.Errorf("%s by %d: %v", list, per, all)
			}
		}
	}
}

func TestKeysetCursors(t *testing.T) {
	i := start(t, Options{Dataset: hundred(9)})
	for _, c := range []struct {
		cursor     string
		rows       []int64
		link       bool
		next, prev string
	}{
		{"", []int64{9, 8, 7}, true, `{"id":"7","_kd":"n"}`, ""},
		{`{"_kd":"n"}`, []int64{9, 8, 7}, true, `{"id":"7","_kd":"n"}`, ""},
		{`{"id":"7","_kd":"n"}`, []int64{6, 5, 4}, true, `{"id":"4","_kd":"n"}`, `{"id":"6","_kd":"p"}`},
		{`{"id":"4","_kd":"n"}`, []int64{3, 2, 1}, false, "", `{"id":"3","_kd":"p"}`},
		{`{"id":"1","_kd":"n"}`, []int64{}, false, "", ""},
		{`{"id":"77","_kd":"n"}`, []int64{9, 8, 7}, true, `{"id":"7","_kd":"n"}`, `{"id":"9","_kd":"p"}`}, // a removed job
		{`{"id":"4","_kd":"p"}`, []int64{7, 6, 5}, true, `{"id":"5","_kd":"n"}`, `{"id":"7","_kd":"p"}`},
		{`{"id":"6","_kd":"p"}`, []int64{9, 8, 7}, true, `{"id":"7","_kd":"n"}`, ""},
		{`{"_kd":"p"}`, []int64{3, 2, 1}, true, `{"id":"1","_kd":"n"}`, `{"id":"3","_kd":"p"}`},
	} {
		got := i.call("GET /projects/1/jobs?pagination=keyset&per_page=3&cursor="+base64.URLEncoding.EncodeToString([]byte(c.cursor)), root)
		if rows := ids(decode[[]row](t, got)); !slices.Equal(rows, c.rows) {
			t.Errorf("%s = %v, want %v", c.cursor, rows, c.rows)
		}
		if (got.linkTo("next") != "") != c.link || got.header.Get("X-Page") != "" || got.linkTo("first") != "" {
			t.Errorf("%s: headers %v", c.cursor, got.header)
		}
		for name, want := range map[string]string{"X-Next-Cursor": c.next, "X-Prev-Cursor": c.prev} {
			if text, _ := base64.URLEncoding.DecodeString(got.header.Get(name)); string(text) != want {
				t.Errorf("%s: %s = %s, want %s", c.cursor, name, text, want)
			}
		}
	}
}

func TestAKeysetWalkNeitherRepeatsNorSkipsWhileTheListGrows(t *testing.T) {
	i := start(t, Options{Dataset: hundred(20)})
	var all []int64
	for path := "/projects/1/jobs?pagination=keyset&per_page=3"; path != ""; {
		got := i.call("GET "+path, root)
		all = append(all, ids(decode[[]row](t, got))...)
		path = got.linkTo("next")
		i.AddJob(1, Job{})
	}
	if len(all) != 20 || all[0] != 20 || all[19] != 1 {
		t.Errorf("walk = %v", all)
	}
}

func TestTotalsEndAtTenThousand(t *testing.T) {
	i := start(t, Options{Dataset: hundred(10000)})
	if got := i.call("GET /projects/1/pipelines/1/jobs?per_page=1", root); got.header.Get("X-Total") != "10000" || got.linkTo("last") == "" {
		t.Errorf("10,000 jobs: %v", got.header)
	}
	i.AddJob(1, Job{})
	got := i.call("GET /projects/1/pipelines/1/jobs?per_page=1", root)
	if _, sent := got.header["X-Total"]; sent || got.linkTo("last") != "" || got.header.Get("X-Next-Page") != "2" {
		t.Errorf("10,001 jobs: %v", got.header)
	}
}

func TestOffsetsAboveTheInstancesLimitAreRefused(t *testing.T) {
	i := start(t, Options{Dataset: hundred(5), Limits: Limits{Offset: 50000}})
	if got := i.call("GET /projects/1/jobs?page=500&per_page=100", root); got.status != 200 {
		t.Errorf("at the limit = %d", got.status)
	}
	const want = `{"error":"Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Ci::Build. Remaining records can be retrieved using keyset pagination."}`
	if got := i.call("GET /projects/1/jobs?page=501&per_page=100", root); got.status != 405 || got.body != want {
		t.Errorf("past it = %d %s", got.status, got.body)
	}
	if got := i.call("GET /projects/1/pipelines/1/jobs?page=501&per_page=100", root); got.status != 200 {
		t.Errorf("of a pipeline = %d", got.status)
	}
}
