package restclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheBreakerOpensAndTriesAgain(t *testing.T) {
	var calls atomic.Int32
	var healthy atomic.Bool
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		if healthy.Load() {
			answer(w, 200, "[]")
			return
		}
		answer(w, 503, "")
	}, once, func(cfg *Config) {
		cfg.Breaker = BreakerPolicy{FailureRate: 0.5, MinCalls: 4, Period: time.Minute, Delay: time.Hour}
	})
	for range 4 {
		_, _ = client.Fetch(t.Context(), token, "/job")
	}
	_, err := client.Fetch(t.Context(), token, "/job")
	if open := wantTransport(t, err, CircuitOpen); open.Sent || open.RetryAfter < 59*time.Minute {
		t.Errorf("%+v", open)
	}
	if calls.Load() != 4 {
		t.Errorf("%d calls, want 4", calls.Load())
	}
	healthy.Store(true)
	client.gate.breaker.HalfOpen()
	for range 2 {
		if _, err := client.Fetch(t.Context(), token, "/job"); err != nil {
			t.Errorf("still open: %v", err)
		}
	}
}

func TestWhatOneCallerCanProvokeLeavesTheBreakerClosed(t *testing.T) {
	gate, err := newGate(BreakerPolicy{FailureRate: 0.1, MinCalls: 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, harmless := range []error{
		nil, &Error{Status: 404}, &Error{Status: 500}, &Error{Status: 429},
		&InvalidError{Reason: TooLarge}, &InvalidError{Reason: Malformed},
		&TransportError{Kind: Canceled}, &TransportError{Kind: Untrusted}, &TransportError{Kind: Handshake},
	} {
		for range 20 {
			gate.leave(harmless)
		}
		if err := gate.enter(t.Context()); err != nil {
			t.Fatalf("%v opened the breaker", harmless)
		}
	}
}

func TestATrialThatIsCanceledDoesNotHoldUpTheNext(t *testing.T) {
	gate, err := newGate(BreakerPolicy{FailureRate: 0.5, MinCalls: 1, Delay: time.Hour}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		gate.breaker.HalfOpen()
		if err := gate.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := gate.enter(t.Context()); err == nil {
			t.Error("two trials at once")
		}
		gate.leave(&TransportError{Kind: Canceled})
		if !gate.breaker.IsOpen() {
			t.Error("a trial that told nothing closed the breaker")
		}
	}
}

func TestWaitingForAPlaceEndsWithTheContext(t *testing.T) {
	gate, err := newGate(BreakerPolicy{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := gate.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	expired, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	wantTransport(t, gate.enter(expired), Overloaded)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	wantTransport(t, gate.enter(canceled), Canceled)
}

func TestCallsPastTheBoundWait(t *testing.T) {
	var inFlight, most atomic.Int32
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), inFlight.Add(1)))
		defer inFlight.Add(-1)
		answer(w, 200, "[]")
	}, func(cfg *Config) { cfg.MaxConcurrent = 2 })
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := client.Fetch(t.Context(), token, "/job"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most.Load() > 2 {
		t.Errorf("%d at once, want 2", most.Load())
	}
}

func TestAStreamKeepsItsPlaceUntilItIsClosed(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("log"))
	}, func(cfg *Config) { cfg.MaxConcurrent = 1 })
	stream, err := client.Trace(t.Context(), token, "1", 8, TraceRange{})
	if err != nil {
		t.Fatal(err)
	}
	if client.gate.places.TryAcquirePermit() {
		t.Error("the place is free while the log is read")
	}
	_, _ = io.Copy(io.Discard, stream)
	_ = stream.Close()
	_ = stream.Close()
	if !client.gate.places.TryAcquirePermit() {
		t.Error("the place was not given back")
	}
	client.gate.places.ReleasePermit()
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	for name, cfg := range map[string]Config{
		"rate":        {Breaker: BreakerPolicy{FailureRate: 1.1}},
		"calls":       {Breaker: BreakerPolicy{FailureRate: 1, MinCalls: -1}},
		"concurrency": {MaxConcurrent: -1},
		"retry":       {Retry: RetryPolicy{MaxDelay: -1}},
		"body":        {MaxBody: -1},
		"time":        {Timeout: -1},
	} {
		cfg.BaseURL = "http://h"
		_, err := New(cfg)
		if _, ok := errors.AsType[*ArgumentError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
