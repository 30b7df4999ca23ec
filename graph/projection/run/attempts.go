package run

import (
	"context"
	"slices"

	"jobgraph/graph/model"
	"jobgraph/graph/projection/plan"
)

// attempts are rows of a pipeline's jobs by what the attempts of a job have in common: an entry for
// each job whose attempts are selected, and no other.
type attempts map[model.AttemptKey][]*row

// attemptKey returns what a job has in common with its other attempts.
func attemptKey(r *row, k plan.KeySlots) model.AttemptKey {
	return model.AttemptKey{Stage: r.String(r.Spans[k.Stage]), Name: r.String(r.Spans[k.Name])}
}

// selectAttempts adds the job of a row above to those whose attempts are selected.
func (got *result) selectAttempts(s *plan.Step, above *row) {
	if got.attempts == nil {
		got.attempts = attempts{}
	}
	got.attempts[attemptKey(above, s.Key)] = nil
}

// loadAttempts finds the attempts of the selected jobs in their pipeline's list, the first one
// first.
func (x *execution) loadAttempts(ctx context.Context, s *plan.Step, into *result) error {
	all, err := x.allJobs(ctx, s.Jobs, into.owner, true)
	if err != nil {
		return err
	}
	slots := plan.KeySlots{Stage: s.Jobs.Facts.Stage, Name: s.Jobs.Facts.Name}
	for _, r := range slices.Backward(all) {
		key := attemptKey(r, slots)
		if found, selected := into.attempts[key]; selected {
			into.attempts[key] = append(found, r)
			into.rows = append(into.rows, r)
		}
	}
	return nil
}

// attempts writes the attempts of a job, or whether there is one after it; null if the job has no
// pipeline.
func (w *writer) attempts(f *plan.Field, r *row) {
	got := r.of.below[f.Step.Place][r.at]
	if got == nil {
		w.null()
		return
	}
	found := got.attempts[attemptKey(r, f.Step.Key)]
	if f.Op == plan.WriteRetried {
		w.boolean(slices.ContainsFunc(found, func(other *row) bool { return other.ID > r.ID }))
		return
	}
	w.each(len(found), func(i int) { w.object(f.Object, found[i]) })
}
