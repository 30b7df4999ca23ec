//go:build replicas

package store_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"jobgraph/e2e/harness/redis"
	"jobgraph/internal/fakegitlab"
	"jobgraph/internal/live"
	"jobgraph/internal/store"
	"jobgraph/restclient"
)

// wrongClock is a clock that is wrong by some time.
type wrongClock struct {
	live.SystemClock
	by time.Duration
}

func (c wrongClock) Now() time.Time { return time.Now().Add(c.by) }

// TestClocksOfReplicasMayBeWrong: leases end by the time that Redis counts, and nothing that
// replicas send has a time in it. (A process cannot be given a wrong clock here: a static binary
// calls no library that could be replaced.)
func TestClocksOfReplicasMayBeWrong(t *testing.T) {
	const interval, lasts = 200 * time.Millisecond, 4 * time.Second
	server := redis.Start(t)
	gitlab := fakegitlab.New(fakegitlab.Options{Dataset: func(b *fakegitlab.Builder) {
		user := b.User(fakegitlab.User{})
		b.Token("a token", fakegitlab.Token{User: user})
		b.Project(1, "acme/app", fakegitlab.Project{}).Member(user, fakegitlab.Maintainer).
			Pipeline(6, fakegitlab.Pipeline{}).Job(61, fakegitlab.Job{Status: fakegitlab.Running})
	}})
	upstream := httptest.NewServer(gitlab)
	defer upstream.Close()
	var engines []*live.Engine
	var subscriptions []*live.Subscription
	for i, by := range []time.Duration{0, 7 * time.Minute, -7 * time.Minute} {
		client, err := restclient.New(restclient.Config{BaseURL: upstream.URL})
		if err != nil {
			t.Fatal(err)
		}
		shared, err := store.OpenRedis(server.URL(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = shared.Close() }()
		e := live.New(live.Config{Upstream: client, Store: shared, Clock: wrongClock{by: by}, Seed: uint64(i),
			MinInterval: interval, MaxInterval: interval, CallsPerMinute: 100_000})
		defer e.Close()
		shared.Subscribe(e.Receive, e.WakeAll)
		token := restclient.Credential{Header: restclient.HeaderPrivateToken, Value: "a token"}
		s, err := e.OpenPipeline(t.Context(), token, 1, 6, func() {})
		if err != nil {
			t.Fatal(err)
		}
		engines, subscriptions = append(engines, e), append(subscriptions, s)
	}
	polls := func() (n int64) {
		for _, e := range engines {
			n += e.Polls().Fast
		}
		return n
	}
	before, began := polls(), time.Now()
	time.Sleep(lasts)
	intervals := time.Since(began).Seconds() / interval.Seconds()
	if made := float64(polls() - before); made < intervals/4 || made > intervals/0.9+1 {
		t.Errorf("%.0f fast polls in %.0f intervals", made, intervals)
	}
	gitlab.FinishJob(61, fakegitlab.Success)
	for i, s := range subscriptions {
		eventually(t, "every replica finds the change", func() bool {
			event, _, err := s.Next(0)
			if err != nil {
				t.Fatalf("replica %d: %v", i, err)
			}
			return event.Last
		})
	}
}
