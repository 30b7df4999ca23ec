package restclient

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// throttling is a GitLab that refuses every call with a 429.
func throttling(t *testing.T, retryAfter string) (client *Client, calls *atomic.Int32, clock *time.Time) {
	t.Helper()
	calls, clock = new(atomic.Int32), new(time.Time)
	*clock = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	client = newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		answer(w, 429, `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`)
	})
	client.now = func() time.Time { return *clock }
	return client, calls, clock
}

func TestABurstCostsGitLabOneRefusal(t *testing.T) {
	for retryAfter, hold := range map[string]time.Duration{"": 15 * time.Second, "60": time.Minute, "86400": 10 * time.Minute} {
		client, calls, clock := throttling(t, retryAfter)
		for i := range 20 {
			_, err := client.Fetch(t.Context(), token, fmt.Sprintf("/projects/%d/jobs?page=%d", i+1, i))
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Status != 429 || refusal.RetryAfter <= 0 {
				t.Fatalf("%v", err)
			}
		}
		if calls.Load() != 1 {
			t.Errorf("Retry-After %q: %d calls, want 1", retryAfter, calls.Load())
		}
		*clock = clock.Add(hold - 1)
		_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs")
		if calls.Load() != 1 {
			t.Errorf("Retry-After %q: asked again before %s", retryAfter, hold)
		}
		*clock = clock.Add(1)
		_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs")
		if calls.Load() != 2 {
			t.Errorf("Retry-After %q: not asked again after %s", retryAfter, hold)
		}
	}
}

func TestAThrottleIsOfOneCredentialAndRouteClass(t *testing.T) {
	client, calls, _ := throttling(t, "")
	_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs?per_page=100")
	cases := []struct {
		name string
		cred Credential
		path string
		held bool
	}{
		{"another project", token, "/projects/group%2Fapp/jobs", true},
		{"a single job", token, "/projects/1/jobs/8", false},
		{"a pipeline's jobs", token, "/projects/1/pipelines/6/jobs", false},
		{"another value", Credential{Header: token.Header, Value: "other"}, "/projects/1/jobs", false},
		{"another header", Credential{Header: HeaderJobToken, Value: token.Value}, "/projects/1/jobs", false},
		{"nobody", Credential{}, "/projects/1/jobs", false},
	}
	for _, c := range cases {
		before := calls.Load()
		_, _ = client.Fetch(t.Context(), c.cred, c.path)
		if held := calls.Load() == before; held != c.held {
			t.Errorf("%s: not sent %t, want %t", c.name, held, c.held)
		}
	}
	before := calls.Load()
	if _, err := client.Send(t.Context(), token, Retry("1", 8, nil)); OutcomeUnknown(err) || calls.Load() != before+1 {
		t.Errorf("a write: %v", err)
	}
	if _, err := client.Send(t.Context(), token, Retry("2", 9, nil)); OutcomeUnknown(err) || calls.Load() != before+1 {
		t.Errorf("a second write of its class: %v after %d calls", err, calls.Load()-before)
	}
}

func TestThrottlesAreBounded(t *testing.T) {
	throttles, now := newThrottles(), time.Unix(0, 1)
	path := call{method: http.MethodGet, path: "/projects/1/jobs"}
	for i := range 2 * maxThrottles {
		path.cred = Credential{Header: HeaderPrivateToken, Value: fmt.Sprint(i)}
		throttles.remember(&path, &Error{Status: 429}, now)
	}
	if len(throttles.ends) != maxThrottles {
		t.Errorf("%d are remembered", len(throttles.ends))
	}
	if throttles.check(&path, now) == nil {
		t.Error("the last one is not")
	}
	if later := now.Add(time.Hour); throttles.check(&path, later) != nil {
		t.Error("for ever")
	} else if throttles.remember(&path, &Error{Status: 429}, later); len(throttles.ends) != 1 {
		t.Errorf("%d are remembered past their time", len(throttles.ends))
	}
}
