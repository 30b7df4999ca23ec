package coalesce

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// waiting returns once n callers wait for the flight of a key.
func (g *Group[K, V]) waiting(key K) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.flights[key]
	return f != nil && f.done != nil
}

// together starts a leader that is held until release is closed, and a follower that waits for it.
func together(
	t *testing.T, ctx context.Context, g *Group[string, int], result int, failure error,
) (follower chan outcome, release chan struct{}) {
	t.Helper()
	leading, release := make(chan struct{}), make(chan struct{})
	go func() {
		_, _, _ = g.Do(ctx, "key", func(ctx context.Context) (int, error) {
			close(leading)
			select {
			case <-release:
				return result, failure
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
	}()
	<-leading
	follower = make(chan outcome, 1)
	go func() {
		v, shared, err := g.Do(context.Background(), "key", func(context.Context) (int, error) { return -1, nil })
		follower <- outcome{v, shared, err}
	}()
	for !g.waiting("key") {
	}
	return follower, release
}

type outcome struct {
	value  int
	shared bool
	err    error
}

func TestThoseWhoWaitGetTheResult(t *testing.T) {
	follower, release := together(t, context.Background(), &Group[string, int]{}, 7, nil)
	close(release)
	if got := <-follower; got != (outcome{7, true, nil}) {
		t.Errorf("got %+v", got)
	}
}

func TestAnErrorIsSharedWithThoseWhoWaitOnly(t *testing.T) {
	g := &Group[string, int]{}
	failure := errors.New("failed")
	follower, release := together(t, context.Background(), g, 0, failure)
	close(release)
	if got := <-follower; !errors.Is(got.err, failure) || !got.shared {
		t.Errorf("who waited got %+v", got)
	}
	v, shared, err := g.Do(context.Background(), "key", func(context.Context) (int, error) { return 1, nil })
	if v != 1 || shared || err != nil {
		t.Errorf("who came later got %d, %t, %v", v, shared, err)
	}
}

func TestALeaderThatGoesAwayHandsOver(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	follower, _ := together(t, ctx, &Group[string, int]{}, 7, nil)
	cancel()
	if got := <-follower; got != (outcome{-1, false, nil}) {
		t.Errorf("the follower did not do the work itself: %+v", got)
	}
}

func TestAFollowerThatGoesAwayWaitsNoLonger(t *testing.T) {
	g := &Group[string, int]{}
	_, release := together(t, context.Background(), g, 7, nil)
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := g.Do(ctx, "key", func(context.Context) (int, error) { return 0, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWhoComesAfterAWriteBeginsAnew(t *testing.T) {
	g := &Group[string, int]{}
	follower, release := together(t, context.Background(), g, 7, nil)
	g.Forget()
	v, shared, err := g.Do(context.Background(), "key", func(context.Context) (int, error) { return 8, nil })
	if v != 8 || shared || err != nil {
		t.Errorf("who came after the write got %d, %t, %v", v, shared, err)
	}
	close(release)
	if got := <-follower; got != (outcome{7, true, nil}) {
		t.Errorf("who waited before the write got %+v", got)
	}
}

func TestAPanicIsNobodysResult(t *testing.T) {
	g := &Group[string, int]{}
	func() {
		defer func() { _ = recover() }()
		_, _, _ = g.Do(context.Background(), "key", func(context.Context) (int, error) { panic("bug") })
	}()
	v, _, err := g.Do(context.Background(), "key", func(context.Context) (int, error) { return 1, nil })
	if v != 1 || err != nil {
		t.Errorf("after the panic: %d, %v", v, err)
	}
}

func TestDifferentKeysShareNothing(t *testing.T) {
	var g Group[[2]string, string]
	var work atomic.Int64
	var group sync.WaitGroup
	for _, key := range [][2]string{{"a", "b"}, {"ab", ""}, {"", "ab"}} {
		for range 50 {
			group.Go(func() {
				v, _, err := g.Do(context.Background(), key, func(context.Context) (string, error) {
					work.Add(1)
					return key[0] + "|" + key[1], nil
				})
				if err != nil || v != key[0]+"|"+key[1] {
					t.Errorf("%v got %q, %v", key, v, err)
				}
			})
		}
	}
	group.Wait()
	if n := work.Load(); n < 3 {
		t.Errorf("three keys took %d pieces of work", n)
	}
}

func BenchmarkUnshared(b *testing.B) {
	var g Group[string, int]
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = g.Do(context.Background(), "key", func(context.Context) (int, error) { return 0, nil })
	}
}

// TestAFollowersTimeIsItsOwn: a follower that began to wait late has as much time as a leader, and
// no more after a leader that was cancelled.
func TestAFollowersTimeIsItsOwn(t *testing.T) {
	late := errors.New("late")
	for name, cancelled := range map[string]time.Duration{"the leader goes on": time.Hour, "the leader is cancelled": 19 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &Group[string, int]{FollowerTimeout: 10 * time.Second, ErrFollowerTimeout: late}
				hang := func(ctx context.Context) (int, error) {
					<-ctx.Done()
					return 0, context.Cause(ctx)
				}
				leader, cancel := context.WithTimeout(context.Background(), cancelled)
				defer cancel()
				go func() { _, _, _ = g.Do(leader, "key", hang) }()
				time.Sleep(12 * time.Second)
				began := time.Now()
				_, _, err := g.Do(context.Background(), "key", hang)
				if waited := time.Since(began); waited != 10*time.Second || !errors.Is(err, late) {
					t.Errorf("%v after %s", err, waited)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}

// What leader and followers have is not the result itself but what Share makes of it; a leader
// without followers has the result.
func TestAResultIsMadeFitForSharing(t *testing.T) {
	g := &Group[string, int]{Share: func(n int) int { return -n }}
	if alone, _, _ := g.Do(t.Context(), "key", func(context.Context) (int, error) { return 7, nil }); alone != 7 {
		t.Errorf("alone, the leader got %d", alone)
	}
	synctest.Test(t, func(t *testing.T) {
		leader := make(chan int, 1)
		release := make(chan struct{})
		go func() {
			v, _, _ := g.Do(t.Context(), "key", func(context.Context) (int, error) { <-release; return 7, nil })
			leader <- v
		}()
		synctest.Wait()
		follower := make(chan int, 1)
		go func() {
			v, _, _ := g.Do(t.Context(), "key", func(context.Context) (int, error) { return 0, nil })
			follower <- v
		}()
		synctest.Wait()
		close(release)
		if l, f := <-leader, <-follower; l != -7 || f != -7 {
			t.Errorf("the leader got %d, the follower %d", l, f)
		}
	})
}
