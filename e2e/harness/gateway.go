package harness

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"jobgraph/e2e/harness/process"
	"jobgraph/internal/gateway"
)

// Gateway is a gateway that serves on loopback, and a client of it.
type Gateway struct {
	Address  string              // its URL, without a slash at the end
	Client   *http.Client        // how the test calls it
	Upstream *Recorder           // the calls that it makes; nil where the test does not serve the upstream
	Behind   string              // the upstream's address, host and port
	Printed  *process.Transcript // all that it prints and logs
	Stop     func()              // begins its shutdown, which otherwise comes with the end of the test
}

// switches are the values of the fast paths' settings where a test does not set them. .ci/run runs
// the tests with and without the fast paths.
var switches = []string{
	"-fast-server=" + cmp.Or(os.Getenv("E2E_FAST_SERVER"), "true"),
	"-fast-client=" + cmp.Or(os.Getenv("E2E_FAST_CLIENT"), "true"),
}

// Start serves upstream on loopback and runs the gateway in front of it, with these flags, until
// the test ends.
func Start(t testing.TB, upstream http.Handler, flags ...string) *Gateway {
	t.Helper()
	return StartBelow(t, "", upstream, flags...)
}

// StartBelow is [Start] with the upstream below a path of its host.
func StartBelow(t testing.TB, path string, upstream http.Handler, flags ...string) *Gateway {
	t.Helper()
	recorder := &Recorder{handler: upstream}
	behind := httptest.NewServer(recorder)
	t.Cleanup(behind.Close)
	g := StartAlone(t, append([]string{"-gitlab-url=" + behind.URL + path}, flags...)...)
	g.Upstream, g.Behind = recorder, behind.Listener.Addr().String()
	return g
}

// StartAlone runs the gateway with these flags until the test ends. Where they name no GitLab, it
// is the demo.
func StartAlone(t testing.TB, flags ...string) *Gateway {
	t.Helper()
	g := &Gateway{Client: newClient(), Printed: &process.Transcript{}}
	ctx, stop := context.WithCancel(context.Background())
	g.Stop = stop
	printed, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		shipped := append([]string{"-addr=127.0.0.1:0", "-gitlab-probe=false"}, switches...)
		err := Run(ctx, append(shipped, flags...), out, g.Printed)
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		g.Client.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended with: %v", err)
		}
	})
	if g.Address = process.AwaitAddress(printed); g.Address == "" {
		t.Fatalf("the gateway printed no address to open (%q): %s", flags, g.Printed)
	}
	go func() { _, _ = io.Copy(g.Printed, printed) }()
	return g
}

// Run does what the command does, in an empty environment, until ctx ends.
func Run(ctx context.Context, args []string, out, log io.Writer) error {
	return gateway.Command(ctx, args, nil, inProcess(out, log))
}

func inProcess(out, log io.Writer) gateway.Process {
	return gateway.Process{Out: out, Err: log, Now: time.Now}
}

// newClient returns a client whose connections are its own.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}
