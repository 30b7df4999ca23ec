//go:build replicas

package e2e

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
)

var (
	replicasPart = regexp.MustCompile(`(?s)<!-- replicas -->\n(.*?)<!-- /replicas -->\n`)
	shellBlock   = regexp.MustCompile("(?s)```sh\n(.*?)```\n")
)

// freePorts returns the beginning of port numbers of which those that end in 0 to 9 are free.
func freePorts(t *testing.T) string {
	t.Helper()
	for base := 2000; base < 3000; base++ {
		free := true
		for digit := range 10 {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(base*10+digit))
			if err != nil {
				free = false
				break
			}
			_ = l.Close()
		}
		if free && !takenPorts[base] {
			takenPorts[base] = true
			return strconv.Itoa(base)
		}
	}
	t.Fatal("no free ports")
	return ""
}

// takenPorts are those that freePorts has returned.
var takenPorts = map[int]bool{}

// TestOperationsCommands runs the commands of docs/operations.md, with other ports, until all are
// ended by the last of them.
func TestOperationsCommands(t *testing.T) {
	part := replicasPart.FindStringSubmatch(readDocument(t, "docs/operations.md"))
	if part == nil {
		t.Fatal("the document has no commands")
	}
	folder, err := os.MkdirTemp("", "jobgraph-operations-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil { // nginx's workers are another user
		t.Fatal(err)
	}
	prometheus := freePorts(t)
	own := strings.NewReplacer("127.0.0.1:808", "127.0.0.1:"+freePorts(t), "127.0.0.1:908", "127.0.0.1:"+freePorts(t),
		"127.0.0.1:9090", "127.0.0.1:"+prometheus+"0", "6379", freePorts(t)+"0")
	metrics := own.Replace("127.0.0.1:9083")
	for _, name := range []string{"nginx.conf", "prometheus.yml", "alerts.yaml"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(own.Replace(readDeploy(t, name))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	places := strings.NewReplacer(`"$PWD/run`, `"`+folder+`/run`, `"$PWD/deploy`, `"`+folder, "deploy/", folder+"/",
		"mkdir -p run", "mkdir -p "+folder+"/run", " run/", " "+folder+"/run/", ">run/", ">"+folder+"/run/", "--dir run", "--dir "+folder+"/run",
		"=run/", "="+folder+"/run/")
	script := "set -euo pipefail\n"
	blocks := shellBlock.FindAllStringSubmatch(part[1], -1)
	for i, block := range blocks {
		if i == len(blocks)-1 { // before the end, the test looks at what runs
			script += "echo looking\nread -r _\n"
		}
		script += block[1]
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", places.Replace(own.Replace(strings.ReplaceAll(script, "-q 9083", "-q "+metrics))))
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "JOBGRAPH_GITLAB_PROBE=false")
	printed, err := os.Create(filepath.Join(folder, "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	cmd.Stdout, cmd.Stderr = printed, printed
	goOn, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endAll(filepath.Join(folder, "run")) })
	output := func() string {
		text, _ := os.ReadFile(printed.Name())
		return string(text)
	}
	for !strings.Contains(output(), "looking\n") {
		if ctx.Err() != nil {
			t.Fatalf("the commands do not end: %s", output())
		}
		time.Sleep(100 * time.Millisecond)
	}
	if text := output(); strings.Count(text, "ready\nredis: ok\n") != 6 || !strings.Contains(text, `{"data":{"project":{"jobs":{"nodes":[{"status":`) {
		t.Errorf("the commands printed %s", text)
	}
	askDashboard(t, "http://127.0.0.1:"+prometheus+"0")
	_, _ = goOn.Write([]byte("\n"))
	_ = goOn.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, output())
	}
}

// endAll ends what a script that broke off has left.
func endAll(folder string) {
	files, _ := filepath.Glob(filepath.Join(folder, "*.pid"))
	for _, name := range files {
		text, _ := os.ReadFile(name)
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Signal(os.Interrupt)
			}
		}
	}
}

// askDashboard asks Prometheus every expression of the dashboard.
func askDashboard(t *testing.T, prometheus string) {
	t.Helper()
	expressions := regexp.MustCompile(`"expr": ("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(readDeploy(t, "dashboard.json"), -1)
	if len(expressions) < 20 {
		t.Errorf("the dashboard has %d expressions", len(expressions))
	}
	client := &http.Client{Timeout: harness.Patience}
	answered := 0
	for _, e := range expressions {
		var expression string
		if err := json.Unmarshal([]byte(e[1]), &expression); err != nil {
			t.Fatal(err)
		}
		expression = strings.ReplaceAll(expression, "$instance", ".*")
		response, err := client.Get(prometheus + "/api/v1/query?query=" + url.QueryEscape(expression))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Status, Error string
			Data          struct{ Result []json.RawMessage }
		}
		err = json.NewDecoder(response.Body).Decode(&answer)
		response.Body.Close()
		if err != nil || answer.Status != "success" {
			t.Errorf("%s: %v %s", expression, err, answer.Error)
		}
		if len(answer.Data.Result) > 0 {
			answered++
		}
	}
	t.Logf("Prometheus has data for %d of the dashboard's %d expressions", answered, len(expressions))
	if answered < len(expressions)/2 {
		t.Errorf("Prometheus has data for only %d expressions", answered)
	}
}
