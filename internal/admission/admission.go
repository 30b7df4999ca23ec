// Package admission decides which requests are served. It refuses credentials that cannot be sent
// to GitLab, and limits each caller's concurrent requests and request rate.
package admission

import (
	"context"
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
	"jobgraph/internal/caller"
	"jobgraph/internal/telemetry"
)

// Limits bound the requests of one caller. 0 is no bound.
type Limits struct {
	InFlight int     // requests at the same time
	Rate     float64 // requests per second, in the long run
	Burst    int     // requests at once, after a pause; at least 1

	// The same of all callers at one address: credentials cost nothing to invent. AddressRate 0 is
	// Rate.
	AddressInFlight int
	AddressRate     float64
}

// burst returns the burst for a rate: Burst, scaled by the ratio of the rate to Rate.
func (l Limits) burst(perSecond float64) int {
	if l.Rate <= 0 || perSecond <= l.Rate {
		return l.Burst
	}
	return int(float64(l.Burst) * perSecond / l.Rate)
}

// none reports whether there is no limit.
func (l Limits) none() bool {
	return l.InFlight <= 0 && l.Rate <= 0 && l.AddressInFlight <= 0 && l.AddressRate <= 0
}

// maxIdle is how many callers are kept before idle ones are evicted.
const maxIdle = 4096

// Gate enforces the limits of callers.
type Gate struct {
	limits   Limits
	now      func() time.Time
	seed     maphash.Seed
	recorder *telemetry.Recorder

	mu      sync.Mutex
	callers map[uint64]*counts // by a keyed hash, so that no credential is kept; on a collision two callers share a limit
	sweepAt int                // number of callers at which idle ones are evicted
}

// counts are the requests of one caller.
type counts struct {
	inFlight int
	rate     *rate.Limiter
}

// New returns a gate, whose refusals are recorded as operations that failed.
func New(l Limits, now func() time.Time, recorder *telemetry.Recorder) *Gate {
	l.Burst = max(l.Burst, 1)
	if l.AddressRate <= 0 {
		l.AddressRate = l.Rate
	}
	return &Gate{
		limits: l, now: now, seed: maphash.MakeSeed(), recorder: recorder,
		callers: map[uint64]*counts{}, sweepAt: maxIdle,
	}
}

// Guard lets requests through to next, or answers 429 with the time after which to try again. The
// context of a request must have its caller; see [Identify].
func (g *Gate) Guard(next http.Handler) http.Handler {
	if g.limits.none() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _ := caller.From(r.Context())
		c, refused := g.enter(from)
		if refused != nil {
			w.Header().Set("Retry-After", strconv.Itoa(refused.seconds()))
			refuse(w, r, g.recorder, http.StatusTooManyRequests, refused.error())
			return
		}
		if !mayStream(r) {
			defer g.leave(c)
			next.ServeHTTP(w, r)
			return
		}
		leave := sync.OnceFunc(func() { g.leave(c) })
		defer leave()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ticketKey{}, leave)))
	})
}

// Admit admits one operation that did not come in an HTTP request of its own. The context must have
// its caller. The function it returns ends the operation.
func (g *Gate) Admit(ctx context.Context) (leave func(), refused *gqlerror.Error) {
	if g.limits.none() {
		return func() {}, nil
	}
	from, _ := caller.From(ctx)
	c, past := g.enter(from)
	if past != nil {
		return nil, past.error()
	}
	return func() { g.leave(c) }, nil
}

// refusal is the limit that a caller has exceeded.
type refusal struct {
	limit string
	value any
	wait  time.Duration
}

func (r *refusal) seconds() int { return max(int(math.Ceil(r.wait.Seconds())), 1) }

func (r *refusal) error() *gqlerror.Error {
	return &gqlerror.Error{
		Message: fmt.Sprintf("too many requests; come back in %d seconds", r.seconds()),
		Extensions: map[string]any{
			"code": errcode.RateLimited, "limit": r.limit, "value": r.value, "retryAfter": r.seconds(),
		},
	}
}

func (g *Gate) enter(from caller.Caller) (admitted, *refusal) {
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.counts(countsKey{caller: from.LimitKey()}, g.limits.Rate, now)
	if refused := c.enter(now, "in-flight", g.limits.InFlight, "rate", g.limits.Rate); refused != nil {
		return admitted{}, refused
	}
	address := g.counts(countsKey{from.Network(), true}, g.limits.AddressRate, now)
	refused := address.enter(now, "address-in-flight", g.limits.AddressInFlight, "address-rate", g.limits.AddressRate)
	if refused != nil {
		c.inFlight--
		return admitted{}, refused
	}
	return admitted{c, address}, nil
}

// admitted is a request in flight, by what it is counted in.
type admitted struct{ caller, address *counts }

// countsKey is a caller, or all callers at an address.
type countsKey struct {
	caller caller.Caller
	all    bool
}

// counts returns the counts of a key.
func (g *Gate) counts(key countsKey, perSecond float64, now time.Time) *counts {
	hash := maphash.Comparable(g.seed, key)
	c := g.callers[hash]
	if c == nil {
		if len(g.callers) >= g.sweepAt {
			g.evict(now)
		}
		c = &counts{}
		if perSecond > 0 {
			c.rate = rate.NewLimiter(rate.Limit(perSecond), g.limits.burst(perSecond))
		}
		g.callers[hash] = c
	}
	return c
}

// enter counts a request, unless it is past one of the two limits.
func (c *counts) enter(now time.Time, inFlightName string, inFlight int, rateName string, perSecond float64) *refusal {
	if inFlight > 0 && c.inFlight >= inFlight {
		return &refusal{inFlightName, inFlight, time.Second}
	}
	if c.rate != nil && !c.rate.AllowN(now, 1) {
		missing := 1 - c.rate.TokensAt(now)
		return &refusal{rateName, perSecond, time.Duration(missing / perSecond * float64(time.Second))}
	}
	c.inFlight++
	return nil
}

func (g *Gate) leave(a admitted) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a.caller.inFlight--
	a.address.inFlight--
}

// evict drops the callers whose counts equal those of a new caller, and if these are too few, other
// idle ones. The next eviction comes after as many new callers as remain now, so that the cost per
// caller is constant.
func (g *Gate) evict(now time.Time) {
	for hash, c := range g.callers {
		if c.inFlight == 0 && (c.rate == nil || c.rate.TokensAt(now) >= float64(c.rate.Burst())) {
			delete(g.callers, hash)
		}
	}
	for hash, c := range g.callers {
		if len(g.callers) <= maxIdle/2 {
			break
		}
		if c.inFlight == 0 {
			delete(g.callers, hash)
		}
	}
	g.sweepAt = max(maxIdle, 2*len(g.callers))
}
