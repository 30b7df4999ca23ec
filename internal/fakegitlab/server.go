package fakegitlab

import (
	"cmp"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Release selects the release of GitLab whose behaviour is simulated.
type Release int

const (
	// Newest is the behaviour of GitLab 19.2.
	Newest Release = iota
	// Older19 is the behaviour of GitLab 19.0: trigger_jobs is an unknown route, and there are
	// bridges only.
	Older19
	// Older18 is the behaviour of GitLab 18.9: in addition, no byte ranges of logs (byte_offset and
	// byte_limit are ignored).
	Older18
	// Older17 is the behaviour of GitLab 17: in addition, no ref, inputs or job_inputs (all
	// ignored), no created_before and created_after, no cursor headers, job tokens for GET /job and
	// GET /job/allowed_agents only, and fewer keys in pipelines and runners.
	Older17
)

// lacks reports whether the release lacks a feature, given the last release without it. The zero
// value stands for a feature that every release has.
func (r Release) lacks(without Release) bool { return without != Newest && r >= without }

// Options configure a simulated instance. The zero value is the demo company on the newest release.
type Options struct {
	// Dataset fills the instance; nil is Demo.
	Dataset func(*Builder)
	// Now is the instance's clock; nil is time.Now.
	Now func() time.Time
	// URL is the external URL for Link headers and web_urls, such as "https://gitlab.example.com".
	// If it is empty, the URL of each request is used.
	URL     string
	Release Release
	Limits  Limits
	// LogInterval is the interval at which a runner sends the log of a running job. Zero is
	// UnwatchedLogInterval. With WatchedLogInterval, the logs of a demo grow visibly.
	LogInterval time.Duration
	// Hooks are added after the data set.
	Hooks []Hook
}

// Limits are the limits of an instance. Zero means no limit.
type Limits struct {
	// JobsIndex is the number of calls of GET /projects/:id/jobs per user and minute (GitLab's
	// default is 600).
	JobsIndex int
	// Requests is the number of requests of any kind per minute, for a user or for an address
	// without a credential.
	Requests int
	// JobRetry is the number of retries and plays per job and minute.
	JobRetry int
	// Offset is the largest offset of GET /projects/:id/jobs without keyset pagination (GitLab.com:
	// 50,000 rows).
	Offset int64
}

// Server is a simulated GitLab: an http.Handler that is safe for concurrent use.
type Server struct {
	options Options
	routes  []route
	calls   callLog
	faults  faultList
	limiter limiter
	latency atomic.Int64
	served  atomic.Uint64

	mu      sync.RWMutex // guards the fields below
	world   *world
	hooks   []*Webhook
	changes *changeLog // nil while there are no hooks
}

// New returns a simulated instance.
func New(o Options) *Server {
	if o.Dataset == nil {
		o.Dataset = Demo
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.LogInterval = cmp.Or(o.LogInterval, UnwatchedLogInterval)
	s := &Server{options: o, routes: routes(o.Release), world: newWorld()}
	s.Update(o.Dataset)
	for _, h := range o.Hooks {
		s.AddHook(h)
	}
	return s
}

// SetLatency delays every response by d.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// ServeHTTP answers a request of the REST API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := s.calls.open(r, s.options.Now())
	if !s.wait(r) {
		return
	}
	respond := func() *answer {
		a := s.answer(r)
		entry.close(a.status, a.caller)
		return a
	}
	if fault := s.faults.next(r); fault != nil {
		entry.close(fault.status(), s.tokenName(r))
		fault.serve(w, r, respond)
		return
	}
	respond().write(w)
}

// wait waits for the latency. It returns false if the client disconnected meanwhile.
func (s *Server) wait(r *http.Request) bool {
	d := time.Duration(s.latency.Load())
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer processes the request and returns the response.
func (s *Server) answer(r *http.Request) *answer {
	began := time.Now()
	now, unlock := s.lock(r.Method == http.MethodPost)
	defer unlock()
	q := &request{server: s, http: r, world: s.world, now: now, base: s.baseURL(r)}
	a, err := q.run()
	if err != nil {
		a = err.answer()
	}
	a.caller = q.callerName()
	a.finish(r, s.served.Add(1), time.Since(began))
	return a
}

func (s *Server) baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return cmp.Or(s.options.URL, scheme+"://"+r.Host)
}
