package graph

import (
	"context"
	"strconv"
	"strings"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// action is one write on one job, checked and ready.
type action struct {
	id     gid.ID
	field  []string // the argument that named the job
	values []string // the argument that set variables or inputs; nil without
}

// actionOn is an action on the job or trigger job that an argument names. GitLab's REST API retries and plays both, and cancels and erases jobs only.
func actionOn(field []string, value string, kinds ...gid.Kind) (action, error) {
	id, err := address.ID(strings.Join(field, "."), value, kinds...)
	return action{id: id, field: field}, err
}

// project is the project of the job that is acted on.
func (a action) project() restclient.ProjectID {
	return restclient.ProjectID(strconv.FormatInt(a.id.Project, 10))
}

// cancel stops a job. Where told is true it also says what that did, at the price of looking at the job before.
func (a action) cancel(ctx context.Context, force, told bool) (*model.Job, *model.CancelOutcome, error) {
	l := loader.For(ctx)
	if l.Writes.Refused != nil {
		return nil, nil, l.Writes.Refused
	}
	var before *model.Job
	if told {
		var err error
		if before, err = l.Job(ctx, &model.Project{Number: a.id.Project}, a.id.Number); err != nil {
			return nil, nil, err
		}
	}
	after, err := a.job(ctx, restclient.Cancel(a.project(), a.id.Number, force))
	if err != nil || !told {
		return after, nil, err
	}
	outcome := model.OutcomeOf(before.Job.Status, after.Job.Status)
	return after, &outcome, nil
}

// retry runs a job or trigger job again.
func (a action) retry(ctx context.Context, inputs map[string]any) (model.Processable, error) {
	return a.processable(ctx, restclient.Retry(a.project(), a.id.Number, inputs))
}

// job sends a write whose answer is a job.
func (a action) job(ctx context.Context, post restclient.Post) (*model.Job, error) {
	return loader.Write(ctx, loader.For(ctx), post, func(r *restclient.Response) (*model.Job, error) { return loader.WrittenJob(a.id, r) })
}

// processable sends a write whose answer is a job or a trigger job.
func (a action) processable(ctx context.Context, post restclient.Post) (model.Processable, error) {
	return loader.Write(ctx, loader.For(ctx), post, func(r *restclient.Response) (model.Processable, error) { return loader.Written(a.id, r) })
}

// refused is GitLab's refusal of the action as the payload tells it: an empty list where err is nil, false where err is a fault.
func (a action) refused(err error) ([]model.UserError, bool) {
	if err == nil {
		return []model.UserError{}, true
	}
	if e := refused(err, a.field, a.values); e != nil {
		return []model.UserError{*e}, true
	}
	return nil, false
}
