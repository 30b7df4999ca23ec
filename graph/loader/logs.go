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
	Trace(
		ctx context.Context, cred restclient.Credential, p restclient.ProjectID, job int64, r restclient.TraceRange,
	) (io.ReadCloser, error)
}

// openLogs are the logs that a request reads.
type openLogs struct {
	budget  logs.Budget
	objects sync.Map // the logs by the object that they are selected on
	reads   sync.Map // the logs by what is read
}

// Log reads a job's log for all that is selected of it on one object: the first call for an object
// reads, and the others wait for it. want sets what is selected; a log of which nothing is selected
// is not read. Objects on which the same is selected of the same job share one reading.
func (l *Request) Log(ctx context.Context, object any, job *model.Job, want func(*logs.Log) error) (*logs.Log, error) {
	return once(&l.logs.objects, object, func() (*logs.Log, error) {
		log := logs.New(logOf(job), l.config.LogLimits, &l.logs.budget)
		if err := want(log); err != nil || !log.Wanted() {
			return log, err
		}
		return once(&l.logs.reads, log.Key(), func() (*logs.Log, error) {
			return log, log.Read(ctx, l.opener(job))
		})
	})
}

// logOf returns the properties of a job that its log's reading depends on.
func logOf(job *model.Job) logs.Job {
	return logs.Job{ID: job.DatabaseID(), Ended: job.Complete(), Failed: job.Job.Status == "failed", LogSize: job.LogSize()}
}

// once returns the value of a key, which is made at most once. Calls meanwhile wait for it.
func once[V any](in *sync.Map, key any, value func() (V, error)) (V, error) {
	made, _ := in.LoadOrStore(key, sync.OnceValues(value))
	return made.(func() (V, error))()
}

// opener returns the function that opens parts of a job's log. Each is one of the request's calls
// until it is closed.
func (l *Request) opener(job *model.Job) logs.Open {
	return func(ctx context.Context, part restclient.TraceRange) (io.ReadCloser, error) {
		if err := l.gate.enter(ctx); err != nil {
			return nil, err
		}
		body, err := l.config.Tracer.Trace(ctx, l.config.Credential, job.In.REST(), job.DatabaseID(), part)
		if err != nil {
			l.gate.leave()
			return nil, err
		}
		return &openLog{ReadCloser: body, leave: l.gate.leave}, nil
	}
}

// openLog is an upstream call that goes on until it is closed.
type openLog struct {
	io.ReadCloser
	leave func()
}

// Close ends the call.
func (o *openLog) Close() error {
	defer o.leave()
	return o.ReadCloser.Close()
}
