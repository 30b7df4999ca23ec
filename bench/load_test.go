package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func nothing() error { return nil }

func loadOf(t *testing.T, handler http.HandlerFunc) load {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	request, err := query(workload{Document: "{ x }"})
	if err != nil {
		t.Fatal(err)
	}
	return load{
		address: server.Listener.Addr().String(), request: request, answer: []byte("same"),
		connections: 2, duration: time.Millisecond, enough: 10,
	}
}

func TestLoadGoesOnUntilItHasEnoughAnswers(t *testing.T) {
	l := loadOf(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "same") })
	l.duration = time.Second / 10
	m, err := l.run(t.Context(), nothing, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if m.queries < l.enough || m.p50 <= 0 || m.p99 < m.p50 || m.wall < l.duration {
		t.Errorf("measured %+v", m)
	}
}

func TestLoadStopsAtAnAnswerThatDiffers(t *testing.T) {
	var n atomic.Int64
	l := loadOf(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 5 {
			fmt.Fprint(w, "other")
			return
		}
		fmt.Fprint(w, "same")
	})
	l.enough = 1 << 40
	if _, err := l.run(t.Context(), nothing, nothing); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("error %v", err)
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := loadOf(t, func(http.ResponseWriter, *http.Request) { cancel() })
	l.duration = time.Hour
	if _, err := l.run(ctx, nothing, nothing); err == nil {
		t.Error("no error")
	}
}

func TestPrivateLoadSendsEachQueryWithItsOwnToken(t *testing.T) {
	seen := make(chan string, 1<<16)
	l := loadOf(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Private-Token")
		fmt.Fprint(w, "same")
	})
	l.private = true
	if _, err := l.run(t.Context(), nothing, nothing); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]bool{}
	for range len(seen) {
		token := <-seen
		if tokens[token] || len(token) != len("bench-")+digits {
			t.Fatalf("token %q again, or cut", token)
		}
		tokens[token] = true
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i)
	}
	for _, c := range []struct {
		times   []time.Duration
		percent int
		want    time.Duration
	}{
		{hundred, 50, 50}, {hundred, 99, 99}, {hundred[:1], 99, 0}, {hundred[:2], 50, 1},
	} {
		if got := percentile(c.times, c.percent); got != c.want {
			t.Errorf("percentile %d of %d: %d, want %d", c.percent, len(c.times), got, c.want)
		}
	}
}

func TestFailureTellsWhatAnAnswerSays(t *testing.T) {
	for answer, want := range map[string]string{
		`{"data":{"errors":null}}`:               "",
		`{"errors":[{"message":"no such job"}]}`: "no such job",
		`<html>`:                                 "not JSON",
	} {
		err := failure([]byte(answer))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

func TestRelayMakesItsCallsAndAnswersAtLength(t *testing.T) {
	u := startUpstream(t)
	if err := together([]string{"a", "b", "c"}, func(uri string) error { return fmt.Errorf("%s failed", uri) }); err == nil {
		t.Error("no error")
	}
	c := dialed(t, u.address())
	err := together([]string{aJob}, func(uri string) error { _, err := c.exchange(restCall(uri)); return err })
	if err != nil || u.calls.Load() != 1 || !bytes.Equal(blank(3), []byte("   ")) {
		t.Errorf("error %v, %d calls", err, u.calls.Load())
	}
}
