//go:build clients

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/process"
	"jobgraph/internal/fakegitlab"
)

// exampleToken is the credential that the examples are given.
const exampleToken = "glpat-example"

// exampleJobs is a project with 45 jobs: the newest is pending, the others have succeeded. Pipeline
// 12 has a job that is started by hand.
func exampleJobs(b *fakegitlab.Builder) {
	maintainer := b.User(fakegitlab.User{Username: "example"})
	b.Token(exampleToken, fakegitlab.Token{User: maintainer, Scopes: []string{"api"}})
	reporter := b.User(fakegitlab.User{Username: "reporter"})
	b.Token("glpat-reporter", fakegitlab.Token{User: reporter, Scopes: []string{"api"}})
	project := b.Project(1, "group/app", fakegitlab.Project{})
	project.Member(maintainer, fakegitlab.Maintainer).Member(reporter, fakegitlab.Reporter)
	pipeline := project.Pipeline(11, fakegitlab.Pipeline{Ref: "main"})
	for id := int64(101); id < 145; id++ {
		pipeline.Job(id, fakegitlab.Job{Name: fmt.Sprintf("test %d", id), Status: fakegitlab.Success})
	}
	pipeline.Job(145, fakegitlab.Job{Name: "deploy", Status: fakegitlab.Pending})
}

// manualJob is a project with a job that is started by hand.
func manualJob(b *fakegitlab.Builder) {
	exampleJobs(b)
	b.ProjectBuilder(1).Pipeline(12, fakegitlab.Pipeline{Ref: "main"}).
		Job(201, fakegitlab.Job{Name: "release", Status: fakegitlab.Manual, When: fakegitlab.WhenManual})
}

// npm runs a script of examples/clients.
func npm(t *testing.T, env []string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "npm", append([]string{"--prefix", "../examples/clients", "run", "--silent"}, args...)...)
	command.Env = append(os.Environ(), env...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Run(); err != nil {
		t.Errorf("npm run %s: %v\n%s", strings.Join(args, " "), err, &printed)
	}
}

// The examples of clients that others wrote, run as a newcomer runs them: the schema is fetched
// from a gateway, the client's tool writes its types and its manifest, and a gateway that executes
// nothing else is given that manifest.
//
//	npm ci --prefix examples/clients && go test -tags clients -run Examples ./e2e
func TestExamplesOfClients(t *testing.T) {
	npm(t, []string{"GATEWAY=" + harness.Start(t, fakegitlab.New(fakegitlab.Options{Dataset: exampleJobs})).Address}, "schema")
	npm(t, nil, "generate")
	npm(t, nil, "check")
	for name, manifest := range map[string]string{
		"codegen": "codegen/gql/persisted-documents.json",
		"relay":   "relay/relay.manifest.json",
		"apollo":  "apollo/apollo.manifest.json",
		"urql":    "urql/gql/persisted-documents.json",
	} {
		t.Run(name, func(t *testing.T) {
			open := harness.Start(t, fakegitlab.New(fakegitlab.Options{Dataset: exampleJobs}))
			trusting := harness.Start(t, fakegitlab.New(fakegitlab.Options{Dataset: exampleJobs}),
				"-trusted-documents="+filepath.Join("../examples/clients", manifest), "-unlisted-documents=refuse")
			npm(t, []string{"GATEWAY=" + open.Address, "TRUSTING=" + trusting.Address, "TOKEN=" + exampleToken}, "test", "--", name)
		})
	}
}

// bff builds examples/bff and runs it in front of a gateway that executes nothing but its
// documents. It returns how to ask it to run a job: with a token, answered with a status and JSON.
func bff(t *testing.T, gitlab http.Handler) (g *harness.Gateway, run func(token, job string) (int, map[string]string)) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bff")
	if out, err := exec.Command("go", "build", "-C", "../examples/bff", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	g = harness.Start(t, gitlab, "-trusted-documents=../examples/bff/operations.json", "-unlisted-documents=refuse")
	service, err := process.Start(exec.Command(binary, "-addr=127.0.0.1:0", "-gateway="+g.Address), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Stop)
	return g, func(token, job string) (int, map[string]string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, service.Address+"/run?job="+url.QueryEscape(job), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("PRIVATE-TOKEN", token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Error(err)
			return 0, nil
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answer := map[string]string{}
		if err != nil || json.Unmarshal(body, &answer) != nil {
			t.Errorf("%v: %s", err, body)
		}
		return response.StatusCode, answer
	}
}

// The example of a BFF plays a job for its caller, waits for the job's end, and passes refusals on.
func TestExampleOfABFF(t *testing.T) {
	const job = "gid://gitlab/Project/1/Job/201"
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: manualJob})
	g, run := bff(t, gitlab)
	for name, c := range map[string]struct {
		token, job, code string
		status           int
	}{
		"no token":         {"", job, "UNAUTHENTICATED", http.StatusUnauthorized},
		"a reporter's":     {"glpat-reporter", job, "ARCHIVED_OR_FORBIDDEN", http.StatusForbidden},
		"a job without":    {exampleToken, "gid://gitlab/Project/1/Job/999", "NOT_FOUND", http.StatusNotFound},
		"one that was run": {exampleToken, "gid://gitlab/Project/1/Job/101", "NOT_PLAYABLE", http.StatusConflict},
		"no job":           {exampleToken, "x", "BAD_USER_INPUT", http.StatusBadRequest},
	} {
		if status, answer := run(c.token, c.job); status != c.status || answer["code"] != c.code || answer["message"] == "" {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	type ending struct {
		status int
		answer map[string]string
	}
	ended := make(chan ending, 1)
	go func() {
		status, answer := run(exampleToken, job)
		ended <- ending{status, answer}
	}()
	for !played(g, 201) {
		select {
		case e := <-ended:
			t.Fatalf("answered before the job ended: %+v", e)
		case <-time.After(10 * time.Millisecond):
		}
	}
	gitlab.FinishJob(201, fakegitlab.Failed)
	e := harness.Receive(t, "the job's end", ended)
	if e.status != http.StatusOK || e.answer["id"] != job || e.answer["status"] != "FAILED" || e.answer["failureReason"] == "" {
		t.Errorf("%+v", e)
	}
}

// played reports whether GitLab has been told to play a job, and has answered.
func played(g *harness.Gateway, id int64) bool {
	for _, call := range g.Upstream.CallsInOrder() {
		if call == fmt.Sprintf("POST /projects/1/jobs/%d/play 200", id) {
			return true
		}
	}
	return false
}
