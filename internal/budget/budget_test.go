package budget

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// open opens an account or fails the test.
func open(t *testing.T, b *Budget, bytes int64) *Account {
	t.Helper()
	a, err := b.Open(t.Context(), bytes)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRequestsShareTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Now)
		first := open(t, b, 60)
		if err := first.Grow(50); !errors.Is(err, ErrExhausted) || !first.Exhausted() {
			t.Errorf("grown past the budget: %v", err)
		}
		if err := first.Grow(40); err != nil {
			t.Error(err)
		}
		start := time.Now()
		if _, err := b.Open(t.Context(), 1); !errors.Is(err, ErrExhausted) || time.Since(start) != Wait {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		first.Close()
		first.Close()
		open(t, b, 100).Close()
		if b.Used() != 0 {
			t.Errorf("%d bytes are still reserved", b.Used())
		}
	})
}

func TestWhoWaitsIsServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Now)
		holder := open(t, b, 100)
		order := make(chan int, 3)
		for i, bytes := range []int64{80, 10, 90} {
			go func() {
				a := open(t, b, bytes)
				order <- i
				time.Sleep(time.Millisecond)
				a.Close()
			}()
			synctest.Wait()
		}
		gone, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("the client has gone")
		go func() {
			if _, err := b.Open(gone, 1); err != cause {
				t.Errorf("who went away got %v", err)
			}
		}()
		synctest.Wait()
		cancel(cause)
		holder.Close()
		time.Sleep(time.Second)
		if len(order) != 3 || <-order == 2 || <-order == 2 || b.Used() != 0 {
			t.Errorf("the last was not the last, or %d bytes are reserved", b.Used())
		}
	})
}

// A few large requests must not keep the small ones out.
func TestLargeAccountsLeaveAQuarter(t *testing.T) {
	b := New(100<<20, time.Now)
	large := open(t, b, small)
	if err := large.Grow(75 << 20); !errors.Is(err, ErrExhausted) {
		t.Errorf("a large account took the last quarter: %v", err)
	}
	if err := large.Grow(74 << 20); err != nil {
		t.Error(err)
	}
	for range 25 {
		defer open(t, b, small).Close()
	}
}

func TestSlowClientsAreInterruptedForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Now)
		interrupted := make(chan string, 8)
		slow := func(name string, bytes int64) *Account {
			a := open(t, b, bytes)
			a.AwaitClient(func() {
				interrupted <- name
				go a.Close()
			})
			return a
		}
		done := slow("done", 10)
		done.ClientDone()
		slow("first", 30)
		time.Sleep(patience)
		slow("second", 20)
		slow("third", 30)
		start := time.Now()
		others := open(t, b, 20)
		if len(interrupted) != 1 || <-interrupted != "first" || time.Since(start) != 0 {
			t.Errorf("after %s, %d more were interrupted", time.Since(start), len(interrupted))
		}
		time.Sleep(patience) // more than half is taken still
		synctest.Wait()
		if len(interrupted) != 2 || <-interrupted != "second" || <-interrupted != "third" {
			t.Errorf("%d more were interrupted", len(interrupted))
		}
		if err := others.Grow(40); err != nil {
			t.Error(err)
		}
		others.Close()
		done.Close()
		synctest.Wait()
		if b.Used() != 0 || b.leaving != 0 {
			t.Errorf("%d bytes are reserved, %d are leaving", b.Used(), b.leaving)
		}
	})
}

func TestWhoWaitsGetsTheRoomOfSlowClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Now)
		for range 4 {
			a := open(t, b, 12)
			a.AwaitClient(func() { go a.Close() })
		}
		start := time.Now()
		open(t, b, 80)
		if waited := time.Since(start); waited > 2*patience {
			t.Errorf("it took %s", waited)
		}
	})
}

func TestAMeterReservesAhead(t *testing.T) {
	b := New(10*step, time.Now)
	m := NewMeter(open(t, b, 0))
	for range step {
		if err := m.Add(1); err != nil {
			t.Fatal(err)
		}
	}
	if b.Used() != step {
		t.Errorf("%d bytes reserved", b.Used())
	}
	_ = m.Add(-step)
	if err := m.Add(step); err != nil || b.Used() != step {
		t.Errorf("%v, %d bytes reserved", err, b.Used())
	}
	if err := m.Add(10 * step); !errors.Is(err, ErrExhausted) {
		t.Error(err)
	}
	if err := new(Meter).Add(1 << 60); err != nil {
		t.Error(err)
	}
}

func TestNoBudgetHasNoBound(t *testing.T) {
	b := New(0, time.Now)
	a, err := b.Open(t.Context(), 1<<60)
	if err != nil || a.Grow(1<<60) != nil || a.Exhausted() || b.Used() != 0 {
		t.Error("there is a bound")
	}
	a.AwaitClient(nil)
	a.ClientDone()
	a.Close()
	ctx := With(t.Context(), a)
	if From(ctx) != nil || Grow(ctx, 1<<60) != nil {
		t.Error("there is a bound in the context")
	}
}

func TestTheContextHasTheAccount(t *testing.T) {
	b := New(100, time.Now)
	ctx := With(t.Context(), open(t, b, 50))
	if err := Grow(ctx, 50); err != nil || b.Used() != 100 {
		t.Errorf("%v, %d bytes reserved", err, b.Used())
	}
	if err := Grow(ctx, 1); !errors.Is(err, ErrExhausted) {
		t.Error(err)
	}
}
