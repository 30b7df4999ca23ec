package restclient

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPageSaysWhatTheHeadersSay(t *testing.T) {
	three, nought := 3, 0
	cases := []struct {
		name    string
		path    string
		headers map[string]string
		want    Page
	}{
		{"no headers", "/projects/1/jobs", nil, Page{}},
		{
			"keyset of an older release", "/projects/1/jobs?pagination=keyset",
			map[string]string{"Link": `<http://elsewhere.example/api/v4/projects/1/jobs?cursor=eyJ9%3D%3D&id=1>; rel="next"`},
			Page{HasNext: true, NextPath: "/projects/1/jobs?cursor=eyJ9%3D%3D&id=1"},
		},
		{
			"keyset of a newer release", "/projects/1/jobs?pagination=keyset",
			map[string]string{"X-Next-Cursor": "n==", "X-Prev-Cursor": "p=="},
			Page{HasNext: true, HasPrev: true, PrevCursor: "p==", NextCursor: "n=="},
		},
		{
			"offset with counts", "/projects/a%2Fb/pipelines/6/jobs?page=2",
			map[string]string{
				"X-Page": "2", "X-Per-Page": "20", "X-Next-Page": "3", "X-Prev-Page": "1", "X-Total": "3", "X-Total-Pages": "3",
				"Link": `<http://h/api/v4/projects/a%2Fb/pipelines/6/jobs?page=1>; rel="prev", <http://h/api/v4/projects/a%2Fb/pipelines/6/jobs?page=3>; rel="next"`,
			},
			Page{
				HasNext: true, HasPrev: true, Number: 2, Total: &three,
				NextPath: "/projects/a%2Fb/pipelines/6/jobs?page=3",
			},
		},
		{
			"last page", "/projects/1/pipelines/6/jobs",
			map[string]string{"X-Page": "1", "X-Per-Page": "20", "X-Next-Page": "", "X-Prev-Page": "", "X-Total": "0"},
			Page{Number: 1, Total: &nought},
		},
		{
			"a link to something else", "/projects/1/jobs",
			map[string]string{"Link": `<http://h/api/v4/projects/2/jobs?cursor=x>; rel="next"`},
			Page{HasNext: true},
		},
		{
			"a link that leaves the API", "/projects/1/jobs",
			map[string]string{"Link": `<http://h/api/v4/../admin?x=1>; rel="next"`},
			Page{HasNext: true},
		},
		{
			"headers that are no numbers", "/projects/1/jobs",
			map[string]string{"X-Page": "many", "X-Total": "-1", "X-Next-Page": "two", "Link": "<<<>>>;rel=;,;"},
			Page{},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range c.headers {
					w.Header().Set(name, value)
				}
				answer(w, 200, "[]")
			})
			response, err := client.Fetch(t.Context(), token, c.path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, response.Page); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNextPathOfARenamedProjectLeadsPastTheRedirect(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "old") {
			http.Redirect(w, r, "/gitlab/api/v4/projects/1/jobs", http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Link", `<https://outside.example/gitlab/api/v4/projects/1/jobs?cursor=c>; rel="next"`)
		answer(w, 200, "[]")
	}, func(cfg *Config) { cfg.BaseURL += "/gitlab/" })
	response, err := client.Fetch(t.Context(), token, ProjectJobs("old/app", JobsOptions{}).Path())
	if err != nil {
		t.Fatal(err)
	}
	if want := "/projects/1/jobs?cursor=c"; response.Page.NextPath != want {
		t.Errorf("next path %q, want %q", response.Page.NextPath, want)
	}
}

func TestLinksAreReadInEverySpelling(t *testing.T) {
	cases := []struct {
		name    string
		headers []string
		want    links
	}{
		{"none", nil, links{}},
		{"quoted", []string{`<a>; rel="next"`}, links{next: "a"}},
		{"bare and upper case", []string{`<a>; REL=NEXT`}, links{next: "a"}},
		{"several relations", []string{`<a>; rel="first next"`}, links{next: "a"}},
		{"a comma inside the target", []string{`<a,b?c=;>; rel="next", <d>; rel="prev"`}, links{"a,b?c=;", "d"}},
		{"a comma inside a parameter", []string{`<a>; title="x, <y>; rel=\"prev\""; rel="next"`}, links{next: "a"}},
		{"several headers", []string{`<a>; rel="next"`, `<b>; rel="prev"`}, links{"a", "b"}},
		{"the first of two counts", []string{`<a>; rel="next", <b>; rel="next"`}, links{next: "a"}},
		{"the first rel counts", []string{`<a>; rel="last"; rel="next"`}, links{}},
		{"no end", []string{`<a; rel="next"`}, links{}},
		{"no parameters", []string{`<a>`}, links{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := parseLinks(c.headers); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func FuzzLinksEndAndInventNothing(f *testing.F) {
	for _, seed := range []string{`<a>; rel="next"`, `<a,b>; rel=prev, <c>; rel="next`, `<>;;;,,,"\`, `<a>;rel="next\`, `>,<`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		found := parseLinks([]string{header})
		if !strings.Contains(header, found.next) || !strings.Contains(header, found.prev) {
			t.Errorf("%+v is not in %q", found, header)
		}
	})
}
