package mutation

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/selection"
	"jobgraph/internal/fanout"
)

// CancelMany stops many jobs.
func CancelMany(ctx context.Context, input model.JobsCancelInput) (*model.JobsActionPayload, error) {
	all, err := newActions(ctx, input.IDs, gid.KindJob)
	if err != nil {
		return nil, err
	}
	force, withOutcome := input.Force != nil && *input.Force, outcomesSelected(ctx)
	return many(ctx, input.ClientMutationID, input.IDs, all, func(a action, result *model.JobActionResult) error {
		job, outcome, err := a.cancel(ctx, force, withOutcome)
		if err == nil {
			result.Job, result.Outcome = job, outcome
		}
		return err
	})
}

// RetryMany runs many jobs or trigger jobs again.
func RetryMany(ctx context.Context, input model.JobsRetryInput) (*model.JobsActionPayload, error) {
	all, err := newActions(ctx, input.IDs, gid.KindJob, gid.KindBridge)
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

// newActions returns the actions on the jobs that input.ids names.
func newActions(ctx context.Context, ids []string, kinds ...gid.Kind) ([]action, error) {
	if len(ids) > arguments.MaxIDs {
		return nil, arguments.Wrong("input.ids", fmt.Sprintf("must be %d at most", arguments.MaxIDs))
	}
	all := make([]action, len(ids))
	seen := map[gid.ID]bool{}
	for i, value := range ids {
		place := []string{"input", "ids", strconv.Itoa(i)}
		var err error
		if all[i], err = newAction(ctx, place, value, kinds...); err != nil {
			return nil, err
		}
		if seen[all[i].id] {
			return nil, arguments.Wrong("input.ids."+place[2], "is given twice")
		}
		seen[all[i].id] = true
	}
	return all, nil
}

// many acts on many jobs, as many at a time as the request may make parallel calls. GitLab's
// refusals are in the results, other failures in the errors; neither stops the other actions.
func many(
	ctx context.Context, mutationID *string, ids []string, all []action,
	act func(action, *model.JobActionResult) error,
) (*model.JobsActionPayload, error) {
	l := loader.For(ctx)
	if err := l.CheckWrite(); err != nil {
		return nil, err
	}
	results := make([]model.JobActionResult, len(all))
	failures := make([]error, len(all))
	var group fanout.Group
	for i, a := range all {
		group.Go(func() {
			results[i].ID = ids[i]
			err := act(a, &results[i])
			userErrors, ok := a.userErrors(err)
			if !ok {
				userErrors, failures[i] = []model.UserError{}, err
			}
			results[i].UserErrors = userErrors
		})
	}
	group.Wait()
	l.Forget()
	for i, err := range failures {
		if err != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(failurePath(ctx, i), err))
		}
	}
	return &model.JobsActionPayload{ClientMutationID: mutationID, Results: results}, nil
}

// failurePath returns the path of the error of one of many actions: that of the result's job, as
// far as it is selected.
func failurePath(ctx context.Context, i int) ast.Path {
	path := graphql.GetPath(ctx)
	results := selection.Named(ctx, graphql.GetFieldContext(ctx).Field.Selections, "results", "JobsActionPayload")
	if len(results) == 0 {
		return path
	}
	path = append(path, ast.PathName(results[0].Alias), ast.PathIndex(i))
	if job := selection.Named(ctx, results[0].Selections, "job", "JobActionResult"); len(job) > 0 {
		path = append(path, ast.PathName(job[0].Alias))
	}
	return path
}

// outcomesSelected reports whether the outcome of any result is selected.
func outcomesSelected(ctx context.Context) bool {
	results := selection.Named(ctx, graphql.GetFieldContext(ctx).Field.Selections, "results", "JobsActionPayload")
	return slices.ContainsFunc(results, func(f graphql.CollectedField) bool {
		return len(selection.Named(ctx, f.Selections, "outcome", "JobActionResult")) > 0
	})
}
