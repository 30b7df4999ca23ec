package live

import "time"

// Clock is the engine's source of time.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own once d has passed, unless it is stopped before.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call to come.
type Timer interface{ Stop() bool }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now returns the time.
func (SystemClock) Now() time.Time { return time.Now() }

// AfterFunc is [time.AfterFunc].
func (SystemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// alarm is at most one scheduled call, made with the engine's lock held.
type alarm struct {
	timer Timer
	at    time.Time
	turn  int // a call whose turn is over was stopped too late
}

// set replaces the scheduled call.
func (a *alarm) set(e *Engine, d time.Duration, f func()) {
	a.stop()
	turn := a.turn
	a.at = e.clock.Now().Add(d)
	a.timer = e.clock.AfterFunc(d, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if a.turn == turn && a.timer != nil {
			a.timer = nil
			f()
		}
	})
}

// setEarlier sets the call unless one comes earlier.
func (a *alarm) setEarlier(e *Engine, d time.Duration, f func()) {
	if a.timer == nil || e.clock.Now().Add(d).Before(a.at) {
		a.set(e, d, f)
	}
}

func (a *alarm) stop() {
	a.turn++
	if a.timer != nil {
		a.timer.Stop()
		a.timer = nil
	}
}
