package main

import (
	"slices"
	"time"
)

// added is the time of a REST call, and of the same call through the gateway, in milliseconds, with
// nothing else to do.
type added struct {
	Direct50  float64 `json:"directP50Ms"`
	Direct99  float64 `json:"directP99Ms"`
	Through50 float64 `json:"throughP50Ms"`
	Through99 float64 `json:"throughP99Ms"`
}

// measureAdded takes turns: a REST call, a query that makes the same call, and so on, so that
// what disturbs the machine disturbs both.
func (b *bench) measureAdded() (added, error) {
	b.upstream.reset(b.latency)
	gateway, err := start(b.ctx, b.gateway(), "-addr", "127.0.0.1:0", "-gitlab-probe=false", "-gitlab-url", "http://"+b.upstream.address())
	if err != nil {
		return added{}, err
	}
	defer gateway.Stop()
	request, err := query(plain("single"))
	if err != nil {
		return added{}, err
	}
	if _, err := b.first(host(gateway), request); err != nil {
		return added{}, err
	}
	direct, err := newTimer(b.upstream.address(), restCall(b.upstream.urls()[0]))
	if err != nil {
		return added{}, err
	}
	defer direct.Close()
	through, err := newTimer(host(gateway), request)
	if err != nil {
		return added{}, err
	}
	defer through.Close()
	for began := time.Now(); time.Since(began) < b.duration && b.ctx.Err() == nil; {
		if err := direct.exchange(); err != nil {
			return added{}, err
		}
		if err := through.exchange(); err != nil {
			return added{}, err
		}
	}
	return added{direct.percentile(50), direct.percentile(99), through.percentile(50), through.percentile(99)}, nil
}

// timer times one request, sent again and again.
type timer struct {
	*connection
	request request
	times   []time.Duration
}

func newTimer(address string, r request) (*timer, error) {
	c, err := dial(address)
	return &timer{connection: c, request: r}, err
}

func (t *timer) exchange() error {
	began := time.Now()
	_, err := t.connection.exchange(t.request)
	t.times = append(t.times, time.Since(began))
	return err
}

func (t *timer) percentile(percent int) float64 {
	slices.Sort(t.times)
	return ms(percentile(t.times, percent))
}
