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

// Writes say how a request's writes are sent.
type Writes struct {
	Sender  Sender
	Refused error  // why this request may not write; nil where it may
	Wrote   func() // called after each write, whatever became of it
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

// Write sends one write, within the request's limits, and decodes its answer. It is an *OutcomeUnknownError where GitLab may have acted all the
// same. What was loaded before it is out of date: see Forget.
func Write[T any](ctx context.Context, l *Loaders, p restclient.Post, decode func(*restclient.Response) (T, error)) (T, error) {
	var zero T
	if l.Writes.Refused != nil {
		return zero, l.Writes.Refused
	}
	if err := l.enter(ctx); err != nil {
		return zero, err
	}
	begin := l.now()
	response, err := l.Writes.Sender.Send(ctx, l.credential, p)
	l.waited.Add(int64(l.now().Sub(begin)))
	l.Writes.Wrote()
	l.leave()
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
