package http1

import (
	"slices"
	"sync"
	"time"
)

// sweeps is how often the pool looks for old connections in the time for which it keeps them: they
// are closed after nine tenths of it to the whole. Calls need no clock for it.
const sweeps = 10

// pool keeps connections that no call uses. The one used last is used next, so that those which a
// peak has left over grow old; one timer closes them, however many there are.
type pool struct {
	max     int
	timeout time.Duration

	mu       sync.Mutex
	idle     map[host][]*conn // each in the order in which they became idle
	count    int
	epoch    int  // sweeps so far
	draining bool // keep nothing until the next take
	timer    *time.Timer
	armed    bool
}

func newPool(limit int, timeout time.Duration) *pool {
	return &pool{max: limit, timeout: timeout, idle: make(map[host][]*conn)}
}

// take returns a connection that is fit for a request, nil where there is none.
func (p *pool) take(to host) *conn {
	for {
		c := p.pop(to)
		if c == nil || c.isQuiet() {
			return c
		}
		c.hangUp()
	}
}

func (p *pool) pop(to host) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = false
	list := p.idle[to]
	if len(list) == 0 {
		return nil
	}
	last := len(list) - 1
	c := list[last]
	list[last] = nil
	p.idle[to] = list[:last]
	p.count--
	return c
}

// put keeps the connection for another call, or closes it where there are enough.
func (p *pool) put(c *conn) {
	if !p.push(c) {
		c.hangUp()
	}
}

func (p *pool) push(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.draining || p.count >= p.max {
		return false
	}
	c.idleSince = p.epoch
	p.idle[c.to] = append(p.idle[c.to], c)
	p.count++
	if !p.armed {
		p.arm()
	}
	return true
}

// arm has the next sweep come in its time.
func (p *pool) arm() {
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(p.timeout/sweeps, p.sweep)
		return
	}
	p.timer.Reset(p.timeout / sweeps)
}

// sweep closes what was idle for too long, and comes again as long as there is something.
func (p *pool) sweep() {
	for _, c := range p.expired() {
		c.hangUp()
	}
}

// expired takes the connections out that have been idle for too long.
func (p *pool) expired() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	var old []*conn
	for to, list := range p.idle {
		n := 0
		for n < len(list) && p.epoch-list[n].idleSince >= sweeps {
			n++
		}
		old = append(old, list[:n]...)
		list = slices.Delete(list, 0, n)
		p.idle[to] = list
		if len(list) == 0 {
			delete(p.idle, to)
		}
	}
	p.count -= len(old)
	if p.armed = p.count > 0; p.armed {
		p.arm()
	}
	return old
}

func (p *pool) closeAll() {
	for _, c := range p.drain() {
		c.hangUp()
	}
}

func (p *pool) drain() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []*conn
	for _, list := range p.idle {
		all = append(all, list...)
	}
	clear(p.idle)
	p.count, p.draining = 0, true
	if p.armed {
		p.timer.Stop()
		p.armed = false
	}
	return all
}
