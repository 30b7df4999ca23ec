//go:build clients

package e2e

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// A job that the tests of clients follow.
const (
	followedPipeline = 11
	followedJob      = 101
	followerToken    = "glpat-follower"
)

// followedJobs is a project with a pipeline of one job that has not begun.
func followedJobs(b *fakegitlab.Builder) {
	user := b.User(fakegitlab.User{Username: "follower"})
	b.Token(followerToken, fakegitlab.Token{User: user, Scopes: []string{"api"}})
	project := b.Project(1, "group/app", fakegitlab.Project{})
	project.Member(user, fakegitlab.Maintainer)
	project.Pipeline(followedPipeline, fakegitlab.Pipeline{Ref: "main"}).
		Job(followedJob, fakegitlab.Job{Name: "build", Stage: "build", Status: fakegitlab.Created})
}

// follower is a client that runs in a process of its own and prints what it receives.
type follower struct {
	name   string
	lines  chan map[string]any
	states map[string]bool // the states of the job that were told
	log    float64         // bytes of the log that were told
	text   string          // the whole log, at the end
	done   map[string]bool
}

// follow starts a client of e2e's Node packages:
//
//	npm ci --prefix .ci/clients && go test -tags clients -run Clients ./e2e
func follow(t *testing.T, client, endpoint string) *follower {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	node := exec.CommandContext(ctx, "node", "../.ci/clients/follow.mjs", client, endpoint, followerToken,
		"gid://gitlab/Project/1/Job/101", "gid://gitlab/Project/1/Pipeline/11")
	node.Stderr = os.Stderr
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	f := &follower{name: client, lines: make(chan map[string]any), states: map[string]bool{}, done: map[string]bool{}}
	go func() {
		defer close(f.lines)
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20) // the last line has the whole log
		for scan.Scan() {
			var line map[string]any
			if json.Unmarshal(scan.Bytes(), &line) == nil {
				f.lines <- line
			}
		}
		_ = node.Wait()
	}()
	return f
}

// until reads what the client prints until it is enough.
func (f *follower) until(t *testing.T, what string, enough func() bool) {
	for !enough() {
		line, ok := <-f.lines
		if !ok {
			t.Errorf("%s ended before %s", f.name, what)
			return
		}
		if problem, failed := line["failed"]; failed {
			t.Errorf("%s failed before %s: %v", f.name, what, problem)
		}
		if state, ok := line["job"].(string); ok {
			f.states[state] = true
		}
		if bytes, ok := line["log"].(float64); ok {
			f.log = bytes
		}
		if completed, ok := line["completed"].(string); ok {
			f.done[completed] = true
		}
		if text, ok := line["text"].(string); ok {
			f.text = text
		}
	}
}

// Clients that others wrote follow a job, its pipeline and its log from created to finished, over
// each transport that they prefer.
func TestClientsFollowAJobToItsEnd(t *testing.T) {
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: followedJobs})
	g := harness.Start(t, gitlab)
	var followers []*follower
	for _, client := range []string{"graphql-ws", "graphql-sse", "apollo", "urql"} {
		followers = append(followers, follow(t, client, g.Address+"/graphql"))
	}
	all := func(what string, enough func(*follower) bool) {
		var group sync.WaitGroup
		for _, f := range followers {
			group.Go(func() { f.until(t, what, func() bool { return enough(f) }) })
		}
		group.Wait()
		if t.Failed() {
			t.FailNow()
		}
	}
	all("the job's first state", func(f *follower) bool { return f.states["CREATED"] })
	gitlab.ChangeJob(followedJob, func(j *fakegitlab.Job) {
		j.Status, j.StartedAt = fakegitlab.Running, time.Now()
		j.FinishedAt = time.Now().Add(time.Hour)
	})
	written := "begin ü\n" + strings.Repeat("a line of the log \U0001F680\n", 5000)
	gitlab.AppendLog(followedJob, written)
	all("the job runs and its log grows", func(f *follower) bool { return f.states["RUNNING"] && f.log > 1000 })
	gitlab.AppendLog(followedJob, "and more\nthe end, without a line break")
	gitlab.FinishJob(followedJob, fakegitlab.Success)
	gitlab.ArchiveLog(followedJob, nil)
	all("the end of everything", func(f *follower) bool { return f.text != "" })
	want := trace(t, g)
	for _, f := range followers {
		if !f.states["SUCCESS"] || !f.done["job"] || !f.done["pipeline"] || !f.done["log"] {
			t.Errorf("%s was told %v, completed %v", f.name, f.states, f.done)
		}
		got, err := base64.StdEncoding.DecodeString(f.text)
		if err != nil || string(got) != want {
			t.Errorf("%s has a log of %d bytes, GitLab one of %d", f.name, len(got), len(want))
		}
	}
}

// trace returns the job's log as GitLab has it.
func trace(t *testing.T, g *harness.Gateway) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.Behind+"/api/v4/projects/1/jobs/101/trace", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("PRIVATE-TOKEN", followerToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
