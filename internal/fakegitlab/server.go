package fakegitlab

import (
	"cmp"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Release selects whose behaviour is simulated, where releases of GitLab differ.
type Release int

const (
	// Newest is the behaviour of GitLab 19.2.
	Newest Release = iota
	// Older19 is that of GitLab 19.0: no trigger_jobs (an unknown route), bridges only.
	Older19
	// Older18 is that of GitLab 18.9: in addition, no byte ranges of logs (byte_offset and
	// byte_limit are ignored).
	Older18
	// Older17 is that of GitLab 17: in addition, no ref, inputs or job_inputs (all ignored), no
	// created_before and created_after, no bare cursor headers, job tokens for GET /job and its
	// agents only, fewer keys in pipelines and runners.
	Older17
)

// lacks reports whether the release is without something whose last release without it is the one
// given. The zero value stands for what every release has.
func (r Release) lacks(without Release) bool { return without != Newest && r >= without }

// Options describe how a simulated instance behaves. The zero value is the demo company on the
// newest release.
type Options struct {
	// Dataset fills the instance; nil is Demo.
	Dataset func(*Builder)
	// Now is the instance's clock; nil is time.Now.
	Now func() time.Time
	// URL is the external address for Link headers and web_urls, as in
	// "https://gitlab.example.com"; empty takes the address that each request was sent to.
	URL     string
	Release Release
	Limits  Limits
	// LogInterval is how often a runner sends what a running job has printed meanwhile; zero is
	// UnwatchedLogInterval. A demo that is to look alive takes WatchedLogInterval.
	LogInterval time.Duration
	// Hooks are registered as soon as the data set is there.
	Hooks []Hook
}

// Limits are the instance's own. Each is off at zero.
type Limits struct {
	// JobsIndex is how many calls of GET /projects/:id/jobs a user has per minute (GitLab's default
	// is 600).
	JobsIndex int
	// Requests is how many requests of any kind a user, or an address without credential, has per
	// minute.
	Requests int
	// JobRetry is how often a job may be retried or played per minute.
	JobRetry int
	// Offset is how deep GET /projects/:id/jobs may be paged without keyset pagination (GitLab.com:
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

	mu    sync.RWMutex // guards world: reads share it, writes and Update do not
	world *world
	// hooks and changes are guarded by mu, too; changes is nil while there are no hooks.
	hooks   []*Webhook
	changes *changeLog
}

// New builds a simulated instance.
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

// SetLatency makes every response wait for d first.
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

// wait lets the latency pass; it is false when the client went away meanwhile.
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

// answer does what the request asks and returns what there is to send.
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
