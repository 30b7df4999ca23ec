package loader

import (
	"context"
	"io"
	"sync"

	"jobgraph/graph/logs"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// Tracer opens a job's log at GitLab; *restclient.Client is one.
type Tracer interface {
	Trace(ctx context.Context, cred restclient.Credential, p restclient.ProjectID, job int64, r restclient.TraceRange) (io.ReadCloser, error)
}

// Logs say how a request's logs are read.
type Logs struct {
	Tracer Tracer
	Limits logs.Limits
}

// openLogs are the logs that a request reads.
type openLogs struct {
	budget  logs.Budget
	objects sync.Map // the logs by the object that asked
	reads   sync.Map // the logs by what is read
}

// Log reads a job's log for all that one object asks of it: the first caller for an object reads, the others wait for it. want says what is asked,
// by all of them; a log of which nothing is wanted is not read. Objects that ask the same of the same job share one reading.
func (l *Loaders) Log(ctx context.Context, object any, job *model.Job, want func(*logs.Log) error) (*logs.Log, error) {
	return once(&l.logs.objects, object, func() (*logs.Log, error) {
		log := logs.New(job.DatabaseID(), l.Logs.Limits, &l.logs.budget)
		if err := want(log); err != nil || !log.Wanted() {
			return log, err
		}
		return once(&l.logs.reads, log.Key(), func() (*logs.Log, error) {
			return log, log.Read(ctx, l.opener(job), job.LogSize())
		})
	})
}

// once makes the value of a key at most once; whoever asks meanwhile waits for it.
func once[V any](in *sync.Map, key any, value func() (V, error)) (V, error) {
	made, _ := in.LoadOrStore(key, sync.OnceValues(value))
	return made.(func() (V, error))()
}

// opener opens parts of a job's log, each within the request's limits until it is closed.
func (l *Loaders) opener(job *model.Job) logs.Open {
	return func(ctx context.Context, part restclient.TraceRange) (io.ReadCloser, error) {
		if err := l.enter(ctx); err != nil {
			return nil, err
		}
		body, err := l.Logs.Tracer.Trace(ctx, l.credential, job.In.REST(), job.DatabaseID(), part)
		if err != nil {
			l.leave()
			return nil, err
		}
		return &openLog{ReadCloser: body, leave: l.leave}, nil
	}
}

// openLog holds its place among the request's calls until it is closed.
type openLog struct {
	io.ReadCloser
	leave func()
}

// Close ends the call.
func (o *openLog) Close() error {
	defer o.leave()
	return o.ReadCloser.Close()
}
