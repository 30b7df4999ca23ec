package projection_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jobgraph/restclient"
)

// parrot is an upstream that says the same to every call.
type parrot []byte

func (p parrot) Fetch(context.Context, restclient.Credential, string) (*restclient.Response, error) {
	return &restclient.Response{Status: 200, Body: p}, nil
}

// FuzzAnyBytesAreReadAsTheExecutorReadsThem compares the plan's scanner with encoding/json: for any
// bytes that GitLab sends, the answer is the same.
func FuzzAnyBytesAreReadAsTheExecutorReadsThem(f *testing.F) {
	const job = `{"id":7,"status":"failed","stage":"test","name":"rspec \u00e9 \ud83d\ude00","ref":"main","tag":false,"coverage":null,"allow_failure":false,"created_at":"2026-03-02T11:00:00.000Z","started_at":null,"duration":0.5,"failure_reason":"script_failure","web_url":"https://h/7","tag_list":["a","b"],"archived":false,"user":{"id":1,"username":"u","name":"U","state":"active","web_url":"https://h/u"},"commit":{"id":"c0ffee","short_id":"c0f","title":"t","message":"m","author_name":"a","author_email":"e","created_at":"2026-03-02T11:00:00.000+01:00"},"pipeline":{"id":6,"project_id":1,"ref":"main","sha":"c0ffee","status":"success"},"runner":{"id":3,"description":"d","active":true,"status":"online"},"artifacts":[{"file_type":"trace","size":10,"filename":"job.log","file_format":null}]}`
	for _, seed := range []string{
		job, `{"id":1,"name":"app","path_with_namespace":"group/\u0061pp","web_url":null,"archived":false,"created_at":"2026-03-02T11:00:00.000Z","ci_job_token_scope_enabled":true}`, "[" + job + "]", "[" + job + "," + job + "]", "[]", "{}", "null", "[null]", `[{"id":1}]`, `[{"id":1e3,"name":7}]`, `[{"ID":1,"Name":"upper"}]`, `[{"id":1,"id":2,"name":"twice","name":null}]`,
		"[{\"id\":1,\"name\":\"\xff\\ud800\"}]", `[{"id":99999999999999999999}]`, `[{"id":1,"pipeline":[]}]`, ` [ { "id" : 1 } ] x`, `[{"id":-0,"duration":1E400}]`, `[{"id":1,"tag_list":null,"artifacts":{}}]`, "[[[[[[[[",
	} {
		for q := range scanned {
			f.Add([]byte(seed), q)
		}
	}
	p := newPair()
	f.Fuzz(func(t *testing.T, body []byte, q int) {
		query := scanned[uint(q)%uint(len(scanned))]
		want, _ := p.reference.execute(parrot(body), query, nil)
		got, _ := p.projected.execute(parrot(body), query, nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\nof %q (-executor +plan):\n%s", query, body, diff)
		}
	})
}

// scanned are queries that have a plan.
var scanned = []string{
	`{ project(id: "1") { jobs(first: 5) { nodes { id databaseId name stage status ref tag coverage allowFailure failureReason createdAt startedAt duration webUrl tags archived } pageInfo { endCursor } } } }`,
	`{ job(project: "1", id: "7") { name user { username name } commit { sha title authorName createdAt } runner { databaseId description active } pipeline { databaseId status sha } artifacts { nodes { fileType size filename fileFormat } } } }`,
	`{ project(id: "1") { id fullPath webUrl ciJobTokenScopeEnabled } }`,
	`{ project(id: "1") { jobs(first: 5, ref: "main") { nodes { databaseId project { ciJobTokenScopeEnabled } } } } }`,
	`{ pipeline(project: "1", id: "6") { jobs(first: 3) { nodes { name pipeline { databaseId ref } } totalCount } bridges { nodes { name downstreamPipeline { databaseId } } } } }`,
}
