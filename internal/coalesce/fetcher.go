package coalesce

import (
	"context"
	"sync/atomic"
	"time"

	"jobgraph/restclient"
)

// Source reads GitLab for a caller; *restclient.Client is one.
type Source interface {
	Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error)
}

// Fetcher shares reads in flight of equal paths between callers with equal credentials.
type Fetcher struct {
	source Source
	reads  Group[read, *restclient.Response]
	shared atomic.Int64
}

// read is everything that the response to a read depends on.
type read struct {
	credential restclient.Credential
	path       string
}

// NewFetcher returns a Fetcher that shares the reads of s. timeout is that of one call; a follower
// has as much, from when it begins to wait.
func NewFetcher(s Source, timeout time.Duration) *Fetcher {
	return &Fetcher{source: s, reads: Group[read, *restclient.Response]{
		FollowerTimeout:    timeout,
		ErrFollowerTimeout: &restclient.TransportError{Kind: restclient.Timeout, Err: context.DeadlineExceeded},
		Share:              (*restclient.Response).Shared,
	}}
}

// Fetch reads a path. A read that another caller leads is counted as shared by the cost of ctx.
func (f *Fetcher) Fetch(ctx context.Context, cred restclient.Credential, path string) (*restclient.Response, error) {
	response, shared, err := f.reads.Do(ctx, read{cred, path}, func(ctx context.Context) (*restclient.Response, error) {
		return f.source.Fetch(ctx, cred, path)
	})
	if shared {
		f.shared.Add(1)
		restclient.CostFrom(ctx).AddShared()
	}
	return response, err
}

// Shared returns how many reads so far were answered by another caller's call.
func (f *Fetcher) Shared() int64 { return f.shared.Load() }

// Forget separates the reads in flight from those to come; see [Group.Forget].
func (f *Fetcher) Forget() { f.reads.Forget() }
