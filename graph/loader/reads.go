package loader

import (
	"context"
	"errors"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"jobgraph/restclient"
)

// Fetcher sends one read to GitLab; *restclient.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error)
}

// answer is the response to one URL, decoded at most once.
type answer struct {
	response *restclient.Response
	err      error

	decode     sync.Once
	decoded    any
	decodedErr error
}

// dataloaders are made at their first use, because most requests are answered by the fast engine
// and need none. GitLab has no call that answers several URLs, so that a batch of answers is one;
// jobs are batched, because one list may answer several.
type dataloaders struct {
	answers *dataloader.Loader[string, *answer]
	jobs    *dataloader.Loader[jobKey, jobAnswer]
}

func (l *Request) dataloaders() *dataloaders {
	if d := l.loading.Load(); d != nil {
		return d
	}
	l.loading.CompareAndSwap(nil, &dataloaders{
		answers: dataloader.NewBatchedLoader(l.fetchAll,
			dataloader.WithBatchCapacity[string, *answer](1), dataloader.WithInputCapacity[string, *answer](1)),
		jobs: dataloader.NewBatchedLoader(l.loadJobs, dataloader.WithWait[jobKey, jobAnswer](0)),
	})
	return l.loading.Load()
}

// fetchAll is the batch function of answers.
func (l *Request) fetchAll(ctx context.Context, paths []string) []*dataloader.Result[*answer] {
	results := make([]*dataloader.Result[*answer], len(paths))
	for i, path := range paths {
		response, err := l.Fetch(ctx, path)
		results[i] = &dataloader.Result[*answer]{Data: &answer{response: response, err: err}}
	}
	return results
}

// Fetch sends one read, within the request's limits, and does not remember it, except for a request
// with parts.
func (l *Request) Fetch(ctx context.Context, path string) (*restclient.Response, error) {
	if l.config.Parts {
		return l.fetchOnce(ctx, path)
	}
	return l.send(ctx, path)
}

func (l *Request) send(ctx context.Context, path string) (*restclient.Response, error) {
	if err := l.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer l.gate.leave()
	stop := l.bill.start()
	response, err := l.config.Fetcher.Fetch(ctx, l.config.Credential, path)
	stop()
	return response, err
}

// Prime remembers what Fetch returned for a path, so that loading that path sends nothing.
func (l *Request) Prime(ctx context.Context, path string, response *restclient.Response, err error) {
	l.dataloaders().answers.Prime(ctx, path, &answer{response: response, err: err})
}

// load reads one path as its type, once in a request.
func load[T any](ctx context.Context, l *Request, g restclient.Get[T]) (T, error) {
	return loadAs(ctx, l, g.Path(), func(r *restclient.Response) (T, error) { return restclient.Decode[T](r) })
}

// errNoAddress is the error of what has no path in the REST API. The caller's own arguments are
// checked before, so that GitLab has left out the number, or the project, of an object.
var errNoAddress = &restclient.InvalidError{
	Reason: restclient.Incomplete, Err: errors.New("an object without its number or project"),
}

// loadAs reads one path and decodes it, both once in a request. A path always has the same type.
func loadAs[T any](
	ctx context.Context, l *Request, path string, decode func(*restclient.Response) (T, error),
) (T, error) {
	var zero T
	if path == "" {
		return zero, errNoAddress
	}
	a, err := l.dataloaders().answers.Load(ctx, path)()
	if err != nil {
		return zero, err
	}
	if a.err != nil {
		return zero, a.err
	}
	a.decode.Do(func() { a.decoded, a.decodedErr = decode(a.response) })
	if a.decodedErr != nil {
		return zero, a.decodedErr
	}
	return a.decoded.(T), nil
}
