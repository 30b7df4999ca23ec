package restclient

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// unnamedThrottle is how long a 429 that names no time is remembered. GitLab's limit on job lists
	// is such a one, over windows of one minute: a caller past it costs GitLab four refusals a window
	// at most, and is served again within this time after the window has ended.
	unnamedThrottle = 15 * time.Second

	// maxThrottle bounds how long a 429 that names a time is remembered. Then one call is sent.
	maxThrottle = 10 * time.Minute

	// refusedCredential is how long a 401 is remembered: a guessed token costs GitLab one failed login
	// for a route and not one a call, and a new token is not refused for long.
	refusedCredential = 5 * time.Second

	// maxThrottles bounds what is remembered, at a few hundred bytes each.
	maxThrottles = 4096
)

// throttles remember which callers GitLab throttles on which routes, and which credentials it
// refuses there, so that they cost GitLab one refusal and not one a call. A job's token is refused
// by most routes and right for others. Credentials are kept as keyed hashes only.
type throttles struct {
	secret [sha256.Size]byte
	last   atomic.Int64 // when the last of them ends, in Unix nanoseconds: past it none needs to be looked up

	mu   sync.Mutex
	ends map[throttleKey]throttle
}

// throttle is GitLab's refusal until a time.
type throttle struct {
	end    int64  // Unix nanoseconds
	status int    // 429 or 401
	said   string // GitLab's message for 401
}

type throttleKey [16]byte

func newThrottles() *throttles {
	t := &throttles{ends: map[throttleKey]throttle{}}
	_, _ = rand.Read(t.secret[:]) // which never fails
	return t
}

// check returns the error of a call that GitLab would refuse, or nil.
func (t *throttles) check(call *call, now time.Time) error {
	if now.UnixNano() >= t.last.Load() {
		return nil
	}
	key := t.key(call)
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.ends[key]
	left := time.Duration(found.end - now.UnixNano())
	if left <= 0 {
		return nil
	}
	if found.status == http.StatusUnauthorized {
		return &Error{Status: found.status, Message: found.said}
	}
	return &Error{Status: http.StatusTooManyRequests, Message: throttled, RetryAfter: left}
}

// throttled is the error of a call that was not sent.
const throttled = "GitLab's rate limit for this credential has been reached"

// remember notes that GitLab refused the call with a 429 or a 401, and puts a time into the error
// of a 429 if it has none.
func (t *throttles) remember(call *call, refusal *Error, now time.Time) {
	lasts := refusedCredential
	switch {
	case refusal.Status == http.StatusTooManyRequests:
		if refusal.RetryAfter == 0 {
			refusal.RetryAfter = unnamedThrottle
		}
		lasts = min(refusal.RetryAfter, maxThrottle)
	case refusal.Status != http.StatusUnauthorized || call.cred.IsAnonymous():
		return
	}
	end := now.Add(lasts).UnixNano()
	key := t.key(call)
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.UnixNano() >= t.last.Load() {
		clear(t.ends) // all have ended
		t.last.Store(0)
	}
	if _, known := t.ends[key]; !known && len(t.ends) >= maxThrottles {
		for any := range t.ends {
			delete(t.ends, any)
			break
		}
	}
	t.ends[key] = throttle{end: end, status: refusal.Status, said: refusal.Message}
	t.last.Store(max(t.last.Load(), end))
}

// key identifies the caller and the class of routes by a keyed hash.
func (t *throttles) key(call *call) (key throttleKey) {
	hash := hmac.New(sha256.New, t.secret[:])
	for _, part := range [...]string{call.cred.Header, call.cred.Value, call.method, routeClass(call.path)} {
		_, _ = io.WriteString(hash, part)
		_, _ = hash.Write([]byte{0})
	}
	copy(key[:], hash.Sum(nil))
	return key
}

// routeClass returns the path of an endpoint without its query, and with "*" for what names a
// project or has a number: GitLab limits a user's calls to an endpoint over all projects.
func routeClass(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if i > 0 && segments[i-1] == "projects" || segment != "" && strings.Trim(segment, "0123456789") == "" {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}
