package run

import (
	"context"

	"jobgraph/graph/model"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/graph/selection"
	"jobgraph/restclient"
)

// computed is the part of a row that is not in a response.
type computed struct {
	name   string
	status model.JobStatus
	count  int
	jobs   []*row   // of a stage
	texts  []string // of a commit's trailer
}

// facts fills a job with what rules about jobs depend on, so that the rules are those of the
// executor.
func (r *row) facts(f *plan.Facts, into *restclient.Job) {
	*into = restclient.Job{ID: r.ID}
	text := func(slot int) string {
		if slot == plan.None {
			return ""
		}
		return r.String(r.Spans[slot])
	}
	into.Name, into.Stage = restclient.Text(text(f.Name)), text(f.Stage)
	into.Status, into.Ref = restclient.Text(text(f.Status)), restclient.Text(text(f.Ref))
	into.AllowFailure = f.AllowFailure != plan.None && r.Spans[f.AllowFailure].Kind == jsonscan.True
	if f.PipelineRef != plan.None && !r.Spans[f.PipelineRef].Missing() {
		ref := text(f.PipelineRef)
		into.Pipeline = &restclient.Pipeline{Ref: &ref}
	}
	if f.Tags == plan.None {
		return
	}
	r.Texts(r.Spans[f.Tags], func(_ int, s jsonscan.Span) { into.TagList = append(into.TagList, r.String(s)) })
	if s := r.Spans[f.FailureReason]; !s.Missing() {
		reason := r.String(s)
		into.FailureReason = &reason
	}
	if r.Spans[f.Runner].Kind == jsonscan.Object {
		id, _ := integer(r, f.RunnerID)
		into.Runner = &restclient.Runner{ID: id}
	}
}

// jobsOf returns rows as jobs, as far as rules depend on them.
func jobsOf(rows []*row, f *plan.Facts) []*model.Job {
	facts, jobs, pointers := make([]restclient.Job, len(rows)), make([]model.Job, len(rows)), make([]*model.Job, len(rows))
	for i, r := range rows {
		r.facts(f, &facts[i])
		jobs[i].Job, pointers[i] = &facts[i], &jobs[i]
	}
	return pointers
}

// bridgesOf is jobsOf for trigger jobs.
func bridgesOf(rows []*row, f *plan.Facts) []*model.Bridge {
	facts := make([]restclient.Bridge, len(rows))
	bridges := make([]model.Bridge, len(rows))
	pointers := make([]*model.Bridge, len(rows))
	var job restclient.Job
	for i, r := range rows {
		r.facts(f, &job)
		facts[i] = restclient.Bridge{ID: r.ID, Name: job.Name, Stage: job.Stage, Status: job.Status,
			AllowFailure: job.AllowFailure}
		bridges[i].Bridge, pointers[i] = &facts[i], &bridges[i]
	}
	return pointers
}

// loadStages groups a pipeline's jobs and trigger jobs as the model does.
func (x *execution) loadStages(ctx context.Context, s *plan.Step, into *result) error {
	jobRows, bridgeRows, err := x.loadBoth(ctx, s, into.owner)
	if err != nil {
		return err
	}
	jobs, bridges := jobsOf(jobRows, &s.Jobs.Facts), bridgesOf(bridgeRows, &s.Bridges.Facts)
	rowOf := make(map[model.Processable]*row, len(jobs)+len(bridges))
	for i, j := range jobs {
		rowOf[j] = jobRows[i]
	}
	for i, b := range bridges {
		rowOf[b] = bridgeRows[i]
	}
	for _, stage := range model.Stages(jobs, bridges) {
		c := &computed{name: stage.Name, status: stage.Status(), jobs: make([]*row, len(stage.Jobs))}
		for i, p := range stage.Jobs {
			c.jobs[i] = rowOf[p]
		}
		into.rows = append(into.rows, &row{owner: &into.owner, computed: c})
	}
	return nil
}

// stageJobs yields the jobs and trigger jobs of each stage. Where several fields have them, each
// has copies.
func stageJobs(s *plan.Step, above *result, several bool) []task {
	tasks := make([]task, len(above.rows))
	for i, r := range above.rows {
		got := &result{owner: *r.owner, rows: r.computed.jobs}
		if several {
			got.rows = own(got.rows)
		}
		above.below[s.Place][i] = got
		tasks[i] = task{s, got}
	}
	return tasks
}

// loadCounts counts a pipeline's jobs by status as the model does.
func (x *execution) loadCounts(ctx context.Context, s *plan.Step, into *result) error {
	retried := selection.Selects(s.Siblings, "stages")
	rows, err := x.allJobs(ctx, s.Jobs, into.owner, retried)
	if err != nil {
		return err
	}
	jobs := jobsOf(rows, &s.Jobs.Facts)
	if retried {
		jobs = model.Latest(jobs)
	}
	for _, c := range model.CountStatuses(jobs) {
		into.rows = append(into.rows, &row{owner: &into.owner, computed: &computed{status: c.Status, count: c.Count}})
	}
	return nil
}
