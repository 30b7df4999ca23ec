package live

import "time"

// offsets records whether the instance supports byte_offset: releases before 18.10 ignore it.
type offsets struct {
	known, ignored bool
	at             time.Time
}

func (e *Engine) ignoresOffset() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.offsets.ignored && e.clock.Now().Sub(e.offsets.at) > recheckOffset {
		e.offsets = offsets{} // the instance may have been upgraded
	}
	return e.offsets.ignored
}

func (e *Engine) knowsOffset() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.offsets.known && !e.offsets.ignored
}

func (e *Engine) setOffset(works bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.offsets = offsets{known: true, ignored: !works, at: e.clock.Now()}
}
