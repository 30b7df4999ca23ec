package run

import (
	"context"
	"errors"
	"slices"

	"jobgraph/graph/loader"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
)

// loadDownstream yields the trigger jobs of a pipeline that have started one, in their order: the
// row of the pipeline is that of its trigger job.
func (x *execution) loadDownstream(ctx context.Context, s *plan.Step, into *result) (err error) {
	into.rows, err = x.startedBy(ctx, s, into.owner)
	return err
}

func (x *execution) startedBy(ctx context.Context, s *plan.Step, o owner) ([]*row, error) {
	all, err := x.allBridges(ctx, s.Bridges, o)
	if err != nil {
		return nil, err
	}
	rows := make([]*row, 0, len(all))
	for _, r := range slices.Backward(all) {
		if r.Spans[s.Started.Present].Kind == jsonscan.Object {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// started is a pipeline and the trigger job that has started it.
type started struct {
	pipeline owner
	by       *row
}

// loadDescendants yields the pipelines that a pipeline's trigger jobs have started, those that
// theirs have started, and so on, in the executor's order.
func (x *execution) loadDescendants(ctx context.Context, s *plan.Step, into *result) error {
	number := func(p started) int64 { return p.pipeline.pipeline }
	all, failed := loader.Descendants(started{pipeline: into.owner}, number, func(p started) ([]started, error) {
		if !p.pipeline.isComplete() {
			return nil, errFallback
		}
		rows, err := x.startedBy(ctx, s, p.pipeline)
		below := make([]started, len(rows))
		for i, r := range rows {
			o, _ := ownerOf(s.Started, r)
			below[i] = started{o, r}
		}
		return below, err
	})
	for _, p := range all {
		into.rows = append(into.rows, p.by)
	}
	return errors.Join(failed...)
}

// isComplete reports whether a pipeline's owner has what the REST paths of its lists need.
func (o owner) isComplete() bool { return (o.project != 0 || o.path != "") && o.pipeline > 0 }
