package fakegitlab

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The events of webhooks, as in the X-Gitlab-Event header.
const (
	JobHook      = "Job Hook"
	PipelineHook = "Pipeline Hook"
)

// Hook is the configuration of a webhook.
type Hook struct {
	URL string
	// Project limits the hook to one project's events. Zero is a hook for all projects.
	Project int64
	// Token is sent in plain text as X-Gitlab-Token.
	Token string
	// SigningSecret is "whsec_" and a base64 key, with which each delivery is signed as the
	// Standard Webhooks specification defines.
	SigningSecret string
	// Queue is the number of events that may wait to be sent. Further events are lost. Zero is
	// 1000.
	Queue int
	// Fate decides how each event is delivered; nil delivers all of them. It is called in the order
	// of the events.
	Fate func(HookEvent) Fate
}

// Fate is how an event is delivered.
type Fate int

// The fates with which tests simulate lost, repeated and delayed events.
const (
	Deliver   Fate = iota
	Lose           // the event is never sent
	Duplicate      // the event is sent twice, with the same webhook-id
	Hold           // the event is sent by Webhook.Release, and later events before it
)

// HookEvent is an event that webhooks deliver.
type HookEvent struct {
	Event      string // JobHook or PipelineHook
	ID         string // webhook-id and Idempotency-Key: the same for each delivery of this event
	ProjectID  int64
	PipelineID int64
	JobID      int64 // zero for a pipeline's event
	Status     Status
	At         time.Time // when the change happened
	Body       []byte
}

// HookDelivery is one attempt to deliver an event.
type HookDelivery struct {
	HookEvent
	Status int // of the answer; zero if there was none
}

const (
	hookQueue     = 1000
	hookTimeout   = 10 * time.Second // GitLab's own
	maxDeliveries = 1000             // attempts that are kept
	failuresToOff = 4                // consecutive failures after which GitLab disables a hook for a while
	firstPause    = time.Minute
	longestPause  = 24 * time.Hour
)

// Webhook is a hook that has been added to a server.
type Webhook struct {
	hook   Hook
	server *Server
	client *http.Client

	mu         sync.Mutex
	queue      []HookEvent
	held       []HookEvent
	deliveries []HookDelivery
	lost       int
	idle       chan struct{} // closed when the queue has been sent; nil: nothing is being sent
	closed     bool
	failures   int
	pause      time.Duration
	offUntil   time.Time
	offForGood bool
}

// AddHook sends the events of all later changes to a URL, in the order of the changes. Changes that
// follow from the clock alone are sent at the next write, or by Step or Run.
func (s *Server) AddHook(h Hook) *Webhook {
	h.Queue = cmp.Or(h.Queue, hookQueue)
	w := &Webhook{hook: h, server: s, client: &http.Client{Timeout: hookTimeout}}
	now, unlock := s.lock(true)
	defer unlock()
	if s.changes == nil {
		s.changes = newChangeLog(s.world, now)
	}
	s.hooks = append(s.hooks, w)
	return w
}

// Close removes the hook. The events that wait to be sent are lost.
func (w *Webhook) Close() {
	w.server.mu.Lock()
	w.server.hooks = slices.DeleteFunc(w.server.hooks, func(have *Webhook) bool { return have == w })
	if len(w.server.hooks) == 0 {
		w.server.changes = nil
	}
	w.server.mu.Unlock()
	w.mu.Lock()
	w.closed, w.queue, w.held = true, nil, nil
	w.mu.Unlock()
	w.client.CloseIdleConnections()
}

// Wait returns when all events so far have been sent, lost or held, or when ctx ends.
func (w *Webhook) Wait(ctx context.Context) error {
	w.mu.Lock()
	idle := w.idle
	w.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Release sends the events that were held, oldest first.
func (w *Webhook) Release() {
	w.mu.Lock()
	held := w.held
	w.held = nil
	w.mu.Unlock()
	for _, e := range held {
		w.send(e)
	}
}

// Deliveries returns the latest attempts, oldest first.
func (w *Webhook) Deliveries() []HookDelivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.deliveries)
}

// Lost returns the number of events that were not sent because the queue was full, Fate lost them,
// or the hook was disabled.
func (w *Webhook) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// Off reports whether the hook is disabled, temporarily or permanently, because its receiver
// failed.
func (w *Webhook) Off() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off()
}

func (w *Webhook) off() bool {
	return w.offForGood || w.server.options.Now().Before(w.offUntil)
}

// enqueue queues an event. It does not block, because its caller holds the world's lock.
func (w *Webhook) enqueue(e HookEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if len(w.queue) >= w.hook.Queue {
		w.lost++
		return
	}
	w.queue = append(w.queue, e)
	if w.idle == nil {
		w.idle = make(chan struct{})
		go w.drain()
	}
}

// drain sends the queued events one after the other, and returns when the queue is empty.
func (w *Webhook) drain() {
	for {
		w.mu.Lock()
		if len(w.queue) == 0 {
			close(w.idle)
			w.idle, w.queue = nil, nil
			w.mu.Unlock()
			return
		}
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.mu.Unlock()
		w.deliver(next)
	}
}

// deliver handles an event as Fate decides.
func (w *Webhook) deliver(e HookEvent) {
	fate := Deliver
	if w.hook.Fate != nil {
		fate = w.hook.Fate(e)
	}
	switch fate {
	case Lose:
		w.locked(func() { w.lost++ })
	case Hold:
		w.locked(func() { w.held = append(w.held, e) })
	case Duplicate:
		w.send(e)
		w.send(e)
	default:
		w.send(e)
	}
}

// locked calls change with the mutex held.
func (w *Webhook) locked(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}
