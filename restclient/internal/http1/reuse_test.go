package http1

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestAConnectionIsFreeWithTheLastByteOfItsBody(t *testing.T) {
	server := newRawServer(t, answering(ok("[1]")))
	transport := newTransport(t)
	for range 3 {
		answer, err := transport.RoundTrip(newRequest(t, t.Context(), http.MethodGet, server.url, nil))
		if err != nil {
			t.Fatal(err)
		}
		// Exactly as many bytes as there are: no further Read returns io.EOF, and the body is not
		// closed yet.
		if _, err := io.ReadFull(answer.Body, make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
	}
	if got := server.connections.Load(); got != 1 {
		t.Errorf("%d connections", got)
	}
}

func TestAConnectionWhoseBodyWasNotReadIsClosed(t *testing.T) {
	ended := make(chan struct{}, 2)
	server := newRawServer(t, func(s *session) {
		answering(ok("[1]"))(s)
		ended <- struct{}{}
	})
	transport := newTransport(t)
	for range 2 {
		answer, err := transport.RoundTrip(newRequest(t, t.Context(), http.MethodGet, server.url, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(answer.Body, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		<-ended
		if _, err := answer.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("read after close: %v", err)
		}
		_ = answer.Body.Close()
	}
	if got := server.connections.Load(); got != 2 {
		t.Errorf("%d connections", got)
	}
}

func TestSurplusBytesAreNeverTheNextAnswer(t *testing.T) {
	t.Run("sent along", func(t *testing.T) {
		server := newRawServer(t, func(s *session) {
			s.awaitRequest()
			s.say(ok("mine") + ok("evil"))
			s.awaitRequest()
		})
		transport := newTransport(t)
		for range 3 {
			if got, err := get(t, transport, server.url); err != nil || got != "mine" {
				t.Errorf("%q, %v", got, err)
			}
		}
	})
	t.Run("sent while idle", func(t *testing.T) {
		idle, sent := make(chan struct{}), make(chan struct{})
		server := newRawServer(t, func(s *session) {
			s.awaitRequest()
			s.say(ok("mine"))
			<-idle
			s.say(ok("evil"))
			sent <- struct{}{}
			s.awaitRequest()
		})
		transport := newTransport(t)
		for range 3 {
			if got, err := get(t, transport, server.url); err != nil || got != "mine" {
				t.Errorf("%q, %v", got, err)
			}
			idle <- struct{}{}
			<-sent
		}
	})
	t.Run("where no body may be", func(t *testing.T) {
		server := newRawServer(t, func(s *session) {
			s.awaitRequest()
			s.say("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil" + ok("evil"))
			s.awaitRequest()
		})
		transport := newTransport(t)
		for range 2 {
			if got, err := get(t, transport, server.url); err != nil || got != "" {
				t.Errorf("%q, %v", got, err)
			}
		}
	})
}

// closing answers the first request of its first connection, and ends it so when idle has a value;
// others it serves.
func closing(end func(*session), idle, closed chan struct{}) func(*session) {
	return func(s *session) {
		if s.number > 1 {
			answering(ok("second"))(s)
			return
		}
		s.awaitRequest()
		s.say(ok("first"))
		<-idle
		end(s)
		close(closed)
	}
}

func TestAConnectionThatWasClosedWhileIdleIsNotUsed(t *testing.T) {
	for name, end := range map[string]func(*session){
		"closed": func(s *session) { _ = s.Close() },
		"reset":  (*session).reset,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			t.Run(name+" "+method, func(t *testing.T) {
				idle, closed := make(chan struct{}, 1), make(chan struct{})
				server := newRawServer(t, closing(end, idle, closed))
				transport := newTransport(t)
				if _, err := get(t, transport, server.url); err != nil {
					t.Fatal(err)
				}
				idle <- struct{}{}
				<-closed
				got, sent, err := send(transport, newRequest(t, t.Context(), method, server.url, nil))
				if err != nil || got != "second" || sent != 1 {
					t.Errorf("%q, %v, sent %d times", got, err, sent)
				}
			})
		}
	}
}

// vanishing closes its first connection when the second request on it has come, as a server does
// whose time for idle connections ends just then. It says before what there is to say.
func vanishing(say string, end func(*session)) func(*session) {
	return func(s *session) {
		if s.number > 1 {
			answering(ok("second"))(s)
			return
		}
		s.awaitRequest()
		s.say(ok("first"))
		s.awaitRequest()
		s.say(say)
		end(s)
	}
}

func TestOnlyAReadIsSentOnceMore(t *testing.T) {
	hangUp := func(s *session) { _ = s.Close() }
	cases := []struct {
		name, method, body, said string
		end                      func(*session)
		again                    bool
	}{
		{"a read", http.MethodGet, "", "", hangUp, true},
		{"a read that was reset", http.MethodGet, "", "", (*session).reset, true},
		{"a read whose answer has begun", http.MethodGet, "", "H", hangUp, false},
		{"a read with a body", http.MethodGet, "{}", "", hangUp, false},
		{"a write", http.MethodPost, "{}", "", hangUp, false},
		{"a write without a body", http.MethodPost, "", "", hangUp, false},
		{"a write that was reset", http.MethodPost, "{}", "", (*session).reset, false},
		{"a deletion", http.MethodDelete, "", "", hangUp, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := newRawServer(t, vanishing(c.said, c.end))
			transport := newTransport(t)
			if _, err := get(t, transport, server.url); err != nil {
				t.Fatal(err)
			}
			var body io.Reader
			if c.body != "" {
				body = strings.NewReader(c.body)
			}
			got, sent, err := send(transport, newRequest(t, t.Context(), c.method, server.url, body))
			if c.again {
				if err != nil || got != "second" || sent != 2 {
					t.Errorf("%q, %v, sent %d times", got, err, sent)
				}
				return
			}
			if sent != 1 {
				t.Errorf("sent %d times", sent)
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET) || server.connections.Load() != 1 {
				t.Errorf("%q, %v, %d connections", got, err, server.connections.Load())
			}
		})
	}
}

func TestAReadOverANewConnectionIsSentOnce(t *testing.T) {
	server := newRawServer(t, func(s *session) { s.awaitRequest() })
	_, err := get(t, newTransport(t), server.url)
	if !errors.Is(err, io.ErrUnexpectedEOF) || server.connections.Load() != 1 {
		t.Errorf("%v, %d connections", err, server.connections.Load())
	}
}

func TestNothingIsSentWithoutAConnection(t *testing.T) {
	server := newRawServer(t, func(*session) {})
	transport := newTransport(t)
	transport.DialContext = refusing
	_, sent, err := send(transport, newRequest(t, t.Context(), http.MethodPost, server.url, nil))
	if !errors.Is(err, syscall.ECONNREFUSED) || sent != 0 {
		t.Errorf("%v, sent %d times", err, sent)
	}
}

func TestAContextThatHasEndedSendsNothing(t *testing.T) {
	server := newRawServer(t, answering(ok("")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newTransport(t).RoundTrip(newRequest(t, ctx, http.MethodGet, server.url, nil))
	if !errors.Is(err, context.Canceled) || server.connections.Load() != 0 {
		t.Error(err)
	}
}
