package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"jobgraph/e2e/harness/process"
)

// bench is what all measurements share.
type bench struct {
	settings
	ctx      context.Context
	folder   string // for the gateway's program
	upstream *upstream
}

func newBench(ctx context.Context, s settings) (*bench, error) {
	u, err := newUpstream()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "jobgraph-bench")
	if err != nil {
		return nil, err
	}
	b := &bench{settings: s, ctx: ctx, folder: folder, upstream: u}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.gateway(), ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		b.close()
		return nil, fmt.Errorf("build the gateway in %s: %w\n%s", build.Dir, err, out)
	}
	return b, nil
}

func (b *bench) gateway() string { return filepath.Join(b.folder, "jobgraph") }

func (b *bench) close() {
	_ = b.upstream.listener.Close()
	_ = os.RemoveAll(b.folder)
}

// trial is how a query is measured.
type trial struct {
	workload
	connections int
	private     bool // each query with a token of its own
	latency     time.Duration
	duration    time.Duration
	enough      int64    // answers, see load
	flags       []string // of the gateway, beside the addresses
}

// result is what a query costs.
type result struct {
	Workload     string  `json:"workload"`
	Tokens       string  `json:"tokens"` // "one", or "each" query with its own
	Connections  int     `json:"connections"`
	LatencyMS    float64 `json:"latencyMs"`
	PerSecond    float64 `json:"perSecond"`
	P50          float64 `json:"p50Ms"`
	P99          float64 `json:"p99Ms"`
	CPU          float64 `json:"cpuMs"`      // of the gateway, a query
	Busy         float64 `json:"busyCores"`  // cores that the gateway used
	Memory       float64 `json:"memoryMB"`   // the gateway's peak
	CallsAlone   int64   `json:"callsAlone"` // REST calls of the first query
	Calls        float64 `json:"calls"`      // REST calls a query, under load
	AnswerBytes  int     `json:"answerBytes"`
	Queries      int64   `json:"queries"`
	Relay        *result `json:"relay,omitempty"` // the same of the least that a gateway must do
	upstreamURIs []string
}

// measure starts a gateway and loads it with a query.
func (b *bench) measure(t trial) (result, error) {
	b.upstream.reset(t.latency)
	gateway, err := start(b.ctx, b.gateway(), append([]string{"-addr", "127.0.0.1:0", "-gitlab-probe=false", "-gitlab-url", "http://" + b.upstream.address()}, t.flags...)...)
	if err != nil {
		return result{}, err
	}
	defer gateway.Stop()
	request, err := query(t.workload)
	if err != nil {
		return result{}, err
	}
	answer, err := b.first(host(gateway), request)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", t.Name, err)
	}
	result := result{CallsAlone: b.upstream.calls.Load(), upstreamURIs: b.upstream.urls()}
	if t.Calls != 0 && result.CallsAlone != int64(t.Calls) {
		return result, fmt.Errorf("%s: %d REST calls where it should take %d", t.Name, result.CallsAlone, t.Calls)
	}
	err = b.load(gateway, t, request, answer, &result)
	return result, err
}

// first is the answer to a query that must be without errors. The caller may keep it.
func (b *bench) first(address string, request request) ([]byte, error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	answer, err := c.exchange(request)
	if err != nil {
		return nil, err
	}
	return answer, failure(answer)
}

// load loads a process with a request, and fills in what that cost.
func (b *bench) load(p *process.Process, t trial, request request, answer []byte, into *result) error {
	var before, after time.Duration
	var callsBefore, callsAfter int64
	begin := func() (err error) {
		callsBefore = b.upstream.calls.Load()
		before, err = cpu(p)
		return errors.Join(err, p.ResetPeak())
	}
	end := func() (err error) {
		callsAfter = b.upstream.calls.Load()
		after, err = cpu(p)
		return err
	}
	l := load{
		address: host(p), request: request, answer: answer,
		connections: t.connections, private: t.private, duration: t.duration, enough: t.enough,
	}
	m, err := l.run(b.ctx, begin, end)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", t.Name, err, p.Log())
	}
	peak, err := p.Peak()
	if err != nil {
		return err
	}
	queries := float64(m.queries)
	into.Workload, into.Tokens, into.Connections, into.LatencyMS = t.Name, tokens(t.private), t.connections, ms(t.latency)
	into.PerSecond, into.P50, into.P99 = queries/m.wall.Seconds(), ms(m.p50), ms(m.p99)
	into.CPU, into.Busy = ms(after-before)/queries, (after-before).Seconds()/m.wall.Seconds()
	into.Memory, into.Calls = float64(peak)/1e6, float64(callsAfter-callsBefore)/queries
	into.AnswerBytes, into.Queries = len(answer), m.queries
	return nil
}

// measureRelay measures the least that a gateway on net/http must do for the query of a result.
func (b *bench) measureRelay(t trial, of result) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	args := append([]string{relayCommand, strconv.Itoa(of.AnswerBytes), b.upstream.address()}, of.upstreamURIs...)
	p, err := start(b.ctx, self, args...)
	if err != nil {
		return result{}, err
	}
	defer p.Stop()
	request, err := query(t.workload)
	if err != nil {
		return result{}, err
	}
	var relayed result
	t.Name += " relay"
	err = b.load(p, t, request, blank(of.AnswerBytes), &relayed)
	return relayed, err
}

func tokens(private bool) string {
	if private {
		return "each"
	}
	return "one"
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
