package capacity

import (
	"cmp"
	"math"
	"slices"
)

// Plan is what a company needs in its busiest hour.
type Plan struct {
	Company
	Instances  int     // of GitLab, each with its own gateways and Redis
	Requests   float64 // a second
	Watches    float64 // subscriptions at the same time
	Calls      float64 // to GitLab, a second
	PollCalls  float64 // of these, for subscriptions
	HookCalls  float64 // of all, while GitLab sends webhooks
	Cores      float64 // busy
	Memory     float64 // bytes of all replicas
	Replicas   int
	Redis      float64 // commands a second
	Deliveries float64 // messages that Redis passes on, a second
	Limits     []Limit // of one instance; the one that is met first comes first
}

// Limit is a bound, and the share of it that is taken.
type Limit struct {
	Name  string
	Share float64
}

// What bounds a plan.
const (
	// referenceRPS is the load of API requests that GitLab's reference architectures are made for: 20
	// a second for each 1,000 users. The largest is for 50,000.
	referenceRPS   = 20.0 / 1000
	largestGitLab  = 50_000
	redisCommands  = 100_000.0 // a second, of one server: the order of magnitude of Redis's own benchmark
	replicaCores   = 2.0
	busy           = 0.6      // of a replica's cores: the rest is for a replica that fails, and for bursts
	replicaStreams = 10_000.0 // of -max-streams, half
	fewest         = 2        // replicas, so that one can be replaced
	tokenCalls     = 300.0    // -live-calls-per-minute
	sharing        = 50.0     // dashboards with one token, where a company does that; two watch a project
)

// Plan predicts the busiest hour.
func (m Model) Plan(c Company) Plan {
	instances := int(math.Ceil(float64(c.Developers) / largestGitLab))
	one := m.instance(Company{c.Developers / instances, c.Dashboards / instances, c.Bots / instances})
	n := float64(instances)
	return Plan{
		Company: c, Instances: instances, Requests: n * one.Requests, Watches: n * one.Watches,
		Calls: n * one.Calls, PollCalls: n * one.PollCalls, HookCalls: n * one.HookCalls,
		Cores: n * one.Cores, Memory: n * one.Memory, Replicas: instances * one.Replicas,
		Redis: n * one.Redis, Deliveries: n * one.Deliveries, Limits: one.Limits,
	}
}

// instance predicts the busiest hour of a company with one GitLab.
func (m Model) instance(c Company) Plan {
	p := Plan{Requests: c.RequestsASecond(Peak), Watches: c.Watched(Peak) + float64(c.Dashboards)}
	p.PollCalls = p.Watches * m.Watch.Calls
	p.Calls = p.Requests*m.Request.Calls + p.PollCalls
	p.HookCalls = p.Requests*m.Request.Calls + p.Watches*m.Hooked.Calls
	p.Cores = p.Requests*m.Request.CPU + p.Watches*m.Watch.CPU
	p.Replicas = max(fewest, int(math.Ceil(max(p.Cores/(replicaCores*busy), p.Watches/replicaStreams))))
	p.Memory = float64(p.Replicas)*m.Memory + p.Watches*m.WatchMemory
	// Each poll asks for its topic's lease, on every replica that has the topic: two at most, because
	// two dashboards watch a project. Each change is published once, to all replicas.
	published := p.Watches * m.Watch.Events
	p.Redis = 2*p.Watches*m.Watch.Polls + published
	p.Deliveries = published * float64(p.Replicas)
	reference := float64(c.Developers) * referenceRPS
	p.Limits = []Limit{
		{"API requests of GitLab's reference architecture", p.Calls / reference},
		{"`-live-calls-per-minute` of a token that 50 dashboards share", sharing / 2 * m.ProjectCalls * 60 / tokenCalls},
		{"subscriptions of the replicas", p.Watches / (float64(p.Replicas) * 2 * replicaStreams)},
		{"cores of the replicas", p.Cores / (float64(p.Replicas) * replicaCores)},
		{"one Redis server", (p.Redis + p.Deliveries) / redisCommands},
	}
	slices.SortStableFunc(p.Limits, func(a, b Limit) int { return cmp.Compare(b.Share, a.Share) })
	return p
}
