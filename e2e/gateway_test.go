package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
	assembly "jobgraph/internal/gateway"
)

// TestMain lets the test's program be a gateway in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv(gatewayProcess) != "" {
		runGatewayProcess()
		return
	}
	os.Exit(m.Run())
}

// recorder is an upstream that remembers which calls it got.
type recorder struct {
	mu      sync.Mutex
	handler http.Handler
	calls   []*string
}

// become puts another upstream in this one's place.
func (u *recorder) become(h http.Handler) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.handler = h
}

// statusWriter tells which status is sent, before the client can know it.
type statusWriter struct {
	http.ResponseWriter
	sends func(status int)
}

func (w *statusWriter) WriteHeader(status int) {
	w.tell(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.tell(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

func (w *statusWriter) tell(status int) {
	if w.sends != nil {
		w.sends(status)
	}
	w.sends = nil
}

// Unwrap lets the simulator take the connection over, to break it.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (u *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + strings.TrimPrefix(r.RequestURI, "/api/v4")
	line := call + " unanswered"
	u.mu.Lock()
	u.calls = append(u.calls, &line)
	handler := u.handler
	u.mu.Unlock()
	handler.ServeHTTP(&statusWriter{w, func(status int) {
		u.mu.Lock()
		defer u.mu.Unlock()
		line = fmt.Sprintf("%s %d", call, status)
	}}, r)
}

// sorted returns the calls so far, in an order that does not depend on which of those side by side came first.
func (u *recorder) sorted() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	lines := make([]string, len(u.calls))
	for i, line := range u.calls {
		lines[i] = *line
	}
	slices.Sort(lines)
	return lines
}

// reset forgets the calls so far.
func (u *recorder) reset() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls = nil
}

// gateway is the server in front of one upstream, started as the command starts it.
type gateway struct {
	address  string
	upstream *recorder
	client   *http.Client
}

// fastServer is the value of -fast-server where a test does not set it. .ci/run runs the tests with both.
var fastServer = cmp.Or(os.Getenv("E2E_FAST_SERVER"), "true")

var openLine = regexp.MustCompile(`open (http://\S+)/`)

// startGateway serves upstream on loopback, and the gateway before it.
func startGateway(t testing.TB, upstream http.Handler, flags ...string) *gateway {
	t.Helper()
	g := &gateway{upstream: &recorder{handler: upstream}, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	behind := httptest.NewServer(g.upstream)
	t.Cleanup(behind.Close)
	g.address = startCommand(t, append([]string{"-gitlab-url=" + behind.URL}, flags...)...)
	t.Cleanup(g.client.CloseIdleConnections)
	return g
}

// startCommand runs the command until the test ends and returns the address that it tells the user to open.
func startCommand(t testing.TB, flags ...string) string {
	t.Helper()
	return startPrinting(t, io.Discard, flags...)
}

// startPrinting is startCommand, and hands over what the command prints from then on, and all that it logs.
func startPrinting(t testing.TB, printed io.Writer, flags ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	said, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr=127.0.0.1:0", "-fast-server=" + fastServer}, flags...), out, printed)
		out.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the command ended with: %v", err)
		}
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if open := openLine.FindStringSubmatch(lines.Text()); open != nil {
			go func() { _, _ = io.Copy(printed, said) }()
			return open[1]
		}
	}
	t.Fatalf("the command told no address to open (%q)", flags)
	return ""
}

// run does what the command does, in an empty environment.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	return assembly.Command(ctx, args, nil, assembly.Process{
		Out: out,
		Log: slog.New(slog.NewTextHandler(errOut, nil)),
		Now: time.Now,
	})
}

// operation is the body of a GraphQL request.
type operation struct {
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables,omitempty"`
}

// post sends an operation and returns the answer's body.
func (g *gateway) post(t testing.TB, o operation, header http.Header) []byte {
	t.Helper()
	body, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, g.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header.Clone()
	request.Header.Set("Content-Type", "application/json")
	response, err := g.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// as is the header of a request with a personal access token.
func as(token string) http.Header { return http.Header{"Private-Token": {token}} }

// ask sends a query as the maintainer of the test company and decodes its data; an error in the answer fails the test.
func ask[T any](t testing.TB, g *gateway, query string, variables map[string]any) T {
	t.Helper()
	raw, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data   T
		Errors json.RawMessage
	}
	body := g.post(t, operation{Query: query, Variables: raw}, as(maintainerToken))
	if err := json.Unmarshal(body, &answer); err != nil || answer.Errors != nil {
		t.Fatalf("%s\nanswered %s (%v)", query, body, err)
	}
	return answer.Data
}

// simulator is the test company on a simulated GitLab whose clock stands still.
func simulator(release fakegitlab.Release) *fakegitlab.Server { return simulated(company, release) }

// smallSimulator is simulator without the projects that have many jobs.
func smallSimulator(release fakegitlab.Release) *fakegitlab.Server {
	return simulated(func(b *fakegitlab.Builder) { offices(b) }, release)
}

func simulated(dataset func(*fakegitlab.Builder), release fakegitlab.Release) *fakegitlab.Server {
	return fakegitlab.New(fakegitlab.Options{Dataset: dataset, Now: func() time.Time { return noon }, Release: release})
}
