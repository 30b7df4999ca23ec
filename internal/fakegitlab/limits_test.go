package fakegitlab_test

import (
	"strconv"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestTheJobsIndexLimitCountsPerUserAndMinute(t *testing.T) {
	i := start(t, Options{Dataset: office, Limits: Limits{JobsIndex: 2}})
	const jobs = "GET /projects/1/jobs"
	for n, want := range []int{200, 200, 429, 429} {
		got := i.call(jobs, maintainer)
		if got.status != want {
			t.Fatalf("call %d = %d", n+1, got.status)
		}
		if want == 429 && (got.body != `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}` || got.header.Get("Retry-After") != "" || got.header.Get("RateLimit-Limit") != "") {
			t.Errorf("= %s %v", got.body, got.header)
		}
	}
	if got := i.call(jobs, reporter); got.status != 200 {
		t.Errorf("another user = %d", got.status)
	}
	if got := i.call("GET /projects/1/jobs/100", maintainer); got.status != 200 {
		t.Errorf("another endpoint = %d", got.status)
	}
	i.clock.turn(time.Minute)
	if got := i.call(jobs, maintainer); got.status != 200 {
		t.Errorf("a minute later = %d", got.status)
	}
}

func TestRackAttackSendsTheTimeToRetry(t *testing.T) {
	i := start(t, Options{Dataset: office, Limits: Limits{Requests: 1}})
	i.clock.turn(20 * time.Second)
	i.call("GET /projects/1", maintainer)
	got := i.call("GET /projects/1", maintainer)
	if got.status != 429 || got.body != "Retry later\n" || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("= %d %q", got.status, got.body)
	}
	for name, want := range map[string]string{
		"RateLimit-Name": "throttle_authenticated_api", "RateLimit-Limit": "1", "RateLimit-Observed": "2", "RateLimit-Remaining": "0",
		"RateLimit-Reset": itoa(noon.Add(time.Minute).Unix()), "RateLimit-ResetTime": "Mon, 02 Mar 2026 12:01:00 GMT", "Retry-After": "40",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.header.Get(name), want)
		}
	}
	i.call("GET /projects/2/pipelines/20/jobs", "")
	if got := i.call("GET /projects/2/pipelines/20/jobs", ""); got.header.Get("RateLimit-Name") != "throttle_unauthenticated_api" {
		t.Errorf("anonymous: %v", got.header)
	}
}

func TestRetriesOfOneJobAreThrottledWith400(t *testing.T) {
	i := start(t, Options{Dataset: actions, Limits: Limits{JobRetry: 1}})
	if got := i.call("POST /projects/1/jobs/9/retry", developer); got.status != 201 {
		t.Fatalf("= %d", got.status)
	}
	const want = `{"message":"400 Bad request - This endpoint has been requested too many times. Try again later."}`
	if got := i.call("POST /projects/1/jobs/9/retry", developer); got.status != 400 || got.body != want {
		t.Errorf("= %d %s", got.status, got.body)
	}
}
