package fakegitlab

import (
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way in which an upstream fails.
type FaultKind int

const (
	// ResetConnection resets the connection instead of answering. The request is not processed.
	ResetConnection FaultKind = iota + 1
	// ResetMidBody resets the connection in the middle of the correct answer.
	ResetMidBody
	// AnswerLost processes the request and then resets the connection: the client cannot learn the
	// outcome.
	AnswerLost
	// HangBeforeHeaders sends nothing until the client disconnects or the fault is removed.
	HangBeforeHeaders
	// HangAfterHeaders sends the correct headers, and then nothing, like HangBeforeHeaders.
	HangAfterHeaders
	// TruncatedJSON sends the first half of the correct answer, with a matching Content-Length.
	TruncatedJSON
	// InvalidJSON answers 200 with a body that is not valid JSON.
	InvalidJSON
	// WrongContentType sends the correct body as text/html.
	WrongContentType
	// HTMLPage is a proxy's error page. Fault.Status is its status, 502 by default.
	HTMLPage
	// ErrorStatus answers Fault.Status (500 by default) with GitLab's body for it, and with
	// Fault.RetryAfter if that is set.
	ErrorStatus
	// ThrottledByEndpoint is the 429 of an endpoint's own limit: JSON whose message is an object.
	ThrottledByEndpoint
	// ThrottledByRack is the 429 of Rack::Attack: plain text and rate limit headers.
	// Fault.RetryAfter replaces its Retry-After.
	ThrottledByRack
	// Redirect redirects the client to Fault.Location.
	Redirect
	// EndlessBody is a JSON array that never ends.
	EndlessBody
	// SlowDrip sends the correct body one byte at a time, at intervals of Fault.Every.
	SlowDrip
	// GarbageLink adds a malformed Link header to the correct answer.
	GarbageLink
	// RepeatedPage adds a rel="next" to the correct answer that leads to the same page again.
	RepeatedPage
)

// Fault describes which requests fail, and how.
type Fault struct {
	Kind FaultKind
	// Match is a method and a path such as "GET /api/v4/projects/*/jobs", where * is one segment.
	// The method may be left out. The empty string matches every request.
	Match string
	// Token limits the fault to requests with this credential in a header. The empty string matches
	// every request, with or without a credential.
	Token string
	// Nth is the first matching request that fails, counted from 1. Zero is the first.
	Nth int
	// Times is the number of requests that fail. Zero is all of them until the fault is removed.
	Times int
	// Probability is the probability with which each of them fails, drawn from Seed. Zero means
	// that all of them fail.
	Probability float64
	Seed        uint64

	// The fields below apply to some kinds only; see the kinds.

	Status     int
	RetryAfter string // the header as it is sent: seconds, a date, or an invalid value
	Location   string
	Every      time.Duration // zero: without pauses
}

// Inject makes matching requests fail from now on. If several faults match, the one injected first
// applies. remove removes the fault and ends the requests that hang because of it. It may be called
// more than once.
func (s *Server) Inject(f Fault) (remove func()) {
	active := &activeFault{
		Fault: f, now: s.options.Now, released: make(chan struct{}), rand: rand.New(rand.NewPCG(f.Seed, 1)),
	}
	s.faults.add(active)
	return sync.OnceFunc(func() {
		s.faults.remove(active)
		close(active.released)
	})
}

// activeFault is an injected fault with its counts so far.
type activeFault struct {
	Fault
	now      func() time.Time
	released chan struct{}
	rand     *rand.Rand
	matched  int
	fired    int
}

// faultList holds the injected faults, oldest first.
type faultList struct {
	mu     sync.Mutex
	active []*activeFault
}

func (l *faultList) add(f *activeFault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active = append(l.active, f)
}

func (l *faultList) remove(f *activeFault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var rest []*activeFault
	for _, have := range l.active {
		if have != f {
			rest = append(rest, have)
		}
	}
	l.active = rest
}

// next returns the fault that applies to the request, or nil.
func (l *faultList) next(r *http.Request) *activeFault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.active {
		if f.matches(r) && f.fires() {
			return f
		}
	}
	return nil
}

func (f *activeFault) matches(r *http.Request) bool {
	if f.Token != "" && f.Token != credential(r) {
		return false
	}
	if f.Match == "" {
		return true
	}
	method, pattern, found := strings.Cut(f.Match, " ")
	if !found {
		method, pattern = r.Method, f.Match
	}
	ok, err := path.Match(pattern, r.URL.EscapedPath())
	return err == nil && ok && method == r.Method
}

// fires counts a matching request and reports whether it fails.
func (f *activeFault) fires() bool {
	f.matched++
	if f.matched < f.Nth || f.Times > 0 && f.fired >= f.Times {
		return false
	}
	if f.Probability > 0 && f.rand.Float64() >= f.Probability {
		return false
	}
	f.fired++
	return true
}
