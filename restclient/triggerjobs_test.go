package restclient

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// instance is a GitLab whose set of routes can change, and a client of it.
type instance struct {
	client *Client
	routes []string // the last segments of paths that are known
	// foreign makes every answer one of a server in between, and unknown is its body for other routes.
	foreign bool
	unknown string
	answer  func(w http.ResponseWriter, r *http.Request)
	calls   []string // the last segments of those called
	clock   time.Time
}

func newInstance(t *testing.T, routes ...string) *instance {
	t.Helper()
	i := &instance{routes: routes, clock: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	i.answer = func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[]") }
	i.client = newClient(t, func(w http.ResponseWriter, r *http.Request) {
		route := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		i.calls = append(i.calls, route)
		if !i.foreign {
			w.Header().Set("X-Request-Id", "01J0") // as every answer of GitLab's has
		}
		if !slices.Contains(i.routes, route) {
			answer(w, 404, cmp.Or(i.unknown, `{"error":"404 Not Found"}`))
			return
		}
		i.answer(w, r)
	})
	i.client.now = func() time.Time { return i.clock }
	return i
}

// list reads the trigger jobs and returns which routes were called for it.
func (i *instance) list(t *testing.T) ([]string, *Response, error) {
	t.Helper()
	i.calls = nil
	response, err := i.client.Fetch(t.Context(), token, PipelineBridges("1", 6, BridgesOptions{Page: 1, PerPage: 2}).Path())
	return i.calls, response, err
}

func (i *instance) wantCalls(t *testing.T, what string, want ...string) {
	t.Helper()
	if got, _, err := i.list(t); !slices.Equal(got, want) || err != nil {
		t.Errorf("%s: called %v, %v; want %v", what, got, err, want)
	}
}

func TestTriggerJobsCostOneCallOnEveryRelease(t *testing.T) {
	current := newInstance(t, "trigger_jobs", "bridges")
	for range 3 {
		current.wantCalls(t, "a current release", "trigger_jobs")
	}
	older := newInstance(t, "bridges")
	older.wantCalls(t, "an older release, first", "trigger_jobs", "bridges")
	for range 3 {
		older.wantCalls(t, "an older release", "bridges")
	}
	older.clock = older.clock.Add(relearn - 1)
	older.wantCalls(t, "an older release within the hour", "bridges")
	older.clock = older.clock.Add(1)
	older.wantCalls(t, "an older release after an hour", "trigger_jobs", "bridges")
	older.wantCalls(t, "an older release that was looked at again", "bridges")
	older.routes = []string{"trigger_jobs"}
	older.wantCalls(t, "one that lost the old name", "bridges", "trigger_jobs")
	older.wantCalls(t, "one with the new name only", "trigger_jobs")
}

func TestOnlyAnUnknownRouteIsAskedForByItsOtherName(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"a missing pipeline": {404, `{"message":"404 Not found"}`},
		"a missing project":  {404, `{"message":"404 Project Not Found"}`},
		"both keys":          {404, `{"message":"404 Not found","error":"404 Not Found"}`},
		"a page":             {404, `<html>404</html>`},
		"no credential":      {401, `{"message":"401 Unauthorized"}`},
		"a scope":            {403, `{"error":"insufficient_scope"}`},
		"forbidden":          {403, `{"message":"403 Forbidden"}`},
		"throttled":          {429, `{"error":"slow down"}`},
		"a fault":            {500, `{"error":"500"}`},
	} {
		i := newInstance(t, "trigger_jobs", "bridges")
		i.answer = func(w http.ResponseWriter, _ *http.Request) { answer(w, c.status, c.body) }
		if got, _, err := i.list(t); !slices.Equal(got, []string{"trigger_jobs"}) || err == nil {
			t.Errorf("%s: called %v, %v", name, got, err)
		}
	}
}

func TestAnInstanceIsLearntFromWhatItsRoutesAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		learnt bool
	}{
		"a missing pipeline": {func(w http.ResponseWriter, _ *http.Request) { answer(w, 404, `{"message":"404 Not found"}`) }, true},
		"forbidden":          {func(w http.ResponseWriter, _ *http.Request) { answer(w, 403, "{}") }, true},
		"a fault":            {func(w http.ResponseWriter, _ *http.Request) { answer(w, 500, "{}") }, false},
		"a page":             {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, false},
	} {
		i := newInstance(t, "bridges")
		i.answer = c.answer
		_, _, _ = i.list(t)
		i.answer = func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[]") }
		want := []string{"trigger_jobs", "bridges"}
		if c.learnt {
			want = want[1:]
		}
		i.wantCalls(t, "after "+name, want...)
	}
	neither := newInstance(t)
	for range 2 {
		if got, _, err := neither.list(t); len(got) != 2 || err == nil {
			t.Errorf("neither: called %v, %v", got, err)
		}
	}
}

func TestTheNextPageHasTheNewNameAlways(t *testing.T) {
	for _, routes := range [][]string{{"trigger_jobs"}, {"bridges"}} {
		i := newInstance(t, routes...)
		i.answer = func(w http.ResponseWriter, r *http.Request) {
			next := url.URL{Scheme: "http", Host: "h", Path: r.URL.Path, RawQuery: "page=2&per_page=2"}
			w.Header().Set("Link", fmt.Sprintf("<%s>; rel=%q", &next, "next"))
			answer(w, 200, "[]")
		}
		for range 2 {
			_, response, err := i.list(t)
			if want := "/projects/1/pipelines/6/trigger_jobs?page=2&per_page=2"; err != nil || response.Page.NextPath != want {
				t.Errorf("%+v, %v; want %s", response, err, want)
			}
		}
	}
}

func TestAProjectOfThatNameIsNoList(t *testing.T) {
	if path := SingleProject("a/trigger_jobs").Path(); isTriggerJobs(path) {
		t.Errorf("%s is one", path)
	}
}

// A server in front of GitLab that forwards a list of routes answers for all others itself, in any
// form. That answer cannot be distinguished from the one for a missing pipeline, so that both names
// are tried and neither is recorded.
func TestARouteThatAServerInBetweenDoesNotKnowIsAskedForByItsOtherName(t *testing.T) {
	for _, body := range []string{`{"message":"404 Not found"}`, `<html>404</html>`, ""} {
		i := newInstance(t, "bridges")
		i.foreign, i.unknown = true, body
		i.wantCalls(t, "first", "trigger_jobs", "bridges")
		i.wantCalls(t, "then", "bridges")
		missing := newInstance(t)
		missing.foreign, missing.unknown = true, body
		for range 2 {
			if got, _, err := missing.list(t); len(got) != 2 || err == nil {
				t.Errorf("a missing pipeline: called %v, %v", got, err)
			}
		}
	}
}
