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

// ErrTokenReadOnly is the error of a write of a caller without a credential of its own, where the
// gateway's token is for reads only.
var ErrTokenReadOnly = errors.New("send a credential with the request: the gateway's own token is for reads only (its operator may allow writes by -gitlab-token-writes)")

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

// CheckWrite returns ErrTokenReadOnly where the request may not write.
func (l *Request) CheckWrite() error {
	if l.config.ReadOnly {
		return ErrTokenReadOnly
	}
	return nil
}

// Write sends one write, within the request's limits, and decodes its response. The error is an
// *OutcomeUnknownError where GitLab may have acted nevertheless. What was loaded before is out of
// date; see Forget.
func Write[T any](ctx context.Context, l *Request, p restclient.Post, decode func(*restclient.Response) (T, error)) (T, error) {
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

// WrittenJob makes the graph's job of the answer to a write on a job. What the answer leaves out of its address is the ID's.
func WrittenJob(id gid.ID, response *restclient.Response) (*model.Job, error) {
	job, err := restclient.Decode[restclient.Job](response)
	if err != nil {
		return nil, err
	}
	return &model.Job{Job: &job, In: &model.Project{Number: id.Project}}, nil
}

// Written makes the graph's job or trigger job of the answer to a write on either.
func Written(id gid.ID, response *restclient.Response) (model.Processable, error) {
	in := &model.Project{Number: id.Project}
	if id.Kind == gid.KindBridge {
		// A retried trigger job is answered in the form of a job: the ID tells what it is, and its pipeline.
		bridge, err := restclient.Decode[restclient.Bridge](response)
		if err != nil {
			return nil, err
		}
		return &model.Bridge{Bridge: &bridge, In: in, ListedIn: id.Pipeline}, nil
	}
	_, bridge, err := restclient.DecodeProcessable(response)
	if err != nil {
		return nil, err
	}
	if bridge != nil && bridge.Pipeline != nil { // a trigger job's number in a job's ID
		return &model.Bridge{Bridge: bridge, In: in, ListedIn: bridge.Pipeline.ID}, nil
	}
	return WrittenJob(id, response)
}
