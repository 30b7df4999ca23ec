package restclient

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
)

// notes is an observer that records its calls.
type notes struct{ lines []string }

func (n *notes) Begin(_ context.Context, method, route string) Observation {
	n.lines = append(n.lines, method+" "+route)
	return n
}

func (n *notes) Propagate(h http.Header) { h.Set("Traceparent", "00-1-2-01") }

func (n *notes) Sent(e Exchange) {
	if e.Duration <= 0 {
		n.lines = append(n.lines, "no duration")
	}
	n.lines = append(n.lines, fmt.Sprintf("attempt %d: %d %t %s", e.Attempt, e.Status, e.Redirected, e.Header.Get("X-Request-Id")))
}

func (n *notes) End(err error) { n.lines = append(n.lines, fmt.Sprintf("ended: %v", err)) }

func TestTheObserverIsToldOfEachRequest(t *testing.T) {
	for name, transport := range map[string]http.RoundTripper{"own transport": nil, "net/http": &http.Transport{}} {
		t.Run(name, func(t *testing.T) {
			var n notes
			var calls atomic.Int32
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Traceparent") == "" {
					t.Error("a request does not carry what Propagate has set")
				}
				w.Header().Set("X-Request-Id", fmt.Sprint("gitlab-", calls.Add(1)))
				switch calls.Load() {
				case 1:
					answer(w, 503, "{}")
				case 2:
					w.Header().Set("Location", "/api/v4/projects/2/jobs/3")
					w.WriteHeader(http.StatusMovedPermanently)
				default:
					answer(w, 200, "{}")
				}
			}, func(c *Config) {
				if transport != nil {
					c.Transport = transport
					t.Cleanup(transport.(*http.Transport).CloseIdleConnections)
				}
			})
			client.Observe(&n)
			if _, err := client.Fetch(t.Context(), token, "/projects/1/jobs/3"); err != nil {
				t.Fatal(err)
			}
			want := []string{
				"GET /projects/:id/jobs/:job_id",
				"attempt 1: 503 false gitlab-1", "attempt 2: 301 false gitlab-2", "attempt 2: 200 true gitlab-3",
				"ended: <nil>",
			}
			if !slices.Equal(n.lines, want) {
				t.Errorf("got  %q\nwant %q", n.lines, want)
			}
		})
	}
}

func TestRoutesAreBoundedWhateverThePath(t *testing.T) {
	for path, want := range map[string]string{
		"/projects/1/jobs":                      "/projects/:id/jobs",
		"/projects/a%2Fb/jobs?scope[]=failed":   "/projects/:id/jobs",
		"/projects/1/jobs/2":                    "/projects/:id/jobs/:job_id",
		"/projects/1/jobs/2/trace?byte_limit=1": "/projects/:id/jobs/:job_id/trace",
		"/projects/1/pipelines/2/trigger_jobs":  "/projects/:id/pipelines/:pipeline_id/trigger_jobs",
		"/projects/1":                           "/projects/:id",
		"/job":                                  "/job",
		"/job/allowed_agents":                   "/job/allowed_agents",
		"/projects/":                            OtherRoute,
		"/projects/1/jobs/2/no-such-thing":      OtherRoute,
		"/projects/1/jobs/":                     OtherRoute,
		"/":                                     OtherRoute,
		"":                                      OtherRoute,
	} {
		if got := Route(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}

func BenchmarkRoute(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = Route("/projects/42/pipelines/17/jobs?per_page=100")
	}
}
