// Package metrics serves the gateway's metrics in the format of Prometheus.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Operations are the numbers of operations answered so far, by how they were answered.
type Operations struct {
	Projected int64 // by copying from GitLab's JSON
	FellBack  int64 // begun so, and finished by the resolvers
	Executed  int64 // by the resolvers
}

// Handler returns the handler of /metrics.
func Handler(operations func() Operations) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	for path, count := range map[string]func(Operations) int64{
		"projected": func(o Operations) int64 { return o.Projected },
		"fellback":  func(o Operations) int64 { return o.FellBack },
		"executed":  func(o Operations) int64 { return o.Executed },
	} {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "jobgraph_operations_total",
			Help:        "Operations by how they were answered: projected from GitLab's JSON, begun so and finished by the resolvers (fellback), or executed by the resolvers.",
			ConstLabels: prometheus.Labels{"path": path},
		}, func() float64 { return float64(count(operations())) }))
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
