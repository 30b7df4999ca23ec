//go:build linux

package http1

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// held is a handler that answers when it is released, and reports when a request has come and how
// its context ended.
type held struct {
	came, release chan struct{}
	causes        chan error
}

func newHeld() held {
	return held{make(chan struct{}, 8), make(chan struct{}), make(chan error, 8)}
}

func (h held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.came <- struct{}{}
	select {
	case <-h.release:
		_, _ = io.WriteString(w, server(w))
	case <-r.Context().Done():
	}
	h.causes <- r.Context().Err()
}

func TestTheEndIsInOrder(t *testing.T) {
	h := newHeld()
	s := serve(t, &http.Server{Handler: h}, 0)
	idle, fresh, busy := dial(t, s.address), dial(t, s.address), dial(t, s.address)
	theirs, half := dial(t, s.address), dial(t, s.address)
	go func() { h.release <- struct{}{} }()
	idle.send(t, post("/a", "b"))
	if _, body := idle.receive(t); body != "http1" {
		t.Fatal(body)
	}
	busy.send(t, post("/a", "b")+post("/a", "c"))
	theirs.send(t, odd)
	for range 3 {
		<-h.came
	}
	half.send(t, "POST /a")
	s.await(t, reading, 1)
	s.await(t, waiting, 2)

	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	idle.mustEnd(t)
	s.pass(patience)
	half.mustEnd(t)
	s.pass(firstTime)
	fresh.mustEnd(t)
	select {
	case err := <-ended:
		t.Fatalf("ended before the requests in flight: %v", err)
	default:
	}
	close(h.release)
	for _, c := range []struct {
		client
		name string
	}{{busy, "http1"}, {theirs, "net/http"}} {
		if r, body := c.receive(t); body != c.name || !r.Close {
			t.Errorf("%s: %q, close %t", c.name, body, r.Close)
		}
		c.mustEnd(t)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(h.came) > 0 {
		t.Error("a request was begun after the end had")
	}
}

// A proxy that has just connected may have sent a request already, which it must not send again.
func TestTheFirstRequestOfAConnectionIsAnsweredAlsoAtTheEnd(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 0)
	c := dial(t, s.address)
	s.await(t, waiting, 1)
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	<-s.closed
	c.send(t, post("/a", "b"))
	if r, body := c.receive(t); body != "POST /a b" || !r.Close {
		t.Errorf("got %q, close %t", body, r.Close)
	}
	c.mustEnd(t)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWhatDoesNotFinishInTimeIsCutOff(t *testing.T) {
	h := newHeld()
	s := serve(t, &http.Server{Handler: h}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b"))
	<-h.came
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	_ = s.Close()
	if err := <-h.causes; err == nil {
		t.Error("the request goes on")
	}
	c.mustEnd(t)
}

func TestConnectionsOverTheLimitWaitWhoeverServesThem(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 2)
	ours, theirs, third := dial(t, s.address), dial(t, s.address), dial(t, s.address)
	ours.send(t, post("/a", "b"))
	ours.mustAnswer(t, "http1", "POST /a b")
	theirs.send(t, odd)
	theirs.mustAnswer(t, "net/http", "GET /get ")
	third.send(t, post("/a", "b"))
	s.await(t, waiting, 1)
	_ = theirs.Close()
	third.mustAnswer(t, "http1", "POST /a b")
	fourth := dial(t, s.address)
	fourth.send(t, post("/a", "b"))
	_ = ours.Close()
	fourth.mustAnswer(t, "http1", "POST /a b")
}

// While the end is awaited, time still goes by: here it is the system's.
func TestARequestEndsWithItsClientAlsoAtTheEnd(t *testing.T) {
	h := newHeld()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, served := New(&http.Server{Handler: h}, Options{FastPath: true}), make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	c := dial(t, l.Addr().String())
	c.send(t, post("/a", "b"))
	<-h.came
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	<-served
	_ = c.Close()
	if err := errors.Join(<-ended, <-h.causes); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// An answer whose head has gone cannot announce the end any more.
func TestNoRequestFollowsAStreamThatOutlivesTheBeginningOfTheEnd(t *testing.T) {
	h := newHeld()
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		h.ServeHTTP(w, r)
	})}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b")+post("/a", "c"))
	<-h.came
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	<-s.closed
	close(h.release)
	c.mustAnswer(t, "", "http1")
	c.mustEnd(t)
	if err := <-ended; err != nil || len(h.came) > 0 {
		t.Errorf("%v, %d more", err, len(h.came))
	}
}
