package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// quick makes polls so frequent that a test need not wait for them.
var quick = []string{"-live-interval=20ms", "-live-log-interval=20ms", "-live-calls-per-minute=100000"}

// outsiderToken is of a user who is no member of the project.
const outsiderToken = "token-of-an-outsider"

// liveSimulator is a GitLab whose project 1 has pipeline 6 with two jobs, 61 and 62, that run until
// they are told to end.
func liveSimulator() *fakegitlab.Server {
	return fakegitlab.New(fakegitlab.Options{Dataset: func(b *fakegitlab.Builder) {
		maintainer := b.User(fakegitlab.User{ID: 2, Username: "maintainer"})
		developer := b.User(fakegitlab.User{ID: 3, Username: "developer"})
		b.Token(harness.MaintainerToken, fakegitlab.Token{User: maintainer})
		b.Token(harness.GuestToken, fakegitlab.Token{User: developer})
		b.Token(outsiderToken, fakegitlab.Token{User: b.User(fakegitlab.User{ID: 4, Username: "outsider"})})
		app := b.Project(1, "acme/app", fakegitlab.Project{Visibility: fakegitlab.Private}).
			Member(maintainer, fakegitlab.Maintainer).Member(developer, fakegitlab.Developer)
		p := app.Pipeline(6, fakegitlab.Pipeline{})
		p.Job(61, fakegitlab.Job{Name: "unit", Status: fakegitlab.Running, Log: fakegitlab.Log{Text: "begun\n"}})
		p.Job(62, fakegitlab.Job{Name: "lint", Status: fakegitlab.Running})
	}})
}

func TestAJobIsFollowedUntilItHasFinished(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, `subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/61") { id status name pipeline { id } ... on Job { cancelable } } }`)
	s.Expect("next", `{"data":{"jobUpdated":{"id":"gid://gitlab/Project/1/Job/61","status":"RUNNING","name":"unit","pipeline":{"id":"gid://gitlab/Project/1/Pipeline/6"},"cancelable":true}}}`)
	gitlab.FinishJob(61, fakegitlab.Success)
	s.Expect("next", `{"data":{"jobUpdated":{"id":"gid://gitlab/Project/1/Job/61","status":"SUCCESS","name":"unit","pipeline":{"id":"gid://gitlab/Project/1/Pipeline/6"},"cancelable":false}}}`)
	if e := s.Next(); e.Kind != "complete" {
		t.Errorf("got %+v", e)
	}
	for _, call := range g.Upstream.Calls() {
		if call != "GET /projects/1/jobs/61 200" {
			t.Error("it has cost", call)
		}
	}
}

func TestAPipelineIsFollowedUntilItHasFinished(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, `subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { pipeline { status jobCounts { status count } jobs(first: 100) { nodes { name } } } changedJobs { name status } } }`)
	s.Expect("next", `{"data":{"pipelineUpdated":{"pipeline":{"status":"RUNNING","jobCounts":[{"status":"RUNNING","count":2}],"jobs":{"nodes":[{"name":"lint"},{"name":"unit"}]}},"changedJobs":[{"name":"lint","status":"RUNNING"},{"name":"unit","status":"RUNNING"}]}}}`)
	gitlab.FinishJob(61, fakegitlab.Success)
	e := s.Next()
	if !strings.Contains(e.Data, `"changedJobs":[{"name":"unit","status":"SUCCESS"}]`) || !strings.Contains(e.Data, `{"status":"SUCCESS","count":1}`) {
		t.Errorf("a job's end: %+v", e)
	}
	gitlab.FinishJob(62, fakegitlab.Failed)
	if e = s.Next(); !strings.Contains(e.Data, `"status":"FAILED"`) || !strings.Contains(e.Data, `"changedJobs":[{"name":"lint","status":"FAILED"}]`) {
		t.Errorf("the pipeline's end: %+v", e)
	}
	if e = s.Next(); e.Kind != "complete" {
		t.Errorf("got %+v", e)
	}
	// Its selections are answered from what the poll has brought.
	calls := slices.Compact(g.Upstream.Calls())
	if want := []string{"GET /projects/1/pipelines/6/jobs?page=1&per_page=100 200", "GET /projects/1/pipelines/6/trigger_jobs?page=1&per_page=100 200"}; !slices.Equal(calls, want) {
		t.Errorf("calls:\n%s", strings.Join(calls, "\n"))
	}
}

func TestAProjectsJobsAreFollowed(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, `subscription { projectJobsUpdated(id: "acme/app", statuses: [RUNNING]) { project { id } changedJobs { name status } } }`)
	s.Expect("next", `{"data":{"projectJobsUpdated":{"project":{"id":"gid://gitlab/Project/1"},"changedJobs":[{"name":"lint","status":"RUNNING"},{"name":"unit","status":"RUNNING"}]}}}`)
	gitlab.FinishJob(61, fakegitlab.Canceled)
	s.Expect("next", `{"data":{"projectJobsUpdated":{"project":{"id":"gid://gitlab/Project/1"},"changedJobs":[{"name":"unit","status":"CANCELED"}]}}}`)
}

// logChunk is a chunk of a log as the tests ask for it.
type logChunk struct {
	Data struct {
		JobLogAppended struct {
			RawBase64        string
			FromByte, ToByte int64
			Complete         bool
		}
	}
	Errors []struct {
		Extensions struct {
			Code     string
			FromByte *int64
		}
	}
}

func chunkOf(t *testing.T, e harness.StreamEvent) logChunk {
	t.Helper()
	var c logChunk
	if err := json.Unmarshal([]byte(e.Data), &c); err != nil || e.Kind != "next" {
		t.Fatalf("%+v: %v", e, err)
	}
	return c
}

func logSubscription(from int) string {
	return fmt.Sprintf(`subscription { jobLogAppended(id: "gid://gitlab/Project/1/Job/61", fromByte: %d) { rawBase64 fromByte toByte complete } }`, from)
}

func TestALogIsFollowedToItsArchivedEnd(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, logSubscription(0))
	want, got := "begun\n", []byte{}
	read := func(until int, end bool) {
		for complete := false; len(got) < until || end && !complete; {
			e := s.Next()
			c := chunkOf(t, e).Data.JobLogAppended
			if c.FromByte != int64(len(got)) || e.ID != fmt.Sprint(c.ToByte) {
				t.Fatalf("a chunk from %d to %d (id %s) after %d bytes", c.FromByte, c.ToByte, e.ID, len(got))
			}
			part, err := base64.StdEncoding.DecodeString(c.RawBase64)
			if err != nil {
				t.Fatal(err)
			}
			got, complete = append(got, part...), c.Complete
		}
	}
	for i := range 20 {
		text := fmt.Sprintf("line %d: €😀\n", i)
		gitlab.AppendLog(61, text)
		want += text
		read(len(want), false)
	}
	gitlab.FinishJob(61, fakegitlab.Success)
	gitlab.ArchiveLog(61, nil)
	read(len(want), true)
	if string(got) != want {
		t.Errorf("got %d bytes: %.200q", len(got), got)
	}
	if e := s.Next(); e.Kind != "complete" {
		t.Errorf("after the end: %+v", e)
	}
	resumed := chunkOf(t, g.Subscribe(t, harness.MaintainerToken, logSubscription(len(want)-5)).Next()).Data.JobLogAppended
	part, _ := base64.StdEncoding.DecodeString(resumed.RawBase64)
	if string(part) != want[len(want)-5:] || !resumed.Complete {
		t.Errorf("resumed: %.300v", resumed)
	}
}

func TestALogThatIsArchivedDifferentlyEndsWithItsCode(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	s := g.Subscribe(t, harness.MaintainerToken, logSubscription(0))
	gitlab.AppendLog(61, "as it was\n")
	s.Next()
	gitlab.FinishJob(61, fakegitlab.Success)
	gitlab.ArchiveLog(61, func(string) string { return "as it is now\n" })
	for {
		c := chunkOf(t, s.Next())
		if len(c.Errors) == 1 {
			if e := c.Errors[0].Extensions; e.Code != "LOG_REPLACED" || e.FromByte == nil || *e.FromByte != 0 {
				t.Errorf("%+v", e)
			}
			break
		}
	}
	if e := s.Next(); e.Kind != "complete" {
		t.Errorf("after the end: %+v", e)
	}
}

func TestARevokedTokenEndsItsOwnSubscriptionOnly(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	const query = `subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/61") { status } }`
	revoked, other := g.Subscribe(t, harness.GuestToken, query), g.Subscribe(t, harness.MaintainerToken, query)
	revoked.Expect("next", `{"data":{"jobUpdated":{"status":"RUNNING"}}}`)
	other.Expect("next", `{"data":{"jobUpdated":{"status":"RUNNING"}}}`)
	gitlab.RevokeToken(harness.GuestToken)
	if e := revoked.Next(); !strings.Contains(e.Data, `"code":"UNAUTHENTICATED"`) {
		t.Errorf("%+v", e)
	}
	if e := revoked.Next(); e.Kind != "complete" {
		t.Errorf("after the end: %+v", e)
	}
	gitlab.FinishJob(61, fakegitlab.Success)
	other.Expect("next", `{"data":{"jobUpdated":{"status":"SUCCESS"}}}`)
}

func TestAWriteThroughTheGatewayIsSeenAtOnce(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, "-live-interval=1h") // no poll comes to its help
	s := g.Subscribe(t, harness.GuestToken, `subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { changedJobs { name status } } }`)
	s.Next()
	g.Post(t, harness.Operation{Query: `mutation { jobCancel(input: {id: "gid://gitlab/Project/1/Job/61"}) { job { status } } }`}, harness.As(harness.MaintainerToken))
	if e := s.Next(); !strings.Contains(e.Data, `"name":"unit","status":"CANCEL`) {
		t.Errorf("%+v", e)
	}
}

func TestSubscriptionsThatCannotBegin(t *testing.T) {
	g := harness.Start(t, liveSimulator(), quick...)
	for query, code := range map[string]string{
		`subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/99") { status } }`:                     "NOT_FOUND",
		`subscription { jobUpdated(id: "gid://gitlab/Project/1/Pipeline/6/Bridge/99") { status } }`:       "NOT_FOUND",
		`subscription { jobUpdated(id: "gid://gitlab/Project/1/Pipeline/6") { status } }`:                 "BAD_USER_INPUT",
		`subscription { jobLogAppended(id: "gid://gitlab/Project/1/Job/61", fromByte: -1) { raw } }`:      "BAD_USER_INPUT",
		`subscription { projectJobsUpdated(id: "1", statuses: [UNKNOWN]) { changedJobs { id } } }`:        "BAD_USER_INPUT",
		`subscription { a: jobUpdated(id: "1") { status } b: jobUpdated(id: "1") { status } }`:            "GRAPHQL_VALIDATION_FAILED",
		`subscription { jobLogAppended(id: "gid://gitlab/Project/1/Job/61", fromByte: 1000000) { raw } }`: "LOG_REPLACED",
	} {
		if e := g.Subscribe(t, harness.MaintainerToken, query).Next(); !strings.Contains(e.Data, `"code":"`+code+`"`) {
			t.Errorf("%s: %+v", query, e)
		}
	}
	if e := g.Subscribe(t, "no such token", `subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/61") { status } }`).Next(); !strings.Contains(e.Data, "UNAUTHENTICATED") {
		t.Errorf("%+v", e)
	}
}

func TestAJobIsFollowedOverWebSocketByItsProjectsPath(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	w := g.Connect(t, `{"headers":{"private-token":"`+harness.MaintainerToken+`"}}`)
	w.Send(`{"type":"subscribe","id":"1","payload":{"query":"subscription { jobUpdated(id: \"gid://gitlab/Project/acme%2Fapp/Job/61\") { id status } }"}}`)
	w.Expect(`{"type":"next","id":"1","payload":{"data":{"jobUpdated":{"id":"gid://gitlab/Project/1/Job/61","status":"RUNNING"}}}}`)
	gitlab.FinishJob(61, fakegitlab.Failed)
	w.Expect(`{"type":"next","id":"1","payload":{"data":{"jobUpdated":{"id":"gid://gitlab/Project/1/Job/61","status":"FAILED"}}}}`)
	w.Expect(`{"type":"complete","id":"1"}`)
	gitlab.ArchiveLog(61, nil)
	w.Send(`{"type":"subscribe","id":"2","payload":{"query":"subscription { jobLogAppended(id: \"gid://gitlab/Project/1/Job/61\") { raw fromByte toByte complete } }"}}`)
	w.Expect(`{"type":"next","id":"2","payload":{"data":{"jobLogAppended":{"raw":"begun\n","fromByte":0,"toByte":6,"complete":true}}}}`)
	w.Expect(`{"type":"complete","id":"2"}`)
	w.Send(`{"type":"subscribe","id":"3","payload":{"query":"subscription { jobUpdated(id: \"gid://gitlab/Project/1/Job/99\") { id } }"}}`)
	w.Expect(`{"type":"error","id":"3","payload":[{"message":"404 Not found","path":["jobUpdated"],"locations":[{"line":1,"column":16}],"extensions":{"code":"NOT_FOUND"}}]}`)
}
