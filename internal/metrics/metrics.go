// Package metrics tells an operator what the gateway does, in the format of Prometheus.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"jobgraph/graph/projection"
)

// Handler serves the metrics. counts tells how many operations were answered in which way.
func Handler(counts func() projection.Counts) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for path, count := range map[string]func(projection.Counts) int64{
		"projected": func(c projection.Counts) int64 { return c.Projected },
		"aside":     func(c projection.Counts) int64 { return c.Aside },
		"executed":  func(c projection.Counts) int64 { return c.Executed },
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "jobgraph_operations_total",
			Help:        "Operations by how they were answered: projected from GitLab's bytes, begun so and finished by the executor, or executed.",
			ConstLabels: prometheus.Labels{"path": path},
		}, func() float64 { return float64(count(counts())) }))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
