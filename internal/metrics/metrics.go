// Package metrics counts what the gateway does, and serves it in the format of Prometheus.
//
//	operations.go   what clients ask, and how it ends
//	upstream.go     calls to GitLab
//	gauges.go       what the gateway holds at the moment
//
// Every label has a bounded number of values, whatever clients send. deploy/ has a dashboard and
// alert rules that are made of these metrics; a test compares their names with a scrape.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins every metric of this package.
const namespace = "jobgraph"

// Metrics are the counts of one gateway.
type Metrics struct {
	registry   *prometheus.Registry
	operations operations
	upstream   upstream
}

// New returns counts that begin at zero.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), operations: newOperations(), upstream: newUpstream()}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.registry.MustRegister(m.operations.collectors()...)
	m.registry.MustRegister(m.upstream.collectors()...)
	m.gauge("build_info", "1, with the version that runs.", prometheus.Labels{"version": version}, func() float64 { return 1 })
	return m
}

// Handler returns the handler of /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// gauge registers a value that is read at each scrape.
func (m *Metrics) gauge(name, help string, labels prometheus.Labels, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: name, Help: help, ConstLabels: labels,
	}, value))
}

// counter registers a count that is kept elsewhere and read at each scrape.
func (m *Metrics) counter(name, help string, labels prometheus.Labels, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: namespace, Name: name, Help: help, ConstLabels: labels,
	}, value))
}
