package main

import (
	"fmt"
	"time"

	"jobgraph/bench/capacity"
)

// The documents that a day's clients send: pages of a dashboard, and a bot's question.
var dayDocuments = map[capacity.Kind]string{
	capacity.List: `query Jobs($project: ID!) { project(id: $project) { fullPath jobs(first: 20) {
		nodes { id name stage status startedAt finishedAt duration pipeline { id } runner { description } }
		pageInfo { hasNextPage endCursor } } } }`,
	capacity.Pipeline: `query PipelinePage($project: ID!, $id: ID!) { pipeline(project: $project, id: $id) {
		id ref sha stages { name status jobs { id name status duration allowFailure } } } }`,
	capacity.Log: `query JobPage($project: ID!, $id: ID!) { job(project: $project, id: $id) {
		id name stage status user { name } commit { shortSha title } log { lines(last: 50) { nodes { number text } } } } }`,
	capacity.Single: `query Status($project: ID!, $id: ID!) { job(project: $project, id: $id) { status finishedAt } }`,
	capacity.Retry:  `mutation Retry($id: ID!) { jobRetry(input: { id: $id }) { job { ... on Job { id status } } userErrors { code } } }`,
}

const (
	pipelineDocument = `subscription PipelineLive { pipelineUpdated(id: \"gid://gitlab/Project/%d/Pipeline/%d\") { ` +
		`pipeline { id status jobCounts { status count } stages { name status } } changedJobs { id name status duration } } }`
	projectDocument = `subscription ProjectLive { projectJobsUpdated(id: \"%d\") { changedJobs { id name status } } }`
)

// request sends a request, and measures from the time that it was due.
func (d *day) request(a act) error {
	project := d.office.projectOf(a.who)
	w := workload{Document: dayDocuments[a.kind], Variables: map[string]any{"project": fmt.Sprint(project)}}
	switch a.kind {
	case capacity.Pipeline:
		w.Variables["id"] = fmt.Sprint(firstPipeline(project) + int64(a.who%officePipelines))
	case capacity.Log, capacity.Single:
		w.Variables["id"] = fmt.Sprint(firstJob(project) + int64(a.who%officeJobs))
	case capacity.Retry:
		d.mu.Lock()
		n := d.retried
		d.retried++
		d.mu.Unlock()
		project = n%int64(d.company.Projects()) + 1
		job := firstJob(project) + n/int64(d.company.Projects())%officeJobs
		w.Variables = map[string]any{"id": fmt.Sprintf("gid://gitlab/Project/%d/Job/%d", project, job)}
	}
	r, err := query(w)
	if err != nil {
		return err
	}
	r.numbered(int64(a.who))
	c, err := d.take()
	if err != nil {
		return err
	}
	answer, err := c.exchange(r)
	if err == nil {
		err = failure(answer)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.kind, err)
	}
	took := time.Since(d.epoch.Add(a.at))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, idle{c, time.Now()})
	d.requests[a.kind]++
	d.times = append(d.times, took)
	return nil
}

// longestIdle is how long a connection is kept: less than the gateway's -idle-timeout.
const longestIdle = time.Minute

// take returns a connection that nobody uses.
func (d *day) take() (*connection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n := len(d.idle); n > 0; n = len(d.idle) {
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		if time.Since(c.since) < longestIdle {
			return c.connection, nil
		}
		_ = c.Close()
	}
	return dial(d.address)
}

// warm sends a request of each kind, so that what the first ones load is not measured.
func (d *day) warm() error {
	d.epoch = time.Now()
	for _, kind := range capacity.Kinds {
		for who := range 10 {
			if err := d.request(act{kind: kind, who: who}); err != nil {
				return err
			}
		}
	}
	return nil
}

// watch opens a subscription to a pipeline that has begun a short while ago.
func (d *day) watch(who int) error {
	project, pipeline := d.office.begin()
	c, err := d.subscribe(who, fmt.Sprintf(pipelineDocument, project, pipeline))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = append(d.open, c)
	return nil
}

// unwatch closes the oldest subscription.
func (d *day) unwatch() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) == 0 {
		return
	}
	_ = d.open[0].Close()
	d.open = d.open[1:]
}

// openScreens lets every dashboard subscribe to a project.
func (d *day) openScreens() error {
	for i := range d.company.Dashboards {
		c, err := d.subscribe(d.company.Developers+i, fmt.Sprintf(projectDocument, i/2+1))
		if err != nil {
			return err
		}
		d.screens = append(d.screens, c)
	}
	return nil
}

// subscribe opens a connection of somebody's with one subscription, and counts its events.
func (d *day) subscribe(who int, document string) (*watchConn, error) {
	c, err := dialWatch(d.address, officeToken(who))
	if err != nil {
		return nil, err
	}
	message := `{"type":"subscribe","id":"1","payload":{"query":"` + document + `"}}`
	if err := c.send(message); err != nil {
		return nil, err
	}
	go func() {
		for {
			if c.next() != nil {
				return
			}
			d.mu.Lock()
			d.events++
			d.mu.Unlock()
		}
	}()
	return c, nil
}

func (d *day) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.idle {
		_ = c.Close()
	}
	for _, c := range append(d.screens, d.open...) {
		_ = c.Close()
	}
}
