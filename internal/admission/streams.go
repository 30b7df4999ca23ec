package admission

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/caller"
)

// StreamLimits bound the subscriptions that are open at the same time. 0 is no bound.
type StreamLimits struct {
	Caller int // of one caller
	Total  int // of all callers
}

// Streams limits open subscriptions, over all transports.
type Streams struct {
	limits StreamLimits
	seed   maphash.Seed

	mu      sync.Mutex
	total   int
	callers map[uint64]int // open streams, by a keyed hash of the caller; only callers that have one
}

// NewStreams returns a counter of subscriptions.
func NewStreams(l StreamLimits) *Streams {
	return &Streams{limits: l, seed: maphash.MakeSeed(), callers: map[uint64]int{}}
}

// Admit admits one subscription. The context must have its caller. The function it returns ends the
// subscription. The HTTP request that it answers no longer counts as a request in flight.
func (s *Streams) Admit(ctx context.Context) (leave func(), refused *gqlerror.Error) {
	from, _ := caller.From(ctx)
	key := maphash.Comparable(s.seed, from.LimitKey())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.limits.Total > 0 && s.total >= s.limits.Total:
		return nil, tooManyStreams("streams", s.limits.Total)
	case s.limits.Caller > 0 && s.callers[key] >= s.limits.Caller:
		return nil, tooManyStreams("streams-per-caller", s.limits.Caller)
	}
	s.total++
	s.callers[key]++
	if endRequest, ok := ctx.Value(ticketKey{}).(func()); ok {
		endRequest()
	}
	return sync.OnceFunc(func() { s.leave(key) }), nil
}

func (s *Streams) leave(key uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.callers[key]--; s.callers[key] == 0 {
		delete(s.callers, key)
	}
}

// Open returns how many subscriptions are open.
func (s *Streams) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

func tooManyStreams(limit string, value int) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("too many subscriptions at the same time: %d at most", value),
		Extensions: map[string]any{"code": errcode.RateLimited, "limit": limit, "value": value},
	}
}

// ticketKey is the key of a context's function that ends the request as one in flight.
type ticketKey struct{}

// mayStream reports whether a request may be answered by a stream.
func mayStream(r *http.Request) bool {
	for _, accept := range r.Header["Accept"] {
		if strings.Contains(accept, "event-stream") || strings.Contains(accept, "multipart") ||
			strings.Contains(accept, "*/*") {
			return true
		}
	}
	return len(r.Header["Accept"]) == 0
}
