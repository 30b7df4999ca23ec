package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// startTime is how long a process may take until it prints its address.
const startTime = 20 * time.Second

// Process is a server that runs in a process of its own, so that what it takes can be measured.
type Process struct {
	Address string // its URL, without a slash at the end
	cmd     *exec.Cmd
	log     Transcript
}

// StartProcess runs a server and waits until it prints the address that it serves. start, where it is not nil, starts the
// command in its own way.
func StartProcess(cmd *exec.Cmd, start func(*exec.Cmd) error) (*Process, error) {
	p := &Process{cmd: cmd}
	cmd.Stderr = &p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if start == nil {
		start = (*exec.Cmd).Start
	}
	if err := start(cmd); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startTime, p.kill)
	p.Address = AwaitAddress(out)
	late.Stop()
	if p.Address == "" {
		p.Stop()
		return nil, fmt.Errorf("%s did not start: %s", filepath.Base(cmd.Path), &p.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

func (p *Process) kill() { _ = p.cmd.Process.Kill() } // an error says that it has ended

// Stop ends the process at once and waits for it.
func (p *Process) Stop() {
	p.kill()
	_ = p.cmd.Wait()
}

// ID returns the process's number.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// ResetPeak makes Peak count from now on.
func (p *Process) ResetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.ID()), []byte("5"), 0)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// Peak returns the most resident memory, in bytes, that the process has had.
func (p *Process) Peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.ID()))
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, errors.New("the kernel does not count a process's peak")
	}
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kb << 10, err
}

// asGateway is the environment variable that makes a test's program run the gateway and nothing else.
const asGateway = "JOBGRAPH_TEST_RUNS_GATEWAY"

// RunIfAsked runs the gateway in place of the tests where [SelfCommand] started this program, and then ends it. It is
// called first in TestMain.
func RunIfAsked() {
	if os.Getenv(asGateway) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := Run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// SelfCommand returns the command that runs this test's program as a gateway.
func SelfCommand(flags ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"-addr=127.0.0.1:0"}, flags...)...)
	cmd.Env = append(os.Environ(), asGateway+"=1")
	return cmd
}

// StartApart is [Start] with the gateway in a process of its own.
func StartApart(t testing.TB, upstream http.Handler, flags ...string) (*Gateway, *Process) {
	t.Helper()
	recorder := &Recorder{handler: upstream}
	behind := httptest.NewServer(recorder)
	t.Cleanup(behind.Close)
	p, err := StartProcess(SelfCommand(append([]string{"-gitlab-url=" + behind.URL}, flags...)...), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	g := &Gateway{
		Address: p.Address, Client: newClient(), Upstream: recorder, Behind: behind.Listener.Addr().String(), Printed: &p.log,
	}
	t.Cleanup(g.Client.CloseIdleConnections)
	return g, p
}
