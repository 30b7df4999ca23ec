package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/internal/fanout"
)

func jobsCancel(ctx context.Context, input model.JobsCancelInput) (*model.JobsActionPayload, error) {
	all, err := actionsOn(input.IDs, gid.KindJob)
	if err != nil {
		return nil, err
	}
	force, told := input.Force != nil && *input.Force, asksOutcomes(ctx)
	return many(ctx, input.ClientMutationID, input.IDs, all, func(a action, result *model.JobActionResult) error {
		job, outcome, err := a.cancel(ctx, force, told)
		if err == nil {
			result.Job, result.Outcome = job, outcome
		}
		return err
	})
}

func jobsRetry(ctx context.Context, input model.JobsRetryInput) (*model.JobsActionPayload, error) {
	all, err := actionsOn(input.IDs, gid.KindJob, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	return many(ctx, input.ClientMutationID, input.IDs, all, func(a action, result *model.JobActionResult) error {
		job, err := a.retry(ctx, nil)
		if err == nil {
			result.Job, result.RetriedJobID = job, &result.ID
		}
		return err
	})
}

// actionsOn are the actions on the jobs that input.ids names.
func actionsOn(ids []string, kinds ...gid.Kind) ([]action, error) {
	if len(ids) > address.MaxIDs {
		return nil, badInput("input.ids", fmt.Sprintf("must be %d at most", address.MaxIDs))
	}
	all := make([]action, len(ids))
	seen := map[string]bool{}
	for i, value := range ids {
		place := []string{"input", "ids", strconv.Itoa(i)}
		if seen[value] {
			return nil, badInput("input.ids."+place[2], "is given twice")
		}
		seen[value] = true
		var err error
		if all[i], err = actionOn(place, value, kinds...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// many acts on many jobs, as many at a time as the request may make calls. What GitLab refuses is in the result, and a fault among the errors: neither keeps
// another job from its turn.
func many(ctx context.Context, mutationID *string, ids []string, all []action, act func(action, *model.JobActionResult) error) (*model.JobsActionPayload, error) {
	l := loader.For(ctx)
	if l.Writes.Refused != nil {
		return nil, l.Writes.Refused
	}
	results := make([]model.JobActionResult, len(all))
	faults := make([]error, len(all))
	var group fanout.Group
	for i, a := range all {
		group.Go(func() {
			results[i].ID = ids[i]
			err := act(a, &results[i])
			refusals, ok := a.refused(err)
			if !ok {
				refusals, faults[i] = []model.UserError{}, err
			}
			results[i].UserErrors = refusals
		})
	}
	group.Wait()
	l.Forget()
	for i, fault := range faults {
		if fault != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(faultPath(ctx, i), fault))
		}
	}
	return &model.JobsActionPayload{ClientMutationID: mutationID, Results: results}, nil
}

// faultPath is where the fault of one of many actions is told: at the job that it has not got, as far as the query asks for that.
func faultPath(ctx context.Context, i int) ast.Path {
	path := graphql.GetPath(ctx)
	results := selections(ctx, graphql.GetFieldContext(ctx).Field.Selections, "results", "JobsActionPayload")
	if len(results) == 0 {
		return path
	}
	path = append(path, ast.PathName(results[0].Alias), ast.PathIndex(i))
	if job := selections(ctx, results[0].Selections, "job", "JobActionResult"); len(job) > 0 {
		path = append(path, ast.PathName(job[0].Alias))
	}
	return path
}

// asksOutcomes tells whether the query asks for the outcome of any of the results.
func asksOutcomes(ctx context.Context) bool {
	results := selections(ctx, graphql.GetFieldContext(ctx).Field.Selections, "results", "JobsActionPayload")
	return slices.ContainsFunc(results, func(f graphql.CollectedField) bool {
		return len(selections(ctx, f.Selections, "outcome", "JobActionResult")) > 0
	})
}
