package coalesce

import (
	"context"
	"time"

	"jobgraph/restclient"
)

// Source reads GitLab for a caller.
type Source interface {
	Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error)
}

// Fetcher shares reads of equal paths by callers with equal credentials.
type Fetcher struct {
	source Source
	reads  Group[read, *restclient.Response]
}

// read is the whole key of a read: whatever changes its answer.
type read struct {
	credential restclient.Credential
	path       string
}

// NewFetcher shares the reads of a source. timeout is the time of one call: a follower has as much, from when it began
// to wait.
func NewFetcher(s Source, timeout time.Duration) *Fetcher {
	f := &Fetcher{source: s}
	f.reads.Patience = timeout
	f.reads.Late = &restclient.TransportError{Kind: restclient.Timeout, Err: context.DeadlineExceeded}
	return f
}

// Fetch reads a path. The cost of ctx counts an answer, or an error, of another caller's call as shared.
func (f *Fetcher) Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error) {
	response, shared, err := f.reads.Do(ctx, read{cred, path}, func(ctx context.Context) (*restclient.Response, error) {
		return f.source.Fetch(ctx, cred, path)
	})
	if shared {
		restclient.CostFrom(ctx).AddShared()
	}
	return response, err
}

// Forget makes every read from now on begin anew; see [Group.Forget].
func (f *Fetcher) Forget() { f.reads.Forget() }
