package metrics

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"jobgraph/internal/telemetry"
)

// anonymous is the label of operations without a name.
const anonymous = "anonymous"

// seconds are the upper bounds of durations: from a plain answer to the longest time of a request.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// operations counts what clients ask.
type operations struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	limits   *prometheus.CounterVec
	shared   prometheus.Counter

	names  telemetry.Names // that have series of their own
	mu     sync.RWMutex    // guards series
	series map[seriesKey]series
}

// seriesKey is the labels of an operation that has ended.
type seriesKey struct {
	name, kind, transport, code string
}

// series are the metrics of one key, looked up once.
type series struct {
	total    prometheus.Counter
	duration prometheus.Observer // nil for subscriptions, whose length is up to the client
}

func newOperations() operations {
	return operations{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "operations_total",
			Help: "GraphQL operations that have ended, by name, kind, transport and outcome: ok, or the code of the first error.",
		}, []string{"operation", "kind", "transport", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "operation_duration_seconds", Buckets: seconds,
			Help: "Time from an operation's request to its answer. Subscriptions are left out.",
		}, []string{"operation", "kind", "transport"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "limits_hit_total",
			Help: "Operations that met a limit of the gateway, by limit.",
		}, []string{"limit"}),
		shared: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "shared_answers_total",
			Help: "Operations that were answered by an equal one in flight.",
		}),
		series: map[seriesKey]series{},
	}
}

func (o *operations) collectors() []prometheus.Collector {
	return []prometheus.Collector{o.total, o.duration, o.limits, o.shared}
}

// Operation counts an operation that has ended.
func (m *Metrics) Operation(_ context.Context, s telemetry.Summary) {
	o := &m.operations
	key := seriesKey{s.Name, string(s.Kind), string(s.Transport), "ok"}
	if len(s.Codes) > 0 {
		key.code = s.Codes[0]
	}
	found := o.find(key)
	found.total.Inc()
	if found.duration != nil {
		found.duration.Observe(s.Duration.Seconds())
	}
	for _, limit := range s.Limits {
		o.limits.WithLabelValues(limit).Inc()
	}
	if s.Shared {
		o.shared.Inc()
	}
}

// find returns the series of a key, under another name if there are too many.
func (o *operations) find(key seriesKey) series {
	o.mu.RLock()
	found, ok := o.series[key]
	o.mu.RUnlock()
	if ok {
		return found
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key.name = o.names.Fold(key.name)
	if found, ok := o.series[key]; ok {
		return found
	}
	found = o.make(key)
	o.series[key] = found
	return found
}

func (o *operations) make(key seriesKey) series {
	name, kind := key.name, key.kind
	if name == "" {
		name = anonymous
	}
	if kind == "" {
		kind = "unknown"
	}
	s := series{total: o.total.WithLabelValues(name, kind, key.transport, key.code)}
	if kind != "subscription" {
		s.duration = o.duration.WithLabelValues(name, kind, key.transport)
	}
	return s
}
