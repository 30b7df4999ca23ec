package subscription

import "sync/atomic"

// worker calls a function whenever it has been woken, never twice at the same time. It has a
// goroutine only while there is something to do.
type worker struct {
	run   func()
	state atomic.Int32
}

// The states of a worker.
const (
	idle    = iota
	running // the function runs
	again   // it runs, and was woken since: it runs once more
)

// wake makes the function run after this call has begun. It never blocks.
func (w *worker) wake() {
	for {
		switch w.state.Load() {
		case idle:
			if w.state.CompareAndSwap(idle, running) {
				go w.work()
				return
			}
		case running:
			if w.state.CompareAndSwap(running, again) {
				return
			}
		case again:
			return
		}
	}
}

func (w *worker) work() {
	for {
		w.run()
		if w.state.CompareAndSwap(running, idle) {
			return
		}
		w.state.Store(running)
	}
}
