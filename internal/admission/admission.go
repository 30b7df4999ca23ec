// Package admission decides which requests are let in: those with a credential that can be sent on, and of each caller as many at a time and
// as often as the operator allows.
package admission

import (
	"fmt"
	"hash/maphash"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/time/rate"

	"jobgraph/graph/errcode"
	"jobgraph/internal/graphqlhttp"
)

// Limits are what one caller may ask. 0 is no bound.
type Limits struct {
	InFlight int     // requests at the same time
	Rate     float64 // requests per second, in the long run
	Burst    int     // requests at once, after a pause; at least 1
}

// idleCallers is how many callers are remembered before those that ask nothing are looked through and forgotten.
const idleCallers = 4096

// Gate lets callers in within limits.
type Gate struct {
	limits Limits
	key    func(*http.Request) string
	now    func() time.Time
	seed   maphash.Seed

	mu      sync.Mutex
	callers map[uint64]*caller // by a keyed hash, so that no credential is kept; a collision would only share a limit
	sweepAt int                // how many callers to remember before the next look through them
}

// caller is what is known of one caller.
type caller struct {
	inFlight int
	rate     *rate.Limiter
}

// New makes a gate. The key says whose request it is.
func New(l Limits, key func(*http.Request) string, now func() time.Time) *Gate {
	l.Burst = max(l.Burst, 1)
	return &Gate{limits: l, key: key, now: now, seed: maphash.MakeSeed(), callers: map[uint64]*caller{}, sweepAt: idleCallers}
}

// Guard lets requests through to next, or answers 429 and when to come back.
func (g *Gate) Guard(next http.Handler) http.Handler {
	if g.limits.InFlight <= 0 && g.limits.Rate <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, refused := g.enter(g.key(r))
		if refused != nil {
			refused.answer(w)
			return
		}
		defer g.leave(c)
		next.ServeHTTP(w, r)
	})
}

// refusal is a limit that a caller has met.
type refusal struct {
	limit string
	value any
	wait  time.Duration
}

func (r *refusal) answer(w http.ResponseWriter) {
	seconds := max(int(math.Ceil(r.wait.Seconds())), 1)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	graphqlhttp.Refuse(w, http.StatusTooManyRequests, &gqlerror.Error{
		Message:    fmt.Sprintf("too many requests; come back in %d seconds", seconds),
		Extensions: map[string]any{"code": errcode.RateLimited, "limit": r.limit, "value": r.value, "retryAfter": seconds},
	})
}

func (g *Gate) enter(key string) (*caller, *refusal) {
	now := g.now()
	hash := maphash.String(g.seed, key)
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.callers[hash]
	if c == nil {
		if len(g.callers) >= g.sweepAt {
			g.forget(now)
		}
		c = &caller{}
		if g.limits.Rate > 0 {
			c.rate = rate.NewLimiter(rate.Limit(g.limits.Rate), g.limits.Burst)
		}
		g.callers[hash] = c
	}
	if g.limits.InFlight > 0 && c.inFlight >= g.limits.InFlight {
		return nil, &refusal{"in-flight", g.limits.InFlight, time.Second}
	}
	if c.rate != nil && !c.rate.AllowN(now, 1) {
		missing := 1 - c.rate.TokensAt(now)
		return nil, &refusal{"rate", g.limits.Rate, time.Duration(missing / g.limits.Rate * float64(time.Second))}
	}
	c.inFlight++
	return c, nil
}

func (g *Gate) leave(c *caller) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.inFlight--
}

// forget drops the callers that would be let in as if they had never come, and where that is not enough, others that ask nothing. It makes
// room for as many callers as it leaves, so that its cost is shared by those that come.
func (g *Gate) forget(now time.Time) {
	for hash, c := range g.callers {
		if c.inFlight == 0 && (c.rate == nil || c.rate.TokensAt(now) >= float64(g.limits.Burst)) {
			delete(g.callers, hash)
		}
	}
	for hash, c := range g.callers {
		if len(g.callers) <= idleCallers/2 {
			break
		}
		if c.inFlight == 0 {
			delete(g.callers, hash)
		}
	}
	g.sweepAt = max(idleCallers, 2*len(g.callers))
}
