package fakegitlab

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts in fixed windows of a minute, as both of GitLab's limiters do.
type limiter struct {
	mu     sync.Mutex
	window int64
	counts map[string]int
}

// count adds one to a key in the current minute and returns the new count.
func (l *limiter) count(name, key string, now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if window := now.Unix() / 60; window != l.window || l.counts == nil {
		l.window, l.counts = window, map[string]int{}
	}
	l.counts[name+" "+key]++
	return l.counts[name+" "+key]
}

// allow is false past limit calls in a minute; a limit of zero is none.
func (l *limiter) allow(name, key string, limit int, now time.Time) bool {
	return limit == 0 || l.count(name, key, now) <= limit
}

// tooManyJobsIndex is the answer of GitLab's own limiter: the message is an object, and no header
// holds a time to wait.
func tooManyJobsIndex() *problem {
	body := `{"message":{"error":"` + tooManyRequests + `"}}`
	return &problem{status: http.StatusTooManyRequests, body: []byte(body)}
}

// throttle is Rack::Attack, which comes before the API: its refusals are plain text with all rate
// limit headers.
func (q *request) throttle() *problem {
	name := "throttle_authenticated_api"
	if q.identity.user == nil {
		name = "throttle_unauthenticated_api"
	}
	if refusal := q.throttleBy(name, q.identity.key(q.http), q.server.options.Limits.Requests); refusal != nil {
		return refusal
	}
	if t := q.identity.token; t != nil {
		return q.throttleBy(name, "token "+t.value, t.Limit)
	}
	return nil
}

// throttleBy counts a request under a key; a limit of zero is none.
func (q *request) throttleBy(name, key string, limit int) *problem {
	if limit == 0 {
		return nil
	}
	observed := q.server.limiter.count(name, key, q.now)
	if observed <= limit {
		return nil
	}
	return retryLater(name, limit, observed, q.now)
}

func retryLater(name string, limit, observed int, now time.Time) *problem {
	reset := now.Truncate(time.Minute).Add(time.Minute)
	p := &problem{status: http.StatusTooManyRequests, text: true, header: http.Header{}, body: []byte("Retry later\n")}
	p.header["RateLimit-Name"] = []string{name}
	p.header["RateLimit-Limit"] = []string{strconv.Itoa(limit)}
	p.header["RateLimit-Observed"] = []string{strconv.Itoa(observed)}
	p.header["RateLimit-Remaining"] = []string{"0"}
	p.header["RateLimit-Reset"] = []string{strconv.FormatInt(reset.Unix(), 10)}
	p.header["RateLimit-ResetTime"] = []string{reset.UTC().Format(http.TimeFormat)}
	p.header.Set("Retry-After", strconv.Itoa(int((reset.Sub(now)+time.Second-1)/time.Second)))
	return p
}
