package fakegitlab

import (
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// FaultKind is a way for an upstream to fail.
type FaultKind int

const (
	// ResetConnection resets the connection instead of answering; the request was not acted on.
	ResetConnection FaultKind = iota + 1
	// ResetMidBody resets it in the middle of the right answer.
	ResetMidBody
	// AnswerLost acts on the request and then resets the connection: the client cannot learn the
	// outcome.
	AnswerLost
	// HangBeforeHeaders sends nothing until the client goes away or the fault is removed.
	HangBeforeHeaders
	// HangAfterHeaders does so after the right headers.
	HangAfterHeaders
	// TruncatedJSON cuts the right answer in half, with a Content-Length to match.
	TruncatedJSON
	// InvalidJSON answers 200 with a body that no parser takes.
	InvalidJSON
	// WrongContentType sends the right body as text/html.
	WrongContentType
	// HTMLPage is a proxy's error page; Fault.Status is its status, 502 by default.
	HTMLPage
	// ErrorStatus answers Fault.Status (500 by default) as GitLab words it, with Fault.RetryAfter
	// if that is set.
	ErrorStatus
	// ThrottledByEndpoint is the 429 of an endpoint's own limit: JSON whose message is an object.
	ThrottledByEndpoint
	// ThrottledByRack is the 429 of Rack::Attack: plain text and rate limit headers;
	// Fault.RetryAfter replaces its own.
	ThrottledByRack
	// Redirect sends the client to Fault.Location.
	Redirect
	// EndlessBody is a JSON array that never ends.
	EndlessBody
	// SlowDrip sends the right body one byte at a time, Fault.Every apart.
	SlowDrip
	// GarbageLink gives the right body a Link header that makes no sense.
	GarbageLink
	// RepeatedPage gives the right body a rel="next" that leads to the same page again.
	RepeatedPage
)

// Fault describes which requests fail, and how.
type Fault struct {
	Kind FaultKind
	// Match is a method and a path such as "GET /api/v4/projects/*/jobs", where * is one segment;
	// the method may be left out, and empty matches everything.
	Match string
	// Token limits the fault to requests that carry this credential in a header; empty matches
	// every one and none.
	Token string
	// Nth is the first matching request that fails, counted from 1; zero is the first.
	Nth int
	// Times is how many fail; zero is all of them until the fault is removed.
	Times int
	// Probability makes each of them fail by chance, drawn from Seed; zero is certainty.
	Probability float64
	Seed        uint64

	// What some kinds need; see there.
	Status     int
	RetryAfter string // the header as it is sent: seconds, a date, or nonsense
	Location   string
	Every      time.Duration // zero: as fast as single bytes go
}

// Inject makes matching requests fail from now on. Where several faults match, the one injected
// first wins. remove takes the fault away and ends the requests that it keeps hanging; it may be
// called more than once.
func (s *Server) Inject(f Fault) (remove func()) {
	active := &activeFault{Fault: f, now: s.options.Now, released: make(chan struct{}), rand: rand.New(rand.NewPCG(f.Seed, 1))}
	s.faults.add(active)
	return sync.OnceFunc(func() {
		s.faults.remove(active)
		close(active.released)
	})
}

// activeFault is a fault that has been injected and what has come of it so far.
type activeFault struct {
	Fault
	now      func() time.Time
	released chan struct{}
	rand     *rand.Rand
	matched  int
	fired    int
}

// faultList holds the injected faults in order.
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

// next is the fault that this request meets, or nil.
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

// fires counts a matching request and decides whether it fails.
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
