package loader

import (
	"context"
	"sync"

	"jobgraph/internal/budget"
	"jobgraph/restclient"
)

// common is what the parts of a request share.
type common struct {
	gate      gate
	bill      bill
	responses sync.Map // of GitLab, by path; empty unless there are parts
}

// Part returns the loaders of one part of the request. They share the request's limits, its bill
// and GitLab's responses, and otherwise load for themselves: what is selected of a log is selected
// by a part.
func (l *Request) Part() *Request {
	part := &Request{config: l.config, common: l.common}
	part.logs.budget.Reserve = l.config.LogMemory
	part.config.JobLists = nil // each part reads its own lists
	return part
}

// IsPart reports whether the request is answered in parts. Then a list is read as if it were the
// only one, so that each part reads the same pages of it.
func (l *Request) IsPart() bool { return l.config.Parts }

// fetchOnce is Fetch for a request with parts: a path is read once for all of them. What is kept is
// paid for as if it were decoded, for one part may do that.
func (l *Request) fetchOnce(ctx context.Context, path string) (*restclient.Response, error) {
	response, err := once(&l.responses, path, func() (*restclient.Response, error) {
		response, err := l.send(ctx, path)
		if err == nil && budget.IsUndecoded(ctx) {
			err = budget.Grow(ctx, (budget.DecodedFactor-1)*int64(len(response.Body)))
		}
		return response, err
	})
	if err != nil {
		return nil, err
	}
	copied := *response // a part may drop the body
	return &copied, nil
}
