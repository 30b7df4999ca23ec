package graph

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// inputID is the argument that names the job of a mutation on one.
var inputID = []string{"input", "id"}

func jobCancel(ctx context.Context, input model.JobCancelInput) (*model.JobCancelPayload, error) {
	a, err := actionOn(inputID, input.ID, gid.KindJob)
	if err != nil {
		return nil, err
	}
	told := len(selections(ctx, graphql.GetFieldContext(ctx).Field.Selections, "outcome", "JobCancelPayload")) > 0
	job, outcome, err := a.cancel(ctx, input.Force != nil && *input.Force, told)
	loader.For(ctx).Forget()
	refusals, ok := a.refused(err)
	if !ok {
		return nil, err
	}
	return &model.JobCancelPayload{ClientMutationID: input.ClientMutationID, Job: job, Outcome: outcome, UserErrors: refusals}, nil
}

func jobRetry(ctx context.Context, input model.JobRetryInput) (*model.JobRetryPayload, error) {
	a, err := actionOn(inputID, input.ID, gid.KindJob, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	inputs, err := a.withInputs(input.Inputs)
	if err != nil {
		return nil, err
	}
	job, err := a.retry(ctx, inputs)
	loader.For(ctx).Forget()
	refusals, ok := a.refused(err)
	if !ok {
		return nil, err
	}
	payload := &model.JobRetryPayload{ClientMutationID: input.ClientMutationID, Job: job, UserErrors: refusals}
	if job != nil {
		payload.RetriedJobID = &input.ID
	}
	return payload, nil
}

func jobErase(ctx context.Context, input model.JobEraseInput) (*model.JobErasePayload, error) {
	a, err := actionOn(inputID, input.ID, gid.KindJob)
	if err != nil {
		return nil, err
	}
	job, err := a.job(ctx, restclient.Erase(a.project(), a.id.Number))
	loader.For(ctx).Forget()
	refusals, ok := a.refused(err)
	if !ok {
		return nil, err
	}
	return &model.JobErasePayload{ClientMutationID: input.ClientMutationID, Job: job, UserErrors: refusals}, nil
}

func jobPlay(ctx context.Context, input model.JobPlayInput) (*model.JobPlayPayload, error) {
	a, err := actionOn(inputID, input.ID, gid.KindJob, gid.KindBridge)
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
	refusals, ok := a.refused(err)
	if !ok {
		return nil, err
	}
	retried := job != nil && job.DatabaseID() != a.id.Number
	return &model.JobPlayPayload{ClientMutationID: input.ClientMutationID, Job: job, Retried: retried, UserErrors: refusals}, nil
}

// withVariables checks the variables of a play.
func (a *action) withVariables(variables []restclient.Variable) error {
	if len(variables) > 0 {
		a.values = []string{"input", "variables"}
	}
	return distinct("input.variables", "key", variables, func(v restclient.Variable) string { return v.Key })
}

// withInputs checks inputs and returns them by name.
func (a *action) withInputs(inputs []model.JobInput) (map[string]any, error) {
	if len(inputs) > 0 {
		a.values = []string{"input", "inputs"}
	}
	err := distinct("input.inputs", "name", inputs, func(i model.JobInput) string { return i.Name })
	if err != nil {
		return nil, err
	}
	values := make(map[string]any, len(inputs))
	for at, i := range inputs {
		if !i.Value.Valid() {
			return nil, badInput("input.inputs."+strconv.Itoa(at)+".value", "must be a string, a number, a boolean or a list of these")
		}
		values[i.Name] = i.Value.Value
	}
	return values, nil
}

// distinct checks that every name in a list is there, and there once.
func distinct[T any](list, field string, all []T, name func(T) string) error {
	seen := map[string]bool{}
	for i, item := range all {
		argument := list + "." + strconv.Itoa(i) + "." + field
		switch n := name(item); {
		case n == "":
			return badInput(argument, "must not be empty")
		case seen[n]:
			return badInput(argument, "is given twice")
		default:
			seen[n] = true
		}
	}
	return nil
}
