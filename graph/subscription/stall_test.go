package subscription

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jobgraph/graph/model"
)

// versionField watches a job and returns a number that the test changes: the size of an artifact.
func versionField(ctx context.Context) (func() any, error) {
	events, err := JobUpdated(ctx, "gid://gitlab/Project/1/Job/61")
	return func() any { return *(<-events).(*model.Job).Job.Artifacts[0].Size }, err
}

func (u *upstream) version(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.archived = fmt.Sprintf(`{"file_type":"trace","filename":"job.log","size":%d}`, n)
}

// watcher is a subscriber that reads at its own pace, and now and then leaves and comes again.
type watcher struct {
	rig    *rig
	random *rand.Rand
	seen   atomic.Int64
}

// watch reads until the context ends.
func (w *watcher) watch(ctx context.Context) {
	for ctx.Err() == nil {
		s := w.rig.subscribe("a")
		stop := context.AfterFunc(ctx, s.cancel)
		for n := 1 + w.random.IntN(8); n > 0 && ctx.Err() == nil; n-- {
			response := s.next(s.ctx)
			if response == nil {
				break
			}
			var version int64
			if _, err := fmt.Sscan(string(response.Data), &version); err == nil {
				w.seen.Store(max(w.seen.Load(), version))
			}
			w.think()
		}
		stop()
		s.cancel()
	}
}

// watchReady is watch by Subscribe, as a transport uses it that has no goroutine for a stream.
func (w *watcher) watchReady(ctx context.Context) {
	for ctx.Err() == nil {
		ready := make(chan struct{}, 1)
		s := w.rig.subscribeReady("a", func() {
			select {
			case ready <- struct{}{}:
			default:
			}
		})
		for n := 1 + w.random.IntN(8); n > 0; n-- {
			select {
			case <-ready:
			case <-ctx.Done():
			}
			response, over := s.Take()
			if ctx.Err() != nil || over {
				break
			}
			if response != nil {
				var version int64
				if _, err := fmt.Sscan(string(response.Data), &version); err == nil {
					w.seen.Store(max(w.seen.Load(), version))
				}
			}
			w.think()
		}
		s.Close()
	}
}

// think takes no time, or some.
func (w *watcher) think() {
	if w.random.IntN(3) == 0 {
		time.Sleep(time.Duration(w.random.IntN(5000)) * time.Millisecond)
	}
}

// A lost wake-up shows as a subscriber that does not reach the newest state. Subscribers come,
// leave and read at the very moments at which changes are found.
func TestEverySubscriberReachesEveryStateWhateverItsPace(t *testing.T) {
	const changes = 12
	for seed := range uint64(100) {
		bubble(t, versionField, func(t *testing.T, r *rig) {
			r.upstream.version(0)
			random := rand.New(rand.NewPCG(seed, 0))
			ctx, cancel := context.WithCancel(context.Background())
			var group sync.WaitGroup
			all := make([]*watcher, 1+random.IntN(6))
			for i := range all {
				all[i] = &watcher{rig: r, random: rand.New(rand.NewPCG(seed, uint64(i+1)))}
				if i%2 == 0 {
					group.Go(func() { all[i].watch(ctx) })
				} else {
					group.Go(func() { all[i].watchReady(ctx) })
				}
			}
			for version := 0; version < changes; {
				for range 1 + random.IntN(4) { // while some still read the change before
					version++
					r.upstream.version(version)
					time.Sleep(time.Duration(random.IntN(4000)) * time.Millisecond)
				}
				time.Sleep(time.Minute) // four times the longest interval between polls
				for i, w := range all {
					if seen := w.seen.Load(); seen != int64(version) {
						t.Errorf("seed %d: watcher %d has seen %d of %d", seed, i, seen, version)
					}
				}
			}
			cancel()
			group.Wait()
			synctest.Wait()
		})
		if t.Failed() {
			return
		}
	}
}

// Wake-ups that come while the function runs, or just as it ends, make it run once more.
func TestAWorkerRunsAfterEveryWakeUp(t *testing.T) {
	var wanted, done atomic.Int64
	var busy atomic.Int32
	w := worker{}
	w.run = func() {
		if busy.Add(1) != 1 {
			t.Error("the function ran twice at the same time")
		}
		done.Store(wanted.Load())
		busy.Add(-1)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20_000 {
				n := wanted.Add(1)
				w.wake()
				if n%100 == 0 { // it may rest
					for done.Load() < n {
						runtime.Gosched()
					}
				}
			}
		})
	}
	group.Wait()
}

// The only subscriber that was offered a change leaves without it: the others, which are behind,
// still get it.
func TestAChangeReachesWhoIsBehindAlthoughItsFirstReaderLeaves(t *testing.T) {
	bubble(t, versionField, func(t *testing.T, r *rig) {
		r.upstream.version(0)
		leaving, behind := r.subscribe("a"), r.subscribe("a")
		expect(t, "leaving, first", leaving.read(), "0")
		expect(t, "behind, first", behind.read(), "0")
		r.upstream.version(1)
		time.Sleep(20 * time.Second) // both are offered it
		expect(t, "leaving, change", leaving.read(), "1")
		synctest.Wait() // nothing follows it
		r.upstream.version(2)
		time.Sleep(20 * time.Second) // it is offered that, too
		leaving.cancel()
		synctest.Wait()
		expect(t, "behind, change", behind.read(), "1")
		late := time.AfterFunc(time.Minute, behind.cancel)
		expect(t, "behind, newest", behind.read(), "2")
		late.Stop()
		behind.cancel()
	})
}
