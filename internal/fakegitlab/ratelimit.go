package fakegitlab

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts requests in fixed windows of a minute, like both of GitLab's limiters.
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

// allow counts a call and reports whether it is within the limit per minute. Zero means no limit.
func (l *limiter) allow(name, key string, limit int, now time.Time) bool {
	return limit == 0 || l.count(name, key, now) <= limit
}

// tooManyJobsIndex is the error of GitLab's own limiter: its message is an object, and no header
// contains a time to wait.
func tooManyJobsIndex() *problem {
	body := `{"message":{"error":"` + tooManyRequests + `"}}`
	return &problem{status: http.StatusTooManyRequests, body: []byte(body)}
}

// throttle applies the limits of Rack::Attack, which runs before the API. Its errors are plain text
// with all rate limit headers.
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

// throttleBy counts a request under a key and returns an error if it exceeds the limit. Zero means
// no limit.
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

// retryLater is the error of Rack::Attack.
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
