package gateway

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"jobgraph/graph"
	"jobgraph/internal/admission"
	"jobgraph/internal/coalesce"
	"jobgraph/internal/config"
	"jobgraph/internal/live"
	"jobgraph/internal/metrics"
	"jobgraph/internal/requestid"
	"jobgraph/internal/serving"
	"jobgraph/internal/telemetry"
	"jobgraph/restclient"
)

// newLog returns the log that the settings ask for. Lines of a request carry its ID and, where
// there are traces, its trace's.
func newLog(c config.Config, p Process) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // which the settings have checked
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(p.Err, options)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(p.Err, options)
	}
	if p.traces != nil {
		handler = telemetry.LogHandler{Handler: handler}
	}
	return slog.New(requestid.LogHandler{Handler: handler})
}

// observe registers metrics, log and traces as observers of every operation and every call to
// GitLab. It must be called before the first of them.
func observe(c *config.Config, client *restclient.Client, p Process) *metrics.Metrics {
	m := metrics.New(config.Version())
	recorder := &telemetry.Recorder{Now: p.Now, Ended: []telemetry.Sink{m.Operation}, Tracer: p.traces.Tracer()}
	if c.LogRequests {
		recorder.Ended = append(recorder.Ended, telemetry.LogTo(p.log))
	}
	client.Observe(telemetry.Upstream{Sink: m, Tracer: p.traces.Tracer(), Server: telemetry.Server(c.GitLabURL)})
	c.Live.Tracer = p.traces.Tracer()
	m.Breaker(client.Breaker)
	c.HTTP.Recorder, c.WebSocket.Recorder = recorder, recorder
	return m
}

// measure registers the gauges and counters that the parts keep themselves.
func measure(
	m *metrics.Metrics, endpoint *graph.Endpoint, fetcher *coalesce.Fetcher, engine *live.Engine,
	open *admission.Streams,
) {
	m.Engines(func() metrics.Engines {
		counts, reasons := endpoint.Counts(), endpoint.Reasons()
		return metrics.Engines{
			Projected: counts.Projected, FellBack: counts.FellBack,
			NotQuery: reasons.NotQuery, SwitchedOff: reasons.SwitchedOff, Uncovered: reasons.Uncovered,
		}
	})
	m.Documents(func() metrics.Documents { return metrics.Documents(endpoint.Documents()) })
	m.Streams(open.Open, endpoint.WebSocket().Connections)
	m.SharedReads(fetcher.Shared)
	m.Live(engine)
	m.SlowConsumers(endpoint.Streams().SlowConsumers)
}

// operationsHandler serves the operator's endpoints: metrics, liveness and readiness.
func operationsHandler(m *metrics.Metrics, health *serving.Health) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	return mux
}

// serveOperations serves the operator's pages on a port of their own, if the settings name one,
// until close is called.
func serveOperations(c config.Config, h http.Handler) (announcement string, close func(), err error) {
	if c.MetricsAddr == "" {
		return "", func() {}, nil
	}
	listener, err := net.Listen("tcp", c.MetricsAddr)
	if err != nil {
		return "", nil, fmt.Errorf("metrics-addr: %w", err)
	}
	server := &http.Server{
		Handler:           serving.Secure(serving.IgnoreBody(h)),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	go func() { _ = server.Serve(listener) }()
	announcement = fmt.Sprintf("jobgraph: metrics are at http://%s/metrics\n", reachable(listener.Addr()))
	return announcement, func() { _ = server.Close() }, nil
}
