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

// Hook is a webhook as somebody set it up in GitLab.
type Hook struct {
	URL string
	// Project limits the hook to one project's events; zero is a hook for all of them.
	Project int64
	// Token is sent in plain text as X-Gitlab-Token.
	Token string
	// SigningSecret, "whsec_" and base64, signs each delivery after the Standard Webhooks
	// specification.
	SigningSecret string
	// Queue is how many events may wait to be sent; those past it are lost. Zero is 1000.
	Queue int
	// Fate decides what becomes of each event; nil delivers all of them. It is called in the order
	// of the events.
	Fate func(HookEvent) Fate
}

// Fate is what becomes of an event on its way.
type Fate int

// Delivery may be lost, delayed and repeated: tests decide about each event.
const (
	Deliver   Fate = iota
	Lose           // it is never sent
	Duplicate      // it is sent twice, with the same webhook-id
	Hold           // it waits for Webhook.Release, while later ones overtake it
)

// HookEvent is a change that webhooks deliver.
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
	maxDeliveries = 1000             // attempts that are remembered
	failuresToOff = 4                // failures in a row after which GitLab switches a hook off for a while
	firstPause    = time.Minute
	longestPause  = 24 * time.Hour
)

// Webhook is a hook at work.
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

// AddHook sends every change from now on to a URL, in the order of the changes. What moves by the
// clock alone is noticed when a request changes something, or by Step or Run.
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

// Close removes the hook: nothing is sent from now on, and what waited is lost.
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

// Wait returns when everything that has happened so far has been sent, lost or held, or when ctx
// ends.
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

// Lost returns how many events were not sent: the queue was full, Fate lost them, or the hook was
// switched off.
func (w *Webhook) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

// Off reports whether GitLab has switched the hook off because its receiver failed: for a while, or
// for good.
func (w *Webhook) Off() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.off()
}

func (w *Webhook) off() bool {
	return w.offForGood || w.server.options.Now().Before(w.offUntil)
}

// enqueue takes an event without waiting for anybody: the world is locked meanwhile.
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

// drain sends what waits, one after the other, and ends when nothing is left.
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
		w.meetFate(next)
	}
}

func (w *Webhook) meetFate(e HookEvent) {
	fate := Deliver
	if w.hook.Fate != nil {
		fate = w.hook.Fate(e)
	}
	switch fate {
	case Lose:
		w.count(func() { w.lost++ })
	case Hold:
		w.count(func() { w.held = append(w.held, e) })
	case Duplicate:
		w.send(e)
		w.send(e)
	default:
		w.send(e)
	}
}

func (w *Webhook) count(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}
