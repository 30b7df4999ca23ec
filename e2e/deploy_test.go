//go:build replicas

package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/process"
)

const deployFolder = "../deploy"

func readDeploy(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(deployFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestDeployAlertRulesPassPromtool(t *testing.T) {
	if out, err := exec.Command("promtool", "check", "rules", filepath.Join(deployFolder, "alerts.yaml")).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

var (
	metricType = regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`)
	metricName = regexp.MustCompile(`\b(?:jobgraph|process|go)_[a-z_]+\b`)
)

// TestDeployNamesOnlyMetricsThatExist compares alerts and dashboard with a scrape.
func TestDeployNamesOnlyMetricsThatExist(t *testing.T) {
	throttling := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", "42")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	g := harness.Start(t, throttling, "-redis-url=redis://127.0.0.1:1", "-max-depth=2")
	for range 2 { // the second call is not sent
		g.Query(t, `{ project(id: "1") { webUrl } job(project: "1", id: "1") { name } }`)
	}
	g.Query(t, `{ project(id: "1") { jobs { nodes { name } } } }`)
	awaitMetric(t, g, `jobgraph_limits_hit_total{limit="depth"} 1`)
	exists := map[string]bool{}
	for _, m := range metricType.FindAllStringSubmatch(g.Get(t, "/metrics").String(), -1) {
		exists[m[1]] = true
		if m[2] == "histogram" {
			exists[m[1]+"_bucket"] = true
		}
	}
	for _, file := range []string{"alerts.yaml", "dashboard.json"} {
		names := metricName.FindAllString(readDeploy(t, file), -1)
		if len(names) < 5 {
			t.Errorf("%s names %q", file, names)
		}
		for _, name := range names {
			if !exists[name] {
				t.Errorf("%s names %s, which no gateway has", file, name)
			}
		}
	}
	var dashboard map[string]any
	if err := json.Unmarshal([]byte(readDeploy(t, "dashboard.json")), &dashboard); err != nil {
		t.Error(err)
	}
}

// TestDeployStaticBinaryRunsInAnEmptyRootAsNobody is what the container does, without one.
func TestDeployStaticBinaryRunsInAnEmptyRootAsNobody(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may change the root")
	}
	root, err := os.MkdirTemp("", "jobgraph-root-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(root, "jobgraph"), ".")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	command := func(flags ...string) *exec.Cmd {
		cmd := exec.Command("/jobgraph", append(flags, "-addr="+address)...)
		cmd.Env, cmd.Dir = []string{"PATH="}, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		return cmd
	}
	if err := command("-health").Run(); err == nil {
		t.Error("-health finds a gateway before there is one")
	}
	p, err := process.Start(command(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if out, err := command("-health").CombinedOutput(); err != nil {
		t.Errorf("-health: %v: %s", err, out)
	}
	response, err := http.Get(p.Address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Error(response.Status)
	}
}

func TestDeploySystemdUnitIsValid(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd is not here")
	}
	unit := strings.ReplaceAll(readDeploy(t, "jobgraph.service"), "/usr/local/bin/jobgraph", "/bin/true")
	name := filepath.Join(t.TempDir(), "jobgraph.service")
	if err := os.WriteFile(name, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", name).CombinedOutput(); err != nil || strings.Contains(string(out), "jobgraph.service") {
		t.Errorf("%v: %s", err, out)
	}
}
