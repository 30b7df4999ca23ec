package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// curve is how cost grows along one axis.
type curve struct {
	name, axis string
	log        bool // whether the axis grows by factors
	steep      bool // whether cost grows by factors along it
	// byAnswer puts the bytes of the answer in the place of the steps.
	byAnswer bool
	series   []series
}

// series is one line of a curve.
type series struct {
	name    string
	bounded bool // whether the relay's cost bounds it: it reads in full what it asks of GitLab, and shares nothing
	points  []point
}

// point is a trial, and what it cost.
type point struct {
	x      float64
	trial  trial
	result result
}

// generous are the gateway's flags that lift the limits that a curve would run into.
func generous() []string {
	return []string{"-max-upstream-calls=0", "-max-complexity=0", "-max-aliases=0", "-max-answer-bytes=64MiB", "-max-upstream-body-bytes=32MiB"}
}

// curves are how cost grows with everything that a caller or a GitLab can make larger.
func curves() []curve {
	return []curve{
		// A list of 1 to 100 jobs: one REST call.
		{name: "rows", axis: "jobs", log: true, steep: true, series: []series{
			along("one connection", rows, 1, 2, 5, 10, 20, 50, 100),
		}},
		// A connection of 50 to 500 jobs: a REST call for each 100.
		{name: "connection", axis: "jobs", series: []series{
			along("one connection", longRows, 50, 100, 101, 200, 300, 400, 500),
		}},
		// 1 to 1,000 aliased jobs: a REST call for each, or one for all.
		{name: "aliases", axis: "aliases", log: true, steep: true, series: []series{
			along("different jobs", aliases, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
			along("the same job", sameAliases, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
		}},
		// Levels below a pipeline or a job.
		{name: "nesting", axis: "levels", steep: true, series: []series{
			along("two pipelines started by each", downstream, 1, 2, 3, 4, 5, 6),
			along("four jobs of each job's pipeline", siblings, 1, 2, 3, 4, 5, 6),
		}},
		// How long GitLab takes to answer each REST call.
		{name: "latency", axis: "ms a REST call", series: []series{
			along("list", underLatency("list"), 0, 20, 200),
			along("n+1", underLatency("n+1"), 0, 20, 200),
			along("single", underLatency("single"), 0, 20, 200),
			along("wide", underLatency("wide"), 0, 20, 200),
		}},
		// Clients that ask for one job each, at the same time.
		{name: "connections", axis: "connections", log: true, steep: true, series: []series{
			along("a token each", underConnections(true), 1, 4, 16, 64, 256, 1024, 4096),
			shared("one token", underConnections(false), 1, 4, 16, 64, 256, 1024, 4096),
		}},
		// A job's log: its end, its beginning, and all of it.
		{name: "logs", axis: "bytes", log: true, steep: true, series: []series{
			ofLogs("text(tail: 100)", "", true), ofLogs("lines(first: 20)", "{ nodes { text } }", false), ofLogs("size", "", true),
		}},
		// 500 jobs of each of 1 to 16 projects: up to 10 MB.
		{name: "answers", axis: "bytes", byAnswer: true, log: true, steep: true, series: []series{
			along("one connection", answers, 1, 2, 4, 8, 16),
		}},
	}
}

// runCurves measures the curves that -workloads names, prints their points and draws them.
func (b *bench) runCurves() error {
	out := newReport(os.Stdout, b.json, 46)
	for _, c := range curves() {
		if !b.selected(c.name) {
			continue
		}
		for _, s := range c.series {
			for i := range s.points {
				if err := b.measurePoint(c, s, &s.points[i]); err != nil {
					return err
				}
				out.add(s.points[i].result)
			}
		}
		if err := c.draw(filepath.Join(b.curves, c.name+".svg")); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measurePoint(c curve, s series, p *point) error {
	t := p.trial
	t.Name = p.label(c, s)
	t.connections, t.duration, t.flags = max(t.connections, 1), b.duration/3, generous()
	t.enough = int64(max(4*t.connections, 10))
	result, err := b.measure(t)
	if err != nil {
		return err
	}
	p.result = result
	if c.byAnswer {
		p.x = float64(result.AnswerBytes)
		p.result.Workload = p.label(c, s)
	}
	if !s.bounded {
		return nil
	}
	relayed, err := b.measureRelay(t, result)
	p.result.Relay = &relayed
	return err
}

// label returns the name of a point.
func (p *point) label(c curve, s series) string {
	return fmt.Sprintf("%s %s, %s", strconv.FormatFloat(p.x, 'f', -1, 64), c.axis, s.name)
}

// along is a series of trials.
func along(name string, at func(n int) trial, steps ...int) series {
	s := series{name: name, bounded: true}
	for _, n := range steps {
		s.points = append(s.points, point{x: float64(n), trial: at(n)})
	}
	return s
}

// shared is a series whose trials may share REST calls between them.
func shared(name string, at func(n int) trial, steps ...int) series {
	s := along(name, at, steps...)
	s.bounded = false
	return s
}

func underLatency(name string) func(int) trial {
	return func(n int) trial {
		return trial{workload: plain(name), latency: time.Duration(n) * time.Millisecond}
	}
}

func underConnections(private bool) func(int) trial {
	return func(n int) trial { return trial{workload: plain("single"), connections: n, private: private} }
}
