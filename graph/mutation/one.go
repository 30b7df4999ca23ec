package mutation

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/selection"
	"jobgraph/restclient"
)

// inputID is the argument that names the job of a mutation on one job.
var inputID = []string{"input", "id"}

// Cancel stops a job.
func Cancel(ctx context.Context, input model.JobCancelInput) (*model.JobCancelPayload, error) {
	a, err := newAction(ctx, inputID, input.ID, gid.KindJob)
	if err != nil {
		return nil, err
	}
	outcomes := selection.Named(ctx, graphql.GetFieldContext(ctx).Field.Selections, "outcome", "JobCancelPayload")
	job, outcome, err := a.cancel(ctx, input.Force != nil && *input.Force, len(outcomes) > 0)
	loader.For(ctx).Forget()
	userErrors, ok := a.userErrors(err)
	if !ok {
		return nil, err
	}
	return &model.JobCancelPayload{
		ClientMutationID: input.ClientMutationID, Job: job, Outcome: outcome, UserErrors: userErrors,
	}, nil
}

// Retry runs a job or trigger job again.
func Retry(ctx context.Context, input model.JobRetryInput) (*model.JobRetryPayload, error) {
	a, err := newAction(ctx, inputID, input.ID, gid.KindJob, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	inputs, err := a.withInputs(input.Inputs)
	if err != nil {
		return nil, err
	}
	job, err := a.retry(ctx, inputs)
	loader.For(ctx).Forget()
	userErrors, ok := a.userErrors(err)
	if !ok {
		return nil, err
	}
	payload := &model.JobRetryPayload{ClientMutationID: input.ClientMutationID, Job: job, UserErrors: userErrors}
	if job != nil {
		payload.RetriedJobID = &input.ID
	}
	return payload, nil
}

// Erase deletes a job's log and artifacts.
func Erase(ctx context.Context, input model.JobEraseInput) (*model.JobErasePayload, error) {
	a, err := newAction(ctx, inputID, input.ID, gid.KindJob)
	if err != nil {
		return nil, err
	}
	job, err := a.job(ctx, restclient.Erase(a.project(), a.id.Number))
	loader.For(ctx).Forget()
	userErrors, ok := a.userErrors(err)
	if !ok {
		return nil, err
	}
	return &model.JobErasePayload{ClientMutationID: input.ClientMutationID, Job: job, UserErrors: userErrors}, nil
}

// Play starts a job or trigger job that waits for a manual start.
func Play(ctx context.Context, input model.JobPlayInput) (*model.JobPlayPayload, error) {
	a, err := newAction(ctx, inputID, input.ID, gid.KindJob, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	if err := a.withVariables(input.Variables); err != nil {
		return nil, err
	}
	inputs, err := a.withInputs(input.Inputs)
	if err != nil {
		return nil, err
	}
	job, err := a.processable(ctx, restclient.Play(a.project(), a.id.Number, input.Variables, inputs))
	loader.For(ctx).Forget()
	userErrors, ok := a.userErrors(err)
	if !ok {
		return nil, err
	}
	retried := job != nil && job.DatabaseID() != a.id.Number
	return &model.JobPlayPayload{
		ClientMutationID: input.ClientMutationID, Job: job, Retried: retried, UserErrors: userErrors,
	}, nil
}

// withVariables checks the variables of a play.
func (a *action) withVariables(variables []restclient.Variable) error {
	if len(variables) > 0 {
		a.values = []string{"input", "variables"}
	}
	return checkDistinct("input.variables", "key", variables, func(v restclient.Variable) string { return v.Key })
}

// withInputs checks inputs and returns their values by name.
func (a *action) withInputs(inputs []model.JobInput) (map[string]any, error) {
	if len(inputs) > 0 {
		a.values = []string{"input", "inputs"}
	}
	err := checkDistinct("input.inputs", "name", inputs, func(i model.JobInput) string { return i.Name })
	if err != nil {
		return nil, err
	}
	values := make(map[string]any, len(inputs))
	for at, i := range inputs {
		if !i.Value.Valid() {
			argument := "input.inputs." + strconv.Itoa(at) + ".value"
			return nil, arguments.Wrong(argument, "must be a string, a number, a boolean or a list of these")
		}
		values[i.Name] = i.Value.Value
	}
	return values, nil
}

// checkDistinct checks that each element of a list has a name, and that no two have the same.
func checkDistinct[T any](list, field string, all []T, name func(T) string) error {
	seen := map[string]bool{}
	for i, item := range all {
		argument := list + "." + strconv.Itoa(i) + "." + field
		switch n := name(item); {
		case n == "":
			return arguments.Wrong(argument, "must not be empty")
		case seen[n]:
			return arguments.Wrong(argument, "is given twice")
		default:
			seen[n] = true
		}
	}
	return nil
}
