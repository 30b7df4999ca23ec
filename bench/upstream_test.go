package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const aJob = "/api/v4/projects/1/jobs/100050"

func startUpstream(t *testing.T) *upstream {
	t.Helper()
	u, err := newUpstream()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.listener.Close() })
	return u
}

func dialed(t *testing.T, address string) *connection {
	t.Helper()
	c, err := dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func ask(t *testing.T, c *connection, r request) []byte {
	t.Helper()
	answer, err := c.exchange(r)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(answer)
}

func TestUpstreamReplaysAnAnswerAndCountsEachCall(t *testing.T) {
	u := startUpstream(t)
	c := dialed(t, u.address())
	simulated := ask(t, c, restCall(aJob))
	replayed := ask(t, c, restCall(aJob))
	if !bytes.Contains(simulated, []byte(`"id":100050`)) || !bytes.Equal(simulated, replayed) {
		t.Errorf("first %.100s, then %.100s", simulated, replayed)
	}
	if calls := u.calls.Load(); calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
	if urls := u.urls(); !slices.Equal(urls, []string{aJob}) {
		t.Errorf("URLs %q", urls)
	}
}

func TestUpstreamForgetsWhenItIsReset(t *testing.T) {
	u := startUpstream(t)
	c := dialed(t, u.address())
	ask(t, c, restCall(aJob))
	_ = c.Close()
	u.reset(time.Millisecond)
	if u.calls.Load() != 0 || len(u.urls()) != 0 {
		t.Errorf("%d calls of %q", u.calls.Load(), u.urls())
	}
	began := time.Now()
	ask(t, dialed(t, u.address()), restCall(aJob))
	if took := time.Since(began); took < time.Millisecond {
		t.Errorf("answered after %s, sooner than its latency", took)
	}
}

func TestUpstreamHasLogsOfEachSize(t *testing.T) {
	u := startUpstream(t)
	c := dialed(t, u.address())
	for i, size := range logSizes[:4] {
		uri := fmt.Sprintf("/api/v4/projects/%d/jobs/%d/trace", logProject, firstJob(logProject)+int64(i))
		if log := ask(t, c, restCall(uri)); int64(len(log)) != size {
			t.Errorf("%s: %d bytes, want %d", uri, len(log), size)
		}
	}
}

func TestAnAnswerOtherThan200IsAnError(t *testing.T) {
	u := startUpstream(t)
	_, err := dialed(t, u.address()).exchange(restCall("/api/v4/projects/1/jobs/1"))
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("error %v", err)
	}
}
