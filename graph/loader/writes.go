package loader

import (
	"context"
	"errors"
	"strconv"

	"jobgraph/graph/gid"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// Sender sends one write to GitLab, at most once; *restclient.Client is one.
type Sender interface {
	Send(ctx context.Context, cred restclient.Credential, p restclient.Post) (*restclient.Response, error)
}

// ErrTokenReadOnly is the error of a write by a caller without a credential of its own, if the
// gateway's token is for reads only.
var ErrTokenReadOnly = errors.New("send a credential with the request: the gateway's own token is for reads only " +
	"(its operator may allow writes by -gitlab-token-writes)")

// OutcomeUnknownError is a write that may have reached GitLab and has no usable answer.
type OutcomeUnknownError struct{ Err error }

func (e *OutcomeUnknownError) Error() string {
	how := e.Err.Error()
	if status, ok := errors.AsType[*restclient.Error](e.Err); ok {
		how = "the upstream answered " + strconv.Itoa(status.Status)
	}
	return how + "; GitLab may have acted on it: look at the job before trying again"
}

// Unwrap returns how the call failed.
func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// CheckWrite returns ErrTokenReadOnly if the request may not write.
func (l *Request) CheckWrite() error {
	if l.config.ReadOnly {
		return ErrTokenReadOnly
	}
	return nil
}

// Write sends one write, within the request's limits, and decodes its response. The error is an
// *OutcomeUnknownError where GitLab may have acted nevertheless. Loads from before the write are
// stale; see Forget.
func Write[T any](
	ctx context.Context, l *Request, p restclient.Post, decode func(*restclient.Response) (T, error),
) (T, error) {
	var zero T
	if err := l.CheckWrite(); err != nil {
		return zero, err
	}
	if err := l.gate.enter(ctx); err != nil {
		return zero, err
	}
	stop := l.bill.start()
	response, err := l.config.Sender.Send(ctx, l.config.Credential, p)
	stop()
	l.config.AfterWrite()
	l.gate.leave()
	if err != nil {
		return zero, outcomeOf(err)
	}
	answer, err := decode(response)
	if err != nil {
		return zero, outcomeOf(err)
	}
	return answer, nil
}

func outcomeOf(err error) error {
	if restclient.OutcomeUnknown(err) {
		return &OutcomeUnknownError{err}
	}
	return err
}

// WrittenJob returns the job in the response to a write on a job. The parts of the job's address
// that the response lacks are taken from its ID.
func WrittenJob(id gid.ID, response *restclient.Response) (*model.Job, error) {
	job, err := restclient.Decode[restclient.Job](response)
	if err != nil {
		return nil, err
	}
	return &model.Job{Job: &job, In: &model.Project{Number: id.Project}}, nil
}

// Written returns the job or trigger job in the response to a write on either.
func (l *Request) Written(ctx context.Context, id gid.ID, response *restclient.Response) (model.Processable, error) {
	if id.Kind == gid.KindBridge {
		// GitLab answers a retried trigger job in the form of a job. The ID has the kind.
		bridge, err := restclient.Decode[restclient.Bridge](response)
		if err != nil {
			return nil, err
		}
		return l.NewBridge(&bridge, id.Project, id.Pipeline), nil
	}
	p, err := restclient.DecodeProcessable(response)
	if err != nil {
		return nil, err
	}
	in := &model.Project{Number: id.Project}
	switch {
	case p.Bridge != nil && p.Bridge.Pipeline != nil: // the ID is a job's, with the number of a trigger job
		return l.NewBridge(p.Bridge, id.Project, p.Bridge.Pipeline.ID), nil
	case p.Ambiguous && p.Job.Pipeline != nil:
		if bridge, err := l.Bridge(ctx, in, p.Job.Pipeline.ID, p.Job.ID); err == nil {
			return bridge, nil
		}
	}
	return WrittenJob(id, response)
}
