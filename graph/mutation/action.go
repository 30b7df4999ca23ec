// Package mutation acts on jobs: each function is one mutation of the schema. A refusal of GitLab's
// is a user error in the payload; a failure is an error.
package mutation

import (
	"context"
	"strconv"
	"strings"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// action is one write on one job, with its arguments checked.
type action struct {
	id     gid.ID
	field  []string // path of the argument that names the job
	values []string // path of the argument that sets variables or inputs; nil if there is none
}

// newAction returns an action on the job or trigger job that an argument names. GitLab's REST API
// retries and plays both, and cancels and erases jobs only.
func newAction(ctx context.Context, field []string, value string, kinds ...gid.Kind) (action, error) {
	id, err := arguments.NumberedID(ctx, strings.Join(field, "."), value, kinds...)
	return action{id: id, field: field}, err
}

// project returns the project of the job.
func (a action) project() restclient.ProjectID {
	return restclient.ProjectID(strconv.FormatInt(a.id.Project, 10))
}

// cancel stops a job. With withOutcome it also returns the outcome, for which it reads the job
// first.
func (a action) cancel(ctx context.Context, force, withOutcome bool) (*model.Job, *model.CancelOutcome, error) {
	l := loader.For(ctx)
	if err := l.CheckWrite(); err != nil {
		return nil, nil, err
	}
	var before *model.Job
	if withOutcome {
		var err error
		if before, err = l.Job(ctx, &model.Project{Number: a.id.Project}, a.id.Number); err != nil {
			return nil, nil, err
		}
	}
	after, err := a.job(ctx, restclient.Cancel(a.project(), a.id.Number, force))
	if err != nil || !withOutcome {
		return after, nil, err
	}
	outcome := model.OutcomeOf(string(before.Job.Status), string(after.Job.Status))
	return after, &outcome, nil
}

// retry runs a job or trigger job again.
func (a action) retry(ctx context.Context, inputs map[string]any) (model.Processable, error) {
	return a.processable(ctx, restclient.Retry(a.project(), a.id.Number, inputs))
}

// job sends a write whose answer is a job.
func (a action) job(ctx context.Context, post restclient.Post) (*model.Job, error) {
	return loader.Write(ctx, loader.For(ctx), post, func(r *restclient.Response) (*model.Job, error) {
		return loader.WrittenJob(a.id, r)
	})
}

// processable sends a write whose answer is a job or a trigger job.
func (a action) processable(ctx context.Context, post restclient.Post) (model.Processable, error) {
	l := loader.For(ctx)
	return loader.Write(ctx, l, post, func(r *restclient.Response) (model.Processable, error) {
		return l.Written(ctx, a.id, r)
	})
}

// userErrors returns the payload's user errors: none if err is nil, one if GitLab refused the
// action; false where err is not a refusal.
func (a action) userErrors(err error) ([]model.UserError, bool) {
	if err == nil {
		return []model.UserError{}, true
	}
	if e := userError(err, a.field, a.values); e != nil {
		return []model.UserError{*e}, true
	}
	return nil, false
}
