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

// factsOf appends what grouping and counting depend on of rows. The words of stages and statuses,
// which rows have in common, are kept once.
func factsOf(into []model.Fact, rows []*row, f *plan.Facts) []model.Fact {
	words := map[string]string{}
	for _, r := range rows {
		into = append(into, model.Fact{
			ID: r.ID, AttemptKey: model.AttemptKey{Stage: r.word(f.Stage, words), Name: r.String(r.Spans[f.Name])},
			Status: r.word(f.Status, words), AllowFailure: r.Spans[f.AllowFailure].Kind == jsonscan.True,
		})
	}
	return into
}

// word returns a text; words has those of rows before, by their JSON.
func (r *row) word(slot int, words map[string]string) string {
	s := r.Spans[slot]
	word, known := words[string(r.Bytes(s))]
	if !known {
		word = r.String(s)
		words[string(r.Bytes(s))] = word
	}
	return word
}

// loadStages groups a pipeline's jobs and trigger jobs as the model does.
func (x *execution) loadStages(ctx context.Context, s *plan.Step, into *result) error {
	jobs, bridges, err := x.loadBoth(ctx, s, into.owner)
	if err != nil {
		return err
	}
	facts := factsOf(make([]model.Fact, 0, len(jobs)+len(bridges)), jobs, &s.Jobs.Facts)
	facts = factsOf(facts, bridges, &s.Bridges.Facts)
	for _, stage := range model.GroupByStage(facts) {
		c := &computed{name: stage.Name, status: stage.Status, jobs: make([]*row, len(stage.Latest))}
		for i, at := range stage.Latest {
			if at < len(jobs) {
				c.jobs[i] = jobs[at]
			} else {
				c.jobs[i] = bridges[at-len(jobs)]
			}
		}
		into.rows = append(into.rows, &row{owner: &into.owner, computed: c})
	}
	return nil
}

// stageJobs yields the jobs and trigger jobs of each stage. Where several fields have them, each
// has copies. There is no task for those below which there is nothing.
func stageJobs(s *plan.Step, above *result, several bool) []task {
	var tasks []task
	for i, r := range above.rows {
		got := &result{owner: *r.owner, rows: r.computed.jobs}
		if several {
			got.rows = own(got.rows)
		}
		above.below[s.Place][i] = got
		if len(s.Below) > 0 {
			tasks = append(tasks, task{s, got})
		} else {
			got.place()
		}
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
	jobs := factsOf(make([]model.Fact, 0, len(rows)), rows, &s.Jobs.Facts)
	if retried {
		jobs = model.Latest(jobs)
	}
	for _, c := range model.CountStatuses(jobs) {
		into.rows = append(into.rows, &row{owner: &into.owner, computed: &computed{status: c.Status, count: c.Count}})
	}
	return nil
}
