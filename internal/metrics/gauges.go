package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"jobgraph/internal/live"
	"jobgraph/restclient"
)

// Engines are the numbers of operations by which engine answered them, and why.
type Engines struct {
	Projected   int64 // by copying from GitLab's JSON
	FellBack    int64 // begun so, and finished by the resolvers
	NotQuery    int64 // by the resolvers: mutations and subscriptions
	SwitchedOff int64 // by the resolvers: -fast-queries=false
	Uncovered   int64 // by the resolvers: the query has something that no plan covers
}

// Engines registers which engine answered.
func (m *Metrics) Engines(read func() Engines) {
	for _, e := range []struct {
		engine, reason string
		count          func(Engines) int64
	}{
		{"projection", "", func(e Engines) int64 { return e.Projected }},
		{"executor", "fell_back", func(e Engines) int64 { return e.FellBack }},
		{"executor", "not_a_query", func(e Engines) int64 { return e.NotQuery }},
		{"executor", "switched_off", func(e Engines) int64 { return e.SwitchedOff }},
		{"executor", "uncovered", func(e Engines) int64 { return e.Uncovered }},
	} {
		m.counter("engine_operations_total", "Operations by the engine that answered, and why the fast one (projection) did not.",
			prometheus.Labels{"engine": e.engine, "reason": e.reason},
			func() float64 { return float64(e.count(read())) })
	}
}

// Documents are the documents kept parsed, with what is made from them.
type Documents struct{ Documents, Derived, Bytes int }

// Documents registers the cache of documents.
func (m *Metrics) Documents(read func() Documents) {
	m.gauge("documents_cached", "Documents kept parsed and validated.", nil, func() float64 { return float64(read().Documents) })
	m.gauge("document_plans_cached", "Plans, and what else is kept with the documents that it is made from.", nil,
		func() float64 { return float64(read().Derived) })
	m.gauge("document_cache_bytes", "Memory of the documents kept and of their plans, estimated.", nil,
		func() float64 { return float64(read().Bytes) })
}

// Streams registers the subscriptions and the WebSocket connections that are open.
func (m *Metrics) Streams(subscriptions, connections func() int) {
	m.gauge("subscriptions_open", "Subscriptions that are open, over any transport.", nil,
		func() float64 { return float64(subscriptions()) })
	m.gauge("websocket_connections_open", "WebSocket connections that are open.", nil,
		func() float64 { return float64(connections()) })
}

// SharedReads registers the reads of GitLab that were answered by an equal one in flight.
func (m *Metrics) SharedReads(read func() int64) {
	m.counter("shared_reads_total", "Reads of GitLab that were answered by an equal one in flight.", nil,
		func() float64 { return float64(read()) })
}

// Breaker registers the state of the circuit breaker before GitLab.
func (m *Metrics) Breaker(read func() restclient.BreakerState) {
	for _, state := range []restclient.BreakerState{
		restclient.BreakerClosed, restclient.BreakerOpen, restclient.BreakerHalfOpen,
	} {
		m.gauge("upstream_breaker_state", "1 for the state that the circuit breaker is in, 0 for the others.",
			prometheus.Labels{"state": string(state)}, func() float64 {
				if read() == state {
					return 1
				}
				return 0
			})
	}
}

// Live registers what is watched at GitLab, and how often it is read.
func (m *Metrics) Live(engine *live.Engine) {
	for name, g := range map[string]struct {
		help  string
		value func(live.Size) float64
	}{
		"live_topics":      {"Things at GitLab that are watched.", func(s live.Size) float64 { return float64(s.Topics) }},
		"live_watches":     {"Topics with the credentials that they are watched with.", func(s live.Size) float64 { return float64(s.Watches) }},
		"live_credentials": {"Credentials that watch something.", func(s live.Size) float64 { return float64(s.Accounts) }},
		"live_state_bytes": {"Memory of the states of all that is watched.", func(s live.Size) float64 { return float64(s.StateBytes) }},
		"live_log_bytes":   {"Memory of the parts of logs that are followed.", func(s live.Size) float64 { return float64(s.LogBytes) }},
	} {
		m.gauge(name, g.help, nil, func() float64 { return g.value(engine.Size()) })
	}
	for reason, value := range map[string]func(live.Polls) int64{
		"fast":  func(p live.Polls) int64 { return p.Fast },
		"woken": func(p live.Polls) int64 { return p.Woken },
		"check": func(p live.Polls) int64 { return p.Check },
	} {
		m.counter("live_polls_total", "Reads for subscriptions: fast polls, reads after a wake-up, and checks of each watch.",
			prometheus.Labels{"reason": reason}, func() float64 { return float64(value(engine.Polls())) })
	}
	m.counter("live_poll_failures_total", "Reads for subscriptions that failed.", nil,
		func() float64 { return float64(engine.Polls().Failed) })
	for source, value := range map[string]func(live.WakeUps) int64{
		"write":   func(w live.WakeUps) int64 { return w.Write },
		"webhook": func(w live.WakeUps) int64 { return w.Hook },
		"replica": func(w live.WakeUps) int64 { return w.Replica },
	} {
		m.counter("live_wakeups_total", "What told of a change at GitLab, by where it came from.",
			prometheus.Labels{"source": source}, func() float64 { return float64(value(engine.Polls().WakeUps)) })
	}
}

// SlowConsumers registers the subscribers that were ended because they read too slowly.
func (m *Metrics) SlowConsumers(read func() int64) {
	m.counter("slow_consumers_total", "Subscribers of logs that were ended because they read too slowly.", nil,
		func() float64 { return float64(read()) })
}

// Budget registers the memory that requests hold, and how much all may.
func (m *Metrics) Budget(used, size func() int64) {
	m.gauge("budget_used_bytes", "Memory that requests hold of the budget they share.", nil, func() float64 { return float64(used()) })
	m.gauge("budget_bytes", "The budget of memory that requests share; 0 is no bound.", nil, func() float64 { return float64(size()) })
}

// Store registers whether the store that replicas share answers.
func (m *Metrics) Store(failing func() bool) {
	m.gauge("store_up", "1 if the store that replicas share answers, 0 if this replica polls for itself.", nil, func() float64 {
		if failing() {
			return 0
		}
		return 1
	})
}
