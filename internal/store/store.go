// Package store is what replicas of the gateway share: wake-ups, and the lease of each topic's fast
// poll. No credential and no answer ever enters it.
//
// This file has a store within one process. Its interface is small, so that another store can
// replace it:
//
//	Publish(ctx, message)              passes a message to the other replicas
//	Subscribe(func(message))           receives what the others publish
//	TryLease(ctx, name, ttl) → held    takes or extends a lease
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

// TryLease takes or extends a lease for ttl from now, and reports whether this replica holds it.
// Expired leases are removed.
func (r *Replica) TryLease(_ context.Context, name string, ttl time.Duration) (bool, error) {
	m := r.store
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing {
		return false, errGone
	}
	now := m.now()
	for other, l := range m.leases {
		if !now.Before(l.until) {
			delete(m.leases, other)
		}
	}
	if l, held := m.leases[name]; held && l.holder != r {
		return false, nil
	}
	m.leases[name] = lease{r, now.Add(ttl)}
	return true, nil
}
