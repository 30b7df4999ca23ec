//go:build replicas

package store_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness/redis"
	"jobgraph/internal/store"
)

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func open(t *testing.T, address string) (r *store.Redis, received chan string, log *lockedBuffer) {
	t.Helper()
	log = &lockedBuffer{}
	r, err := store.OpenRedis(address, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	received = make(chan string, 100)
	r.Subscribe(func(m string) { received <- m }, func() {})
	return r, received, log
}

// eventually repeats f until it reports true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting for: %s", what)
		}
	}
}

// reach publishes until the other replica receives it: its subscription may not stand yet.
func reach(t *testing.T, from *store.Redis, to chan string, message string) {
	t.Helper()
	eventually(t, message, func() bool {
		_ = from.Publish(t.Context(), message)
		select {
		case got := <-to:
			return got == message
		case <-time.After(50 * time.Millisecond):
			return false
		}
	})
}

func TestALeaseHasOneHolderUntilItsTimeIsUp(t *testing.T) {
	server := redis.Start(t)
	a, _, _ := open(t, server.URL())
	b, _, _ := open(t, server.URL())
	const name = "live/pipeline/1/2"
	lease := func(r *store.Redis, ttl time.Duration) time.Duration {
		busy, err := r.Lease(t.Context(), name, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return busy
	}
	if busy := lease(a, time.Minute); busy != 0 {
		t.Errorf("a lease that nobody holds is busy for %s", busy)
	}
	if busy := lease(b, time.Minute); busy <= 50*time.Second || busy > time.Minute {
		t.Errorf("the first one's lease of a minute is busy for %s", busy)
	}
	lease(a, 100*time.Millisecond)
	eventually(t, "the lease runs out", func() bool { return lease(b, time.Minute) == 0 })
	if lease(a, time.Minute) == 0 {
		t.Error("the first holds it again")
	}
	if err := a.Release(t.Context(), name); err != nil || lease(a, time.Minute) == 0 {
		t.Errorf("who does not hold it has released it: %v", err)
	}
	if err := b.Release(t.Context(), name); err != nil || lease(a, time.Minute) != 0 {
		t.Errorf("it is held after its holder has released it: %v", err)
	}
}

func TestDocumentsAreKeptWithinABound(t *testing.T) {
	server := redis.Start(t)
	a, _, _ := open(t, server.URL())
	b, _, _ := open(t, server.URL())
	text := func(i int) string { return fmt.Sprintf("{ a%d }", i) + strings.Repeat(" ", 1000) }
	hash := func(i int) string { return fmt.Sprintf("%064x", sha256.Sum256([]byte(text(i)))) }
	for i := range 100 {
		a.AddDocument(t.Context(), hash(i), text(i), 20_000)
		a.AddDocument(t.Context(), hash(i), text(i), 20_000) // counts once
	}
	kept := 0
	for i := range 100 {
		switch got, found := b.FindDocument(t.Context(), hash(i), 2000); {
		case found && got == text(i):
			kept++
		case found || i == 99:
			t.Errorf("document %d: %.20q, %t", i, got, found)
		}
	}
	if kept < 12 || kept > 16 {
		t.Errorf("%d documents of 1,260 bytes are kept within 20,000 bytes", kept)
	}
	if _, found := b.FindDocument(t.Context(), hash(99), 100); found {
		t.Error("a document longer than the bound was read")
	}
	huge := strings.Repeat("#", 20_000)
	a.AddDocument(t.Context(), "huge", huge, 20_000)
	if _, found := b.FindDocument(t.Context(), hash(99), 2000); !found {
		t.Error("a document that is longer than all may be has driven out the others")
	}
	server.Kill()
	a.AddDocument(t.Context(), hash(1), text(1), 20_000)
	if _, found := b.FindDocument(t.Context(), hash(99), 2000); found {
		t.Error("a document without Redis")
	}
}

func TestWakeUpsReachTheOthersAndNotTheirSender(t *testing.T) {
	server := redis.Start(t)
	a, toA, _ := open(t, server.URL())
	b, toB, _ := open(t, server.URL())
	reach(t, a, toB, "look pipeline/1/2")
	reach(t, b, toA, "look pipeline/1/3")
	for len(toA) > 0 {
		if m := <-toA; m == "look pipeline/1/2" {
			t.Error("a replica has received what it published itself")
		}
	}
	for line := range strings.Lines(server.Commands()) {
		if strings.Contains(line, `"set"`) && !strings.Contains(line, "PX") {
			t.Errorf("something is kept without an end: %s", line)
		}
	}
}

// TestRedisMayGo: every call returns soon, with an error, and sharing begins again by itself.
func TestRedisMayGo(t *testing.T) {
	server := redis.Start(t)
	a, _, log := open(t, server.URL())
	_, toB, _ := open(t, server.URL())
	reach(t, a, toB, "before")
	for name, outage := range map[string]struct{ begin, end func() }{
		"stopped": {server.Kill, server.Run},
		"paused":  {server.Pause, server.Resume},
	} {
		outage.begin()
		began := time.Now()
		if _, err := a.Lease(t.Context(), "live/x", time.Minute); err == nil {
			t.Errorf("%s: a lease without Redis", name)
		}
		if err := a.Publish(t.Context(), "m"); err == nil {
			t.Errorf("%s: published without Redis", name)
		}
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("%s: two calls took %s", name, took)
		}
		if !a.IsFailing() || !strings.Contains(a.Status(), "polls for itself") {
			t.Errorf("%s: status %q", name, a.Status())
		}
		outage.end()
		reach(t, a, toB, "after")
		eventually(t, "status", func() bool { return a.Status() == "redis: ok" })
	}
	if text := log.String(); !strings.Contains(text, "polls for itself") || !strings.Contains(text, "answers again") ||
		strings.Contains(text, redis.Password) {
		t.Error(text)
	}
}
