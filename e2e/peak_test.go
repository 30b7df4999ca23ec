package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"testing"

	"jobgraph/graph/errcode"
)

// gatewayProcess is the environment variable that makes the test binary run the gateway and nothing else, so that a test can measure
// the memory of a process that has only the gateway in it.
const gatewayProcess = "E2E_GATEWAY_PROCESS"

// runGatewayProcess runs the gateway with the test binary's arguments until it is interrupted.
func runGatewayProcess() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is a gateway in a process of its own.
type process struct {
	*gateway
	command *exec.Cmd
}

// startProcess runs the gateway in a process of its own before an upstream until the test ends.
func startProcess(t *testing.T, upstream http.Handler, flags ...string) *process {
	t.Helper()
	behind := httptest.NewServer(upstream)
	t.Cleanup(behind.Close)
	command := exec.Command(os.Args[0], append([]string{"-addr=127.0.0.1:0", "-gitlab-url=" + behind.URL}, flags...)...)
	command.Env = append(os.Environ(), gatewayProcess+"=1")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if open := openLine.FindStringSubmatch(lines.Text()); open != nil {
			return &process{&gateway{address: open[1], client: http.DefaultClient}, command}
		}
	}
	t.Fatal("the process told no address to open")
	return nil
}

// peak returns the most memory that the process has taken so far, in MB, as the kernel counts it.
func (p *process) peak(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		t.Skip("the kernel does not tell a process's peak")
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes >> 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

// An answer is measured while it is made: a short query for much text takes no more memory than an answer of the limit would.
func TestAnAnswerThatIsTooLongIsGivenUpWhileItIsMade(t *testing.T) {
	var list bytes.Buffer
	for i := range 100 {
		fmt.Fprintf(&list, `%c{"id":%d,"name":"job","stage":"test","status":"success","pipeline":{"id":1,"project_id":1},"commit":{"id":"c","message":"%s"}}`,
			"[,"[min(i, 1)], 1000-i, strings.Repeat("m", 200_000))
	}
	list.WriteByte(']')
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(list.Bytes())
	})
	aliases := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, query := range map[string]string{
		"by a plan":       `{ project(id: "1") { jobs(first: 100) { nodes { commit {` + aliases(" a%d: message", 40) + ` } } } } }`,
		"by the executor": `{ project(id: "1") { jobs(first: 100) { nodes { commit {` + aliases(" a%d: message", 40) + ` trailers { key } } } } } }`,
		"as one list":     `{` + aliases(` a%d: project(id: "1") { jobs(first: 100) { nodes { commit { message } } } }`, 40) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, upstream, "-max-answer-bytes=8388608")
			before := p.peak(t)
			answer := p.post(t, operation{Query: query}, as(maintainerToken))
			var got struct {
				Errors []struct{ Extensions map[string]any }
			}
			if err := json.Unmarshal(answer, &got); err != nil || len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != errcode.AnswerTooLarge {
				t.Fatalf("%.300s", answer)
			}
			peak := p.peak(t)
			t.Logf("%d bytes of query: from %d to %d MB", len(query), before, peak)
			if peak > 160 {
				t.Errorf("the process took %d MB", peak)
			}
		})
	}
}
