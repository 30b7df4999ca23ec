package capacity

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Part is a part of a day that is replayed by itself.
type Part string

// The parts of a day.
const (
	Whole    Part = "whole"
	Pages    Part = "pages"    // requests and nothing else
	Watches  Part = "watches"  // subscriptions and nothing else
	Webhooks Part = "webhooks" // the same, while GitLab sends webhooks
)

// Point is what a replayed day has measured. Of a day, every hour is cut to the same length.
type Point struct {
	Company
	Part    Part
	Seed    uint64
	Seconds float64 // of all hours together

	Requests     map[Kind]int64
	WatchSeconds float64          // the sum of the times of all subscriptions
	MostWatches  int              // at the same time
	Events       int64            // that subscribers got
	Calls        map[string]int64 // to GitLab, by method and route
	Polls        int64            // reads for subscriptions, of one call or more
	CPU          float64          // seconds
	Memory       float64          // bytes resident at the end
	Idle         float64          // bytes resident before the day
	P50, P99     float64          // of the requests, in milliseconds
}

// AllRequests returns how many requests there were.
func (p *Point) AllRequests() (sum int64) {
	for _, n := range p.Requests {
		sum += n
	}
	return sum
}

// AllCalls returns how many calls to GitLab there were.
func (p *Point) AllCalls() (sum int64) {
	for _, n := range p.Calls {
		sum += n
	}
	return sum
}

// Model is what one request and one second of a subscription need, in the mean of the mix.
type Model struct {
	Request, Watch Cost
	Hooked         Cost    // of a subscription while GitLab sends webhooks
	ProjectCalls   float64 // a second, of a project that dashboards watch
	Memory         float64 // bytes of an idle gateway
	WatchMemory    float64 // bytes of a subscription
}

// Cost is what one of something needs.
type Cost struct {
	CPU    float64 // seconds
	Calls  float64
	Polls  float64
	Events float64
}

//go:embed measured.json
var measured []byte

// Measured returns the points that were measured.
func Measured() (points []Point, err error) {
	if err := json.Unmarshal(measured, &points); err != nil {
		return nil, fmt.Errorf("measured.json: %w", err)
	}
	return points, nil
}

// New makes a model from the parts of a day, each measured by itself. Its predictions of whole days
// are then predictions.
func New(points []Point) (Model, error) {
	var m Model
	var pages, watches, webhooks bool
	for _, p := range points {
		switch {
		case p.Part == Pages && !pages:
			n := float64(p.AllRequests())
			m.Request = Cost{CPU: p.CPU / n, Calls: float64(p.AllCalls()) / n}
			pages = true
		case p.Part == Watches && !watches:
			m.Watch = p.aSubscription()
			m.ProjectCalls = float64(p.Calls["GET /projects/:id/jobs"]) / (p.Seconds * float64(p.Projects()))
			m.Memory, m.WatchMemory = p.Idle, (p.Memory-p.Idle)/float64(p.MostWatches)
			watches = true
		case p.Part == Webhooks && !webhooks:
			m.Hooked, webhooks = p.aSubscription(), true
		}
	}
	if !pages || !watches || !webhooks {
		return m, fmt.Errorf("there is no measured point of each part")
	}
	return m, nil
}

// aSubscription returns what a second of a subscription has needed.
func (p *Point) aSubscription() Cost {
	n := p.WatchSeconds
	return Cost{
		CPU: p.CPU / n, Calls: float64(p.AllCalls()) / n, Polls: float64(p.Polls) / n, Events: float64(p.Events) / n,
	}
}

// Prediction is what the model predicts for a replayed day.
type Prediction struct{ Requests, Calls, CPU, Memory float64 }

// Predict predicts what a replay of a whole day measures, in as many seconds.
func (m Model) Predict(c Company, seconds float64) Prediction {
	var p Prediction
	var watchSeconds float64
	for _, hour := range Hours {
		length := seconds / float64(len(Hours))
		p.Requests += c.RequestsASecond(hour) * length
		watchSeconds += (c.Watched(hour) + float64(c.Dashboards)) * length
	}
	p.Calls = p.Requests*m.Request.Calls + watchSeconds*m.Watch.Calls
	p.CPU = p.Requests*m.Request.CPU + watchSeconds*m.Watch.CPU
	p.Memory = m.Memory + (c.Watched(Peak)+float64(c.Dashboards))*m.WatchMemory
	return p
}
