package harness

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness/process"
	"jobgraph/internal/gateway"
)

// asGateway is the environment variable that makes a test's program run the gateway and nothing
// else.
const asGateway = "JOBGRAPH_TEST_RUNS_GATEWAY"

// RunIfAsked runs the gateway in place of the tests where [SelfCommand] started this program, and
// then ends it. Of its environment it has OpenTelemetry's variables only. It is called first in
// TestMain.
func RunIfAsked() {
	if os.Getenv(asGateway) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool { return !strings.HasPrefix(v, "OTEL_") })
	if err := gateway.Command(ctx, os.Args[1:], environ, inProcess(os.Stdout, os.Stderr)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// SelfCommand returns the command that runs this test's program as a gateway.
func SelfCommand(flags ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"-addr=127.0.0.1:0", "-gitlab-probe=false"}, flags...)...)
	cmd.Env = append(os.Environ(), asGateway+"=1")
	return cmd
}

// StartApart is [Start] with the gateway in a process of its own.
func StartApart(t testing.TB, upstream http.Handler, flags ...string) (*Gateway, *process.Process) {
	t.Helper()
	recorder := &Recorder{handler: upstream}
	behind := httptest.NewServer(recorder)
	t.Cleanup(behind.Close)
	p, err := process.Start(SelfCommand(append([]string{"-gitlab-url=" + behind.URL}, flags...)...), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	g := &Gateway{
		Address: p.Address, Client: newClient(), Printed: p.Log(),
		Upstream: recorder, Behind: behind.Listener.Addr().String(),
	}
	t.Cleanup(g.Client.CloseIdleConnections)
	return g, p
}
