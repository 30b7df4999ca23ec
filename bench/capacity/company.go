// Package capacity says what a gateway needs for a company of some size.
//
// company.go has the company: who there is, and what they do in a day. model.go predicts what a
// gateway needs for them, from what it was measured to need for some hundred of them. plan.go does
// the arithmetic for many. The benchmark (-day) replays the same day, and a test compares its
// measured points with the model.
package capacity

import "time"

// Company is how many people and programs use a gateway.
type Company struct {
	Developers int
	Dashboards int // screens that watch a project's jobs all day
	Bots       int // programs that ask for a job's status again and again
}

// Of returns a company with so many developers, and dashboards and bots in proportion: 50 and 20
// for each 1,000.
func Of(developers int) Company {
	return Company{Developers: developers, Dashboards: developers / 20, Bots: developers / 50}
}

// Projects returns how many projects the company works on. Two dashboards watch each.
func (c Company) Projects() int { return max(1, c.Dashboards/2) }

// Day is a working day.
const Day = 10 * time.Hour

// Hours are the hours of a day, as factors of the mean.
var Hours = [10]float64{0.6, 1.0, 1.3, 1.3, 0.9, 0.7, 1.2, 1.3, 1.1, 0.6}

// Peak is the factor of the busiest hour.
const Peak = 1.3

// What somebody does in a day.
const (
	listsADay     = 20 // pages with a project's jobs, of a developer
	pipelinesADay = 15 // pages of a pipeline with its stages
	logsADay      = 10 // pages of a job with the end of its log
	retriesADay   = 2
	watchesADay   = 4               // pipelines that a developer looks at while they run
	WatchTime     = 5 * time.Minute // for so long
	ReloadTime    = time.Minute     // between two lists that a dashboard reads
	AskTime       = 10 * time.Second
)

// PipelineJobs and PipelineTime describe a pipeline: so many jobs, one after the other within the
// time, two at a time.
const (
	PipelineJobs = 20
	PipelineTime = 8 * time.Minute
)

// Kind is a kind of request.
type Kind string

// The kinds of requests.
const (
	List     Kind = "list"     // a project's newest jobs
	Pipeline Kind = "pipeline" // a pipeline with its stages and jobs
	Log      Kind = "log"      // a job with the end of its log
	Single   Kind = "single"   // a job's status
	Retry    Kind = "retry"    // a job, run again
)

// Kinds are all kinds of requests.
var Kinds = []Kind{List, Pipeline, Log, Single, Retry}

// Requests returns how many requests of each kind the company makes in a second of an hour.
// Programs do the same in every hour.
func (c Company) Requests(hour float64) map[Kind]float64 {
	person := func(aDay float64) float64 { return float64(c.Developers) * aDay / Day.Seconds() * hour }
	return map[Kind]float64{
		List:     person(listsADay) + float64(c.Dashboards)/ReloadTime.Seconds(),
		Pipeline: person(pipelinesADay),
		Log:      person(logsADay),
		Retry:    person(retriesADay),
		Single:   float64(c.Bots) / AskTime.Seconds(),
	}
}

// RequestsASecond is the sum of all kinds.
func (c Company) RequestsASecond(hour float64) (sum float64) {
	for _, rate := range c.Requests(hour) {
		sum += rate
	}
	return sum
}

// Watched returns how many pipelines are watched at any time of an hour, each by one developer.
func (c Company) Watched(hour float64) float64 {
	return float64(c.Developers) * watchesADay * WatchTime.Seconds() / Day.Seconds() * hour
}
