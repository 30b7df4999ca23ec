package harness

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
)

// Simulator returns the test company on a simulated GitLab whose clock stands still.
func Simulator(release fakegitlab.Release) *fakegitlab.Server { return simulated(Company, release) }

// SmallSimulator is [Simulator] without the projects that have many jobs.
func SmallSimulator(release fakegitlab.Release) *fakegitlab.Server {
	return simulated(func(b *fakegitlab.Builder) { offices(b) }, release)
}

func simulated(dataset func(*fakegitlab.Builder), release fakegitlab.Release) *fakegitlab.Server {
	return fakegitlab.New(fakegitlab.Options{Dataset: dataset, Now: func() time.Time { return Noon }, Release: release})
}

// Acme returns the test company on a simulated GitLab whose pages have another address than the one
// that it is called by.
func Acme(faults ...fakegitlab.Fault) *fakegitlab.Server {
	gitlab := fakegitlab.New(fakegitlab.Options{
		Dataset: Company,
		Now:     func() time.Time { return Noon },
		URL:     "https://gitlab.example.com",
	})
	for _, f := range faults {
		gitlab.Inject(f)
	}
	return gitlab
}

// Untouched is an upstream that must not be called.
func Untouched(t testing.TB) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("an upstream call: %s %s", r.Method, r.URL)
	})
}

// Held is an upstream that holds calls until they are released or their client goes away.
type Held struct {
	Arrived chan *http.Request // the calls that are held
	Gone    chan *http.Request // the held calls whose client went away

	upstream http.Handler
	options  HeldOptions
	release  chan struct{}
	free     func()
}

// HeldOptions say which calls are held, and at which point.
type HeldOptions struct {
	Only        func(*http.Request) bool                     // which calls; nil: all
	Before      func(w http.ResponseWriter, r *http.Request) // runs before a call is held; nil: nothing does
	AnswerFirst bool                                         // the answer is made before the call is held, and sent after
}

// Hold returns an upstream that holds calls to another.
func Hold(upstream http.Handler, o HeldOptions) *Held {
	h := &Held{
		Arrived:  make(chan *http.Request, 1024),
		Gone:     make(chan *http.Request, 1024),
		upstream: upstream, options: o, release: make(chan struct{}),
	}
	h.free = sync.OnceFunc(func() { close(h.release) })
	return h
}

// Release lets all calls go, those to come too.
func (h *Held) Release() { h.free() }

func (h *Held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.options.Only != nil && !h.options.Only(r) {
		h.upstream.ServeHTTP(w, r)
		return
	}
	var answer *httptest.ResponseRecorder
	if h.options.AnswerFirst {
		answer = Record(h.upstream, r)
	}
	if h.options.Before != nil {
		h.options.Before(w, r)
	}
	h.Arrived <- r
	select {
	case <-h.release:
	case <-r.Context().Done():
		h.Gone <- r
		return
	}
	if answer != nil {
		Replay(w, answer)
		return
	}
	h.upstream.ServeHTTP(w, r)
}

// Barrier returns an upstream that answers no call before n have come side by side.
func Barrier(upstream http.Handler, n int) http.Handler {
	var mu sync.Mutex
	all := make(chan struct{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if n--; n == 0 {
			close(all)
		}
		mu.Unlock()
		select {
		case <-all:
			upstream.ServeHTTP(w, r)
		case <-time.After(Patience / 2):
			http.Error(w, `{"message":"500 the others did not come"}`, http.StatusInternalServerError)
		}
	})
}

// Liar returns an upstream with a header of its own in the place of another's; "" leaves it out.
func Liar(upstream http.Handler, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := Record(upstream, r)
		answer.Header().Del(name)
		delete(answer.Header(), strings.ToUpper(name)) // as the simulator writes some
		if value != "" {
			answer.Header().Set(name, value)
		}
		Replay(w, answer)
	})
}

// Remembered returns an upstream that answers each call as another did the first time.
func Remembered(upstream http.Handler) http.Handler {
	var mu sync.Mutex
	answers := map[string]*httptest.ResponseRecorder{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if answers[r.RequestURI] == nil {
			answers[r.RequestURI] = Record(upstream, r)
		}
		Replay(w, answers[r.RequestURI])
	})
}

// OwnCursorsOnly returns an upstream whose cursors are of a form of its own, and which breaks on
// any other, as GitLab does on what it cannot decode.
func OwnCursorsOnly(upstream http.Handler) http.Handler {
	const mark = "sealed-"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if cursor := query.Get("cursor"); cursor != "" {
			if !strings.HasPrefix(cursor, mark) {
				http.Error(w, `{"message":"500 Internal Server Error"}`, http.StatusInternalServerError)
				return
			}
			query.Set("cursor", strings.TrimPrefix(cursor, mark))
			r.URL.RawQuery = query.Encode()
		}
		answer := Record(upstream, r)
		link := strings.ReplaceAll(answer.Header().Get("Link"), "cursor=", "cursor="+mark)
		answer.Header().Set("Link", link)
		answer.Header().Del("X-Next-Cursor")
		answer.Header().Del("X-Prev-Cursor")
		Replay(w, answer)
	})
}

// WithoutKeyset returns an upstream from before keyset pagination: it ignores what it does not know
// and pages by offset.
func WithoutKeyset(upstream http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		for _, unknown := range []string{"cursor", "pagination", "order_by", "sort"} {
			query.Del(unknown)
		}
		r.URL.RawQuery = query.Encode()
		upstream.ServeHTTP(w, r)
	})
}

// Record returns how an upstream answers a call.
func Record(upstream http.Handler, r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	upstream.ServeHTTP(answer, r)
	return answer
}

// Replay sends a recorded answer.
func Replay(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}
