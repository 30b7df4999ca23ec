package projection_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"jobgraph/restclient"
)

// upstream is a GitLab whose every answer follows from a seed and the path: two executions that ask
// the same get the same, byte for byte. How often something odd is in an answer also follows from
// the seed.
type upstream struct {
	seed uint64
	odd  float64 // the share of values that are out of the ordinary
	fail float64 // the share of calls that fail

	further int64 // jobs that each project has beyond the usual number

	mu    sync.Mutex
	calls []string
}

const (
	projects            = 3
	jobsOfProject       = 130
	pipelinesOfProject  = 6
	bridgesOfPipeline   = 3
	firstJobOfProject   = 1000
	firstBridgeNumber   = 90_000
	pipelinesPerProject = 100
)

func (u *upstream) random(key string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return rand.New(rand.NewPCG(u.seed, h.Sum64()))
}

// Fetch is what the loaders ask.
func (u *upstream) Fetch(_ context.Context, _ restclient.Credential, path string) (*restclient.Response, error) {
	u.mu.Lock()
	u.calls = append(u.calls, path)
	u.mu.Unlock()
	r := u.random(path)
	if r.Float64() < u.fail {
		return nil, failures[r.IntN(len(failures))]
	}
	address, err := url.Parse(path)
	if err != nil {
		return nil, err
	}
	response, ok := u.answer(strings.Split(strings.Trim(address.EscapedPath(), "/"), "/"), address.Query())
	switch {
	case ok && response == nil:
		return nil, &restclient.Error{Status: 403, Message: "403 Forbidden"}
	case !ok:
		return nil, &restclient.Error{Status: 404, Message: "404 Not found"}
	}
	if r.Float64() < u.odd/20 {
		response.Body = response.Body[:r.IntN(len(response.Body)+1)]
	}
	response.Lend(spoil)
	return response, nil
}

// spoil takes a body's memory back as a client does that reads another answer into it.
func spoil(body []byte) {
	for i := range body {
		body[i] = '#'
	}
}

var failures = []error{
	&restclient.Error{Status: 404, Message: "404 Project Not Found"},
	&restclient.Error{Status: 403, Message: "403 Forbidden"},
	&restclient.Error{Status: 500, Message: "500 Internal Server Error"},
	&restclient.TransportError{Kind: restclient.Timeout},
	&restclient.InvalidError{Reason: restclient.Truncated},
}

func (u *upstream) answer(segments []string, query url.Values) (*restclient.Response, bool) {
	if slices.Equal(segments, []string{"job"}) {
		return u.one(u.job(1, firstJobOfProject+1)), true
	}
	if len(segments) < 2 || segments[0] != "projects" {
		return nil, false
	}
	project, ok := projectNumber(segments[1])
	if !ok {
		return nil, false
	}
	switch rest := segments[2:]; {
	case len(rest) == 0:
		return u.one(u.project(project)), true
	case len(rest) == 1 && rest[0] == "jobs":
		return u.keyset(u.jobs(project, 0), query), true
	case len(rest) == 2 && rest[0] == "jobs":
		n, _ := strconv.ParseInt(rest[1], 10, 64)
		if n <= project*firstJobOfProject || n > project*firstJobOfProject+jobsOfProject {
			return nil, false
		}
		return u.one(u.job(project, n)), true
	case slices.Equal(rest, []string{"pipelines"}):
		return u.offset(u.pipelines(project, query), query), true
	case slices.Equal(rest, []string{"pipelines", "latest"}):
		return u.latest(project, query.Get("ref"))
	case len(rest) >= 2 && rest[0] == "pipelines":
		n, _ := strconv.ParseInt(rest[1], 10, 64)
		if n <= project*pipelinesPerProject || n > project*pipelinesPerProject+pipelinesOfProject {
			return nil, false
		}
		return u.ofPipeline(project, n, rest[2:], query)
	}
	return nil, false
}

func (u *upstream) ofPipeline(project, n int64, rest []string, query url.Values) (*restclient.Response, bool) {
	switch {
	case len(rest) == 0:
		return u.one(u.pipeline(u.random(fmt.Sprint("whole", n)), project, n, true)), true
	case rest[0] == "jobs":
		return u.offset(u.jobs(project, n), query), true
	case rest[0] == "trigger_jobs":
		var all []item
		for i := int64(bridgesOfPipeline); i > 0; i-- {
			all = append(all, u.bridge(project, n, firstBridgeNumber+n*10+i))
		}
		return u.offset(all, query), true
	}
	return nil, false
}

func projectNumber(address string) (int64, bool) {
	address = strings.TrimPrefix(strings.ReplaceAll(address, "%2F", "/"), "group/p")
	n, err := strconv.ParseInt(address, 10, 64)
	return n, err == nil && n >= 1 && n <= projects
}

// item is an element of a list.
type item struct {
	id     int64
	status string
	body   string
}

func (u *upstream) jobs(project, pipeline int64) []item {
	var all []item
	for i := jobsOfProject + u.further; i > 0; i-- {
		if pipeline == 0 || project*pipelinesPerProject+1+i%pipelinesOfProject == pipeline {
			all = append(all, item{id: project*firstJobOfProject + i, status: u.status(project*firstJobOfProject + i),
				body: u.job(project, project*firstJobOfProject+i)})
		}
	}
	return all
}

// pipelines are a project's pipelines that a query selects. The users and sources follow from the
// pipeline's number; so the selection does not depend on what is odd in a pipeline.
func (u *upstream) pipelines(project int64, query url.Values) []item {
	var all []item
	for i := int64(pipelinesOfProject); i > 0; i-- {
		n := project*pipelinesPerProject + i
		selected := map[string]bool{
			"status": query.Get("status") == u.status(n), "source": query.Get("source") == "push" && i%2 == 0,
			"username": query.Get("username") == "root" && i%3 == 0, "sha": strings.HasPrefix(query.Get("sha"), "0ff3"),
			"ref": query.Get("ref") == "main" && i%2 == 1, "updated_after": i > 2, "updated_before": i < 5,
		}
		kept := true
		for name, is := range selected {
			kept = kept && (is || query.Get(name) == "")
		}
		if kept {
			r := u.random(fmt.Sprint("listed", n))
			all = append(all, item{id: n, status: u.status(n), body: u.pipeline(r, project, n, r.IntN(3) > 0)})
		}
	}
	return all
}

// latest is the latest pipeline of a ref, or nil if GitLab answers 403.
func (u *upstream) latest(project int64, ref string) (*restclient.Response, bool) {
	if ref == "main" {
		return nil, true
	}
	n := project*pipelinesPerProject + 1 + int64(len(ref))%pipelinesOfProject
	return u.one(u.pipeline(u.random(fmt.Sprint("latest", n)), project, n, true)), true
}

func (u *upstream) one(body string) *restclient.Response {
	return &restclient.Response{Status: 200, Body: []byte(body)}
}

func inScope(all []item, query url.Values) []item {
	scope := query["scope[]"]
	return slices.DeleteFunc(all, func(i item) bool { return len(scope) > 0 && !slices.Contains(scope, i.status) })
}

func listOf(items []item) []byte {
	bodies := make([]string, len(items))
	for i := range items {
		bodies[i] = items[i].body
	}
	return []byte("[" + strings.Join(bodies, ",") + "]")
}

func (u *upstream) keyset(all []item, query url.Values) *restclient.Response {
	all = inScope(all, query)
	per, _ := strconv.Atoi(query.Get("per_page"))
	var cursor struct {
		ID  string `json:"id"`
		Dir string `json:"_kd"`
	}
	raw, _ := base64.URLEncoding.DecodeString(query.Get("cursor"))
	_ = json.Unmarshal(raw, &cursor)
	at, _ := strconv.ParseInt(cursor.ID, 10, 64)
	response := &restclient.Response{Status: 200}
	if cursor.Dir == "p" {
		newer := slices.DeleteFunc(slices.Clone(all), func(i item) bool { return i.id <= at })
		response.Page.PrevCursor = map[bool]string{true: "more"}[len(newer) > per]
		response.Page.HasNext = true
		response.Body = listOf(newer[max(0, len(newer)-per):])
		return response
	}
	older := slices.DeleteFunc(slices.Clone(all), func(i item) bool { return at != 0 && i.id >= at })
	response.Page.HasNext = len(older) > per
	response.Body = listOf(older[:min(per, len(older))])
	return response
}

func (u *upstream) offset(all []item, query url.Values) *restclient.Response {
	all = inScope(all, query)
	per, _ := strconv.Atoi(query.Get("per_page"))
	page, _ := strconv.Atoi(query.Get("page"))
	lo := min(max(page-1, 0)*per, len(all))
	hi := min(lo+per, len(all))
	total := len(all)
	return &restclient.Response{Status: 200, Body: listOf(all[lo:hi]),
		Page: restclient.Page{HasNext: hi < total, Total: &total}}
}
