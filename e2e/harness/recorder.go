package harness

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Recorder is an upstream that notes the calls it gets, and hands them to another.
type Recorder struct {
	mu      sync.Mutex
	handler http.Handler
	calls   []*string
}

// Replace puts another upstream in the place of the one before.
func (r *Recorder) Replace(h http.Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handler = h
}

func (r *Recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	call := q.Method + " " + strings.TrimPrefix(q.RequestURI, "/api/v4")
	line := call + " unanswered"
	r.mu.Lock()
	r.calls = append(r.calls, &line)
	handler := r.handler
	r.mu.Unlock()
	handler.ServeHTTP(&statusWriter{w, func(status int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		line = fmt.Sprintf("%s %d", call, status)
	}}, q)
}

// Calls returns the calls so far, sorted: those that are made concurrently come in any order. A
// call is its method, its path below /api/v4, and the status of its answer.
func (r *Recorder) Calls() []string {
	lines := r.CallsInOrder()
	slices.Sort(lines)
	return lines
}

// CallsInOrder returns the calls so far, in the order in which they came.
func (r *Recorder) CallsInOrder() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := make([]string, len(r.calls))
	for i, line := range r.calls {
		lines[i] = *line
	}
	return lines
}

// CallsOf returns how many GET calls were made to a path so far, whatever their query.
func (r *Recorder) CallsOf(path string) (n int) {
	for _, call := range r.CallsInOrder() {
		method, rest, _ := strings.Cut(call, " ")
		called, _, _ := strings.Cut(rest, "?")
		called, _, _ = strings.Cut(called, " ")
		if method == http.MethodGet && "/api/v4"+called == path {
			n++
		}
	}
	return n
}

// Reset forgets the calls so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

// statusWriter reports the status of an answer before the client can know it.
type statusWriter struct {
	http.ResponseWriter
	report func(status int)
}

func (w *statusWriter) WriteHeader(status int) {
	w.once(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.once(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

func (w *statusWriter) once(status int) {
	if w.report != nil {
		w.report(status)
	}
	w.report = nil
}

// Unwrap lets the simulator take the connection over, to break it.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
