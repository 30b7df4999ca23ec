package loader

import (
	"sync/atomic"
	"time"

	"jobgraph/restclient"
)

// Cost is the cost of a request at GitLab.
type Cost struct {
	restclient.Counts
	Time time.Duration // waited for GitLab; calls at the same time count each
}

// bill adds up the cost of one request.
type bill struct {
	now    func() time.Time // nil: nothing is counted
	calls  restclient.Cost  // counted by the client
	waited atomic.Int64     // nanoseconds
}

func (b *bill) cost() Cost {
	return Cost{Counts: b.calls.Counts(), Time: time.Duration(b.waited.Load())}
}

// start starts the clock of one call; the function that it returns stops it.
func (b *bill) start() (stop func()) {
	if b.now == nil {
		return func() {}
	}
	begin := b.now()
	return func() { b.waited.Add(int64(b.now().Sub(begin))) }
}
