// Package store is what replicas of the gateway share: wake-ups, the lease of each topic's fast
// poll, and the documents that clients register. No credential and no answer ever enters it.
//
// This file has a store within one process. Its interface is small, so that another store can
// replace it:
//
//	Publish(ctx, message)              passes a message to the other replicas
//	Subscribe(func(message))           receives what the others publish
//	Lease(ctx, name, ttl) → busy       takes or extends a lease
//	Release(ctx, name)                 ends one's own lease
package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Memory is a store within one process. A process that is alone needs none; tests let several
// engines share one.
type Memory struct {
	now func() time.Time

	mu       sync.Mutex
	replicas []*Replica
	leases   map[string]lease
	failing  bool
}

type lease struct {
	holder *Replica
	until  time.Time
}

// NewMemory makes a store that reads the time from a clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, leases: map[string]lease{}}
}

// Replica is one replica's handle on the store.
type Replica struct {
	store   *Memory
	receive func(string)
}

// Replica adds a replica.
func (m *Memory) Replica() *Replica {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &Replica{store: m, receive: func(string) {}}
	m.replicas = append(m.replicas, r)
	return r
}

var errGone = errors.New("the store is gone")

// Fail makes every call fail, or succeed again.
func (m *Memory) Fail(failing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing = failing
}

// Subscribe passes the messages of the other replicas to a function.
func (r *Replica) Subscribe(receive func(string)) {
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.receive = receive
}

// Publish passes a message to the other replicas.
func (r *Replica) Publish(_ context.Context, message string) error {
	m := r.store
	m.mu.Lock()
	var others []func(string)
	for _, other := range m.replicas {
		if other != r {
			others = append(others, other.receive)
		}
	}
	failing := m.failing
	m.mu.Unlock()
	if failing {
		return errGone
	}
	for _, receive := range others {
		receive(message)
	}
	return nil
}

// Lease takes or extends a lease for ttl from now. It returns 0 if this replica holds it, and
// otherwise how long another one still does. Expired leases are removed.
func (r *Replica) Lease(_ context.Context, name string, ttl time.Duration) (busy time.Duration, err error) {
	m := r.store
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing {
		return 0, errGone
	}
	now := m.now()
	for other, l := range m.leases {
		if !now.Before(l.until) {
			delete(m.leases, other)
		}
	}
	if l, held := m.leases[name]; held && l.holder != r {
		return l.until.Sub(now), nil
	}
	m.leases[name] = lease{r, now.Add(ttl)}
	return 0, nil
}

// Release ends a lease, if this replica holds it.
func (r *Replica) Release(_ context.Context, name string) error {
	m := r.store
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing {
		return errGone
	}
	if m.leases[name].holder == r {
		delete(m.leases, name)
	}
	return nil
}
