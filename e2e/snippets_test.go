//go:build clients

package e2e

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

var javaScriptBlock = regexp.MustCompile("(?s)```js\n(.*?)```\n")

// section returns a part of a document, from its heading to the next one of the same level.
func section(t *testing.T, document, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(readDocument(t, document), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", document, heading)
	}
	level, _, _ := strings.Cut(heading, " ")
	part, _, _ := strings.Cut(rest, "\n"+level+" ")
	return part
}

// snippet returns the one block of JavaScript in a part of a document.
func snippet(t *testing.T, part string) string {
	t.Helper()
	blocks := javaScriptBlock.FindAllStringSubmatch(part, -1)
	if len(blocks) != 1 {
		t.Fatalf("%d blocks of JavaScript, want 1", len(blocks))
	}
	return blocks[0][1]
}

// runSnippet runs a snippet of a document as it stands there, but for the gateway's address, with
// definitions before it and something to do after it. It returns the lines that are printed.
func runSnippet(t *testing.T, g *harness.Gateway, before, snippet, after string) <-chan string {
	t.Helper()
	address := strings.TrimPrefix(g.Address, "http://")
	snippet = strings.NewReplacer("wss://gateway/", "ws://"+address+"/", "https://gateway/", "http://"+address+"/").Replace(snippet)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	node := exec.CommandContext(ctx, "node", "--input-type=module")
	node.Dir, node.Stderr = "../.ci/clients", os.Stderr
	// Node has a WebSocket of its own from version 22 on.
	node.Stdin = strings.NewReader("import WebSocket from \"ws\";\nglobalThis.WebSocket ??= WebSocket;\n" + before + snippet + after)
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
		if err := node.Wait(); err != nil {
			lines <- err.Error()
		}
	}()
	return lines
}

// expectLines reads so many equal lines.
func expectLines(t *testing.T, lines <-chan string, n int, want string) {
	t.Helper()
	for range n {
		if got := harness.Receive(t, want, lines); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// The README's snippet follows a job with graphql-ws, Apollo Client and urql.
func TestClientsRunTheSnippetOfTheReadme(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	part := section(t, "README.md", "### Live")
	before := fmt.Sprintf("const token = %q, id = \"gid://gitlab/Project/1/Job/61\", WATCH = `%s`;\nconst show = (job) => console.log(job.status);\n",
		harness.MaintainerToken, graphQLBlock.FindStringSubmatch(part)[1])
	lines := runSnippet(t, g, before, snippet(t, part), "")
	expectLines(t, lines, 3, "RUNNING")
	gitlab.FinishJob(61, fakegitlab.Success)
	expectLines(t, lines, 3, "SUCCESS")
	for line := range lines { // urql shows the last result once more when a stream ends
		if line != "SUCCESS" {
			t.Errorf("after the job's end: %s", line)
		}
	}
}

// The snippet of a service plays a manual job and waits for its end.
func TestClientsRunTheSnippetOfAService(t *testing.T) {
	gitlab := liveSimulator()
	g := harness.Start(t, gitlab, quick...)
	id := gitlab.AddJob(6, fakegitlab.Job{Name: "deploy", Status: fakegitlab.Manual, When: fakegitlab.WhenManual})
	before := fmt.Sprintf("const token = %q;\n", harness.MaintainerToken)
	after := fmt.Sprintf("console.log(await playAndWait(\"gid://gitlab/Project/1/Job/%d\"));\n", id)
	lines := runSnippet(t, g, before, snippet(t, section(t, "docs/live.md", "## How to consume")), after)
	for !played(g, id) {
		select {
		case line := <-lines:
			t.Fatalf("it printed %q before the job was played", line)
		case <-time.After(10 * time.Millisecond):
		}
	}
	gitlab.FinishJob(id, fakegitlab.Failed)
	expectLines(t, lines, 1, "FAILED")
	if line, more := <-lines; more {
		t.Errorf("after the job's end: %s", line)
	}
}
