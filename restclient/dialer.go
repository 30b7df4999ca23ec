package restclient

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// slowDial is how long a connection takes where an address before the one that answered is dead:
	// net's dialer gives each its share of the time, 2.5 s of 5 s for the first of two.
	slowDial = time.Second

	// preferFor is how long the address that answered is dialed alone. Then the name is resolved
	// again.
	preferFor = 5 * time.Minute
)

// dialer makes connections, and remembers which of a name's addresses answered where others are
// dead. Its names are those of GitLab and a proxy: there are few.
type dialer struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	now  func() time.Time

	mu        sync.Mutex
	preferred map[string]preference // by the address with the name
}

type preference struct {
	address string
	until   time.Time
}

func newDialer() *dialer {
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &dialer{dial: d.DialContext, now: time.Now, preferred: map[string]preference{}}
}

// DialContext makes a connection.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if answering := d.answering(address); answering != "" {
		if connection, err := d.dial(ctx, network, answering); err == nil || ctx.Err() != nil {
			return connection, err
		}
		d.prefer(address, preference{})
	}
	began := d.now()
	connection, err := d.dial(ctx, network, address)
	if err == nil && d.now().Sub(began) > slowDial {
		d.prefer(address, preference{connection.RemoteAddr().String(), d.now().Add(preferFor)})
	}
	return connection, err
}

func (d *dialer) answering(address string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.preferred[address]
	if !d.now().Before(p.until) {
		return ""
	}
	return p.address
}

func (d *dialer) prefer(address string, p preference) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.preferred[address] = p
}
