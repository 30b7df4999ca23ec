package metrics

import (
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"jobgraph/restclient"
)

// upstream counts calls to GitLab.
type upstream struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	unsent    *prometheus.CounterVec
	inFlight  prometheus.Gauge
	throttled prometheus.Counter

	rateLimit, rateRemaining, retryAfter prometheus.Gauge

	series sync.Map // of exchangeKey to exchangeSeries
}

// exchangeKey is the labels of one request.
type exchangeKey struct {
	method, route   string
	status, attempt int
}

type exchangeSeries struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

func newUpstream() upstream {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Subsystem: "upstream", Name: name, Help: help})
	}
	return upstream{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: "upstream", Name: "requests_total",
			Help: "Requests sent to GitLab, by route, status (error where there was no answer) and attempt.",
		}, []string{"method", "route", "status", "attempt"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Subsystem: "upstream", Name: "request_duration_seconds", Buckets: seconds,
			Help: "Time from a request to GitLab until the head of its answer.",
		}, []string{"method", "route"}),
		unsent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: "upstream", Name: "unsent_calls_total",
			Help: "Calls to GitLab that were not sent: throttled before, breaker open, overloaded, or other.",
		}, []string{"reason"}),
		throttled: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Subsystem: "upstream", Name: "throttled_total",
			Help: "Requests that GitLab answered with 429.",
		}),
		inFlight:      gauge("calls_in_flight", "Calls to GitLab that have begun and not ended."),
		rateLimit:     gauge("rate_limit", "The rate limit that GitLab named last, whatever the credential."),
		rateRemaining: gauge("rate_limit_remaining", "What was left of it, as GitLab said last."),
		retryAfter:    gauge("retry_after_seconds", "The Retry-After that GitLab sent last."),
	}
}

func (u *upstream) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		u.requests, u.duration, u.unsent, u.throttled, u.inFlight, u.rateLimit, u.rateRemaining, u.retryAfter,
	}
}

// CallBegan counts a call in flight.
func (m *Metrics) CallBegan() { m.upstream.inFlight.Inc() }

// Exchanged counts a request and its answer.
func (m *Metrics) Exchanged(method, route string, e restclient.Exchange) {
	u := &m.upstream
	s := u.find(exchangeKey{method, route, e.Status, min(e.Attempt, maxAttempt)})
	s.requests.Inc()
	s.duration.Observe(e.Duration.Seconds())
	if e.Status == http.StatusTooManyRequests {
		u.throttled.Inc()
	}
	set(u.rateLimit, e.Header["Ratelimit-Limit"])
	set(u.rateRemaining, e.Header["Ratelimit-Remaining"])
	set(u.retryAfter, e.Header["Retry-After"])
}

// maxAttempt is the label of its attempt and of all later ones.
const maxAttempt = 5

func (u *upstream) find(key exchangeKey) exchangeSeries {
	if s, ok := u.series.Load(key); ok {
		return s.(exchangeSeries)
	}
	status := "error"
	if key.status > 0 {
		status = strconv.Itoa(key.status)
	}
	s := exchangeSeries{
		requests: u.requests.WithLabelValues(key.method, key.route, status, strconv.Itoa(key.attempt)),
		duration: u.duration.WithLabelValues(key.method, key.route),
	}
	u.series.Store(key, s)
	return s
}

// set sets a gauge to a header's number, where there is one.
func set(g prometheus.Gauge, values []string) {
	if len(values) != 1 {
		return
	}
	if n, err := strconv.ParseUint(values[0], 10, 32); err == nil {
		g.Set(float64(n))
	}
}

// CallEnded counts the end of a call, with the reason if no request was sent.
func (m *Metrics) CallEnded(sent bool, err error) {
	m.upstream.inFlight.Dec()
	if err != nil && !sent {
		m.upstream.unsent.WithLabelValues(unsentReason(err)).Inc()
	}
}

func unsentReason(err error) string {
	if _, throttled := errors.AsType[*restclient.Error](err); throttled {
		return "throttled"
	}
	if e, ok := errors.AsType[*restclient.TransportError](err); ok {
		switch e.Kind {
		case restclient.CircuitOpen:
			return "breaker_open"
		case restclient.Overloaded:
			return "overloaded"
		}
	}
	return "other"
}
