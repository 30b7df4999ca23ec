package e2e

import (
	"net/http"
	"regexp"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// replacing is an upstream that sends something else instead of what it should.
func replacing(old *regexp.Regexp, with string, gitlab http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := harness.Record(gitlab, r)
		body := old.ReplaceAll(answer.Body.Bytes(), []byte(with))
		answer.Body.Reset()
		answer.Body.Write(body)
		answer.Header().Del("Content-Length")
		harness.Replay(w, answer)
	})
}

// What GitLab must send and does not is its fault, not the caller's; what old rows of its database
// lack is nothing.
func TestWhatGitLabMustSendAndDoesNotIsUpstreamInvalid(t *testing.T) {
	const invalid = `"message":"the upstream sent an object without a value that it must have","path":`
	for name, c := range map[string]struct{ old, with, query, want string }{
		"a time": {`"created_at":"[^"]*"`, `"created_at":null`, `{ job(project: "1", id: "101") { createdAt } }`,
			`{"errors":[{` + invalid + `["job","createdAt"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a time in a list": {`"created_at":"[^"]*"`, `"created_at":null`, `{ pipeline(project: "1", id: "11") { jobs { nodes { createdAt } } } }`,
			`{"errors":[{` + invalid + `["pipeline","jobs","nodes",0,"createdAt"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"jobs":null}}}`},
		"an address": {`"web_url":"[^"]*"`, `"web_url":null`, `{ job(project: "1", id: "101") { webUrl } }`,
			`{"errors":[{` + invalid + `["job","webUrl"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"an empty time": {`"created_at":"[^"]*"`, `"created_at":""`, `{ job(project: "1", id: "101") { createdAt } }`,
			`{"errors":[{` + invalid + `["job","createdAt"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a commit": {`"sha":"[^"]*"`, `"sha":null`, `{ pipeline(project: "1", id: "11") { sha } }`,
			`{"errors":[{` + invalid + `["pipeline","sha"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":null}}`},
		"a name": {`"name":"[^"]*"`, `"name":null`, `{ job(project: "1", id: "101") { name } }`,
			`{"errors":[{` + invalid + `["job","name"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a missing name": {`"name":"[^"]*",`, ``, `{ job(project: "1", id: "101") { name } }`,
			`{"errors":[{` + invalid + `["job","name"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a ref": {`"ref":"[^"]*"`, `"ref":null`, `{ job(project: "1", id: "101") { ref } }`,
			`{"errors":[{` + invalid + `["job","ref"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a status": {`"status":"[^"]*"`, `"status":null`, `{ job(project: "1", id: "101") { status } }`,
			`{"errors":[{` + invalid + `["job","status"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"an empty status": {`"status":"[^"]*"`, `"status":""`, `{ job(project: "1", id: "101") { status } }`,
			`{"errors":[{` + invalid + `["job","status"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"job":null}}`},
		"a status in a list": {`"status":"[^"]*"`, `"status":null`, `{ pipeline(project: "1", id: "11") { jobs { nodes { status } } } }`,
			`{"errors":[{` + invalid + `["pipeline","jobs","nodes",0,"status"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"jobs":null}}}`},
		"a status of a newer GitLab": {`"status":"[^"]*"`, `"status":"dreaming"`, `{ job(project: "1", id: "101") { status } }`,
			`{"data":{"job":{"status":"UNKNOWN"}}}`},
		"a trigger job's name": {`"name":"[^"]*"`, `"name":null`, `{ pipeline(project: "2", id: "20") { bridges(first: 1) { nodes { name } } } }`,
			`{"errors":[{` + invalid + `["pipeline","bridges","nodes",0,"name"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"bridges":null}}}`},
		"a trigger job's ref": {`"ref":"[^"]*"`, `"ref":null`, `{ pipeline(project: "2", id: "20") { bridges(first: 1) { nodes { ref } } } }`,
			`{"errors":[{` + invalid + `["pipeline","bridges","nodes",0,"ref"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"bridges":null}}}`},
		"a trigger job's status": {`"status":"[^"]*"`, `"status":null`, `{ pipeline(project: "2", id: "20") { bridges(first: 1) { nodes { status } } } }`,
			`{"errors":[{` + invalid + `["pipeline","bridges","nodes",0,"status"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"bridges":null}}}`},
		"a project": {`("downstream_pipeline":\{[^{}]*)"project_id":\d+,([^{}]*)"web_url":"[^"]*"`, `$1$2"web_url":null`, `{ pipeline(project: "2", id: "20") { downstream { jobs { nodes { name } } } } }`,
			`{"errors":[{` + invalid + `["pipeline","downstream",0,"jobs"],"locations":[{"line":1,"column":51}],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"pipeline":{"downstream":[{"jobs":null}]}}}`},
		"what old rows lack": {`"(tag|stage)":[^,]*`, `"$1":null`, `{ pipeline(project: "1", id: "11") { jobs { nodes { name tag stage } } } }`,
			`{"data":{"pipeline":{"jobs":{"nodes":[{"name":"e2e","tag":false,"stage":""}]}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, engine := range []string{"-fast-queries=true", "-fast-queries=false"} {
				gitlab := harness.SmallSimulator(fakegitlab.Newest)
				g := harness.Start(t, replacing(regexp.MustCompile(c.old), c.with, gitlab), engine)
				if got := g.Query(t, c.query).String(); got != c.want {
					t.Errorf("%s:\ngot  %s\nwant %s", engine, got, c.want)
				}
			}
		})
	}
}
