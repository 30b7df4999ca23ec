package live

import "time"

// pace determines the interval between two fast polls of a topic.
type pace interface {
	// interval is how long to wait for the next one.
	interval() time.Duration
	// observe records the outcome of one.
	observe(changed, ok bool, now time.Time)
	// hurry shortens the interval after a reported change.
	hurry()
}

// statePace polls quickly after a change, and ever more slowly while nothing changes or GitLab does
// not answer.
type statePace struct {
	min, max, now time.Duration
}

func (p *statePace) interval() time.Duration { return max(p.now, p.min) }

func (p *statePace) observe(changed, ok bool, _ time.Time) {
	switch {
	case !ok:
		p.now = min(2*p.interval(), 2*p.max)
	case changed:
		p.now = p.min
	default:
		p.now = min(p.interval()*5/4, p.max)
	}
}

func (p *statePace) hurry() { p.now = p.min }

// maxLogInterval is the longest interval between polls of a log. A runner pushes every 3 s while
// somebody looks at the job's page, and every 60 s otherwise.
const maxLogInterval = 60 * time.Second

// logPace learns how often a log moves: it polls twice as often as that.
type logPace struct {
	min    time.Duration
	period time.Duration // between two moves, in the mean
	moved  time.Time     // when it moved last
	failed int
}

func (p *logPace) interval() time.Duration {
	return min(max(p.period/2, p.min)<<min(p.failed, 5), maxLogInterval)
}

func (p *logPace) observe(changed, ok bool, now time.Time) {
	if !ok {
		p.failed++
		return
	}
	p.failed = 0
	if p.moved.IsZero() {
		p.moved = now
	}
	since := now.Sub(p.moved)
	switch {
	case changed:
		p.period, p.moved = (p.period+since)/2, now
	case since > p.period:
		p.period = since
	}
}

func (p *logPace) hurry() {}

// hookTrust is how long after a webhook its project's fast polls stay slow. A project where nothing
// happens for longer is polled again.
const hookTrust = 15 * time.Minute

// hooks is the state of the webhooks for a topic.
type hooks struct{ heard time.Time }

func (h *hooks) trusted(now time.Time) bool {
	return !h.heard.IsZero() && now.Sub(h.heard) < hookTrust
}

// missed records that a poll found a change without a webhook.
func (h *hooks) missed() { h.heard = time.Time{} }
