package fakegitlab

import (
	"net/http"
	"sync"
	"time"
)

// Call is one request that the server received.
type Call struct {
	Method string
	URI    string    // path and query, exactly as received
	Status int       // 0: no answer was sent, or none yet
	Token  string    // the token's name, never its value; empty without a known credential
	At     time.Time // when it arrived, by the instance's clock
}

// maxCalls bounds the call log of a server that runs for days. When it is full, its older half is
// dropped.
const maxCalls = 1 << 17

// callLog holds calls in the order of their arrival.
type callLog struct {
	mu    sync.Mutex
	calls []*Call
}

// callEntry is a call in the log whose answer may not have been sent yet.
type callEntry struct {
	log  *callLog
	call *Call
}

func (l *callLog) open(r *http.Request, at time.Time) callEntry {
	call := &Call{Method: r.Method, URI: r.RequestURI, At: at}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= maxCalls {
		l.calls = append([]*Call(nil), l.calls[maxCalls/2:]...)
	}
	l.calls = append(l.calls, call)
	return callEntry{l, call}
}

func (e callEntry) close(status int, token string) {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.call.Status, e.call.Token = status, token
}

// Calls returns the calls since the start or the last reset, in the order in which they arrived.
func (s *Server) Calls() []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	calls := make([]Call, len(s.calls.calls))
	for i, c := range s.calls.calls {
		calls[i] = *c
	}
	return calls
}

// ResetCalls empties the call log.
func (s *Server) ResetCalls() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.calls = nil
}
