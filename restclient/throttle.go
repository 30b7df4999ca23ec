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
	// unnamedThrottle is how long a 429 that names no time is believed. GitLab's limit on job lists is
	// such a one, over windows of one minute: a caller past it costs GitLab four refusals a window at
	// most, and is served again within this time after the window has ended.
	unnamedThrottle = 15 * time.Second

	// maxThrottle bounds how long GitLab's own time is believed. Then one call finds out.
	maxThrottle = 10 * time.Minute

	// maxThrottles bounds what is remembered, at less than 64 bytes each.
	maxThrottles = 4096
)

// throttles remember which callers GitLab throttles on which routes, so that they cost GitLab one
// refusal and not one a call. Credentials are kept as keyed hashes only.
type throttles struct {
	secret [sha256.Size]byte
	last   atomic.Int64 // when the last of them ends, in Unix nanoseconds: past it none needs to be looked up

	mu   sync.Mutex
	ends map[throttleKey]int64 // Unix nanoseconds
}

type throttleKey [16]byte

func newThrottles() *throttles {
	t := &throttles{ends: map[throttleKey]int64{}}
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
	left := time.Duration(t.ends[key] - now.UnixNano())
	if left <= 0 {
		return nil
	}
	return &Error{Status: http.StatusTooManyRequests, Message: throttled, RetryAfter: left}
}

// throttled is said of a call that was not sent.
const throttled = "GitLab's rate limit for this credential has been reached"

// remember notes that GitLab refused the call with a 429, and puts a time into its error if it has none.
func (t *throttles) remember(call *call, refusal *Error, now time.Time) {
	if refusal.RetryAfter == 0 {
		refusal.RetryAfter = unnamedThrottle
	}
	end := now.Add(min(refusal.RetryAfter, maxThrottle)).UnixNano()
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
	t.ends[key] = end
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

// routeClass returns the path of an endpoint without its query, and with "*" for what names a project
// or has a number: GitLab limits a user's calls to an endpoint over all projects.
func routeClass(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if i > 0 && segments[i-1] == "projects" || strings.Trim(segment, "0123456789") == "" {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}
