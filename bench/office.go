package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"jobgraph/bench/capacity"
	"jobgraph/internal/fakegitlab"
)

// What each project has before the day begins.
const (
	officePipelines = 5
	officeJobs      = officePipelines * capacity.PipelineJobs
)

const (
	livePipelines = int64(1_000_000_000) // where the numbers of those that begin during the day begin
	liveMost      = 3 * time.Minute      // that a pipeline has run when somebody begins to look at it
)

// office is the GitLab of the company whose day is replayed.
type office struct {
	*fakegitlab.Server
	listener net.Listener
	company  capacity.Company
	begun    atomic.Int64 // pipelines
}

func newOffice(c capacity.Company) (*office, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &office{listener: listener, company: c}
	o.Server = fakegitlab.New(fakegitlab.Options{Dataset: o.fill})
	go func() { _ = http.Serve(listener, o) }()
	return o, nil
}

func (o *office) address() string { return o.listener.Addr().String() }
func (o *office) close()          { _ = o.listener.Close() }

// officeSecret is what webhooks show.
const officeSecret = "secret-of-the-office"

// sendHooks sends every change to an address until ctx ends.
func (o *office) sendHooks(ctx context.Context, address string) {
	o.AddHook(fakegitlab.Hook{URL: address, Token: officeSecret})
	go o.Run(ctx, time.Second)
}

// officeToken is the token that [request.numbered] makes.
func officeToken(who int) string { return fmt.Sprintf("bench-%0*d", digits, who) }

// fill adds a user with a token for everybody, and the projects with what has run before.
func (o *office) fill(b *fakegitlab.Builder) {
	for who := range o.company.Developers + o.company.Dashboards {
		b.Token(officeToken(who), fakegitlab.Token{User: b.User(fakegitlab.User{Username: fmt.Sprint("user-", who), Admin: true})})
	}
	for id := int64(1); id <= int64(o.company.Projects()); id++ {
		p := b.Project(id, fmt.Sprintf("acme/project-%d", id), fakegitlab.Project{})
		for n := range int64(officePipelines) {
			pipeline := p.Pipeline(firstPipeline(id)+n, fakegitlab.Pipeline{})
			for i := range int64(capacity.PipelineJobs) {
				pipeline.Job(firstJob(id)+n*capacity.PipelineJobs+i, fakegitlab.Job{
					Name: fmt.Sprint("unit ", i), Stage: officeStage(int(i)), Log: fakegitlab.Log{Size: 100 << 10},
				})
			}
		}
	}
}

func officeStage(job int) string {
	return [...]string{"build", "test", "deploy"}[min(job*3/capacity.PipelineJobs, 2)]
}

// projectOf returns the project that somebody works on.
func (o *office) projectOf(who int) int64 { return int64(who%o.company.Projects()) + 1 }

// begin adds a pipeline that has run for a while, and returns its numbers. Projects take turns. Its
// jobs start one after the other, two at a time, and end by the clock.
func (o *office) begin() (project, pipeline int64) {
	n := o.begun.Add(1)
	project, pipeline = n%int64(o.company.Projects())+1, livePipelines+n
	ran := liveMost * time.Duration(n%10) / 10
	every := capacity.PipelineTime / capacity.PipelineJobs
	o.Update(func(b *fakegitlab.Builder) {
		began := b.Now().Add(-ran)
		p := b.ProjectBuilder(project).Pipeline(pipeline, fakegitlab.Pipeline{CreatedAt: began})
		for i := range capacity.PipelineJobs {
			start := began.Add(time.Duration(i) * every)
			p.Job(0, fakegitlab.Job{ // retried jobs take numbers, too
				Name: fmt.Sprint("unit ", i), Stage: officeStage(i), Status: fakegitlab.Created, Outcome: fakegitlab.Success,
				CreatedAt: began, QueuedAt: start.Add(-time.Second), StartedAt: start, FinishedAt: start.Add(2*every - every/5),
			})
		}
	})
	return project, pipeline
}
