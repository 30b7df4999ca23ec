package http1

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

var errGone = errors.New("the caller has gone")

func TestACallEndsWithItsContextAtEveryStage(t *testing.T) {
	// Each stage calls reached once it has come as far as its name says.
	stages := map[string]func(t *testing.T, transport *Transport, reached func()) (url string){
		"while it dials": func(_ *testing.T, transport *Transport, reached func()) string {
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				reached()
				<-ctx.Done()
				return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
			}
			return "http://h"
		},
		"while it writes": func(_ *testing.T, transport *Transport, reached func()) string {
			transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					_, _ = server.Read(make([]byte, 1))
					reached() // and the rest is not taken
				}()
				return client, nil
			}
			return "http://h"
		},
		"before the answer": func(t *testing.T, _ *Transport, reached func()) string { return hanging(t, "", reached) },
		"in the header":     func(t *testing.T, _ *Transport, reached func()) string { return hanging(t, plenty, reached) },
		"in the body": func(t *testing.T, _ *Transport, reached func()) string {
			return hanging(t, plenty+"Content-Length: 10\r\n\r\n[", reached)
		},
		"in the chunks": func(t *testing.T, _ *Transport, reached func()) string {
			return hanging(t, plenty+"Transfer-Encoding: chunked\r\n\r\n5\r\n[", reached)
		},
		"before the last line": func(t *testing.T, _ *Transport, reached func()) string {
			return hanging(t, plenty+"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n", reached)
		},
		"in a body without a length": func(t *testing.T, _ *Transport, reached func()) string { return hanging(t, plenty+"\r\n[", reached) },
	}
	for name, prepare := range stages {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			transport := newTransport(t)
			url := prepare(t, transport, func() { cancel(errGone) })
			body := bytes.NewReader(make([]byte, 1<<10))
			got, err := read(transport.RoundTrip(newRequest(t, ctx, http.MethodPost, url, body)))
			if !errors.Is(err, errGone) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// hanging is a server that sends a part of an answer and then waits until the client disconnects.
func hanging(t *testing.T, part string, reached func()) string {
	return newRawServer(t, func(s *session) {
		s.awaitRequest()
		s.say(part)
		reached()
		_, _ = io.Copy(io.Discard, s.in)
	}).url
}

func TestACallThatEndsAfterItsBodyHarmsNoOther(t *testing.T) {
	server := newRawServer(t, answering(ok("[]")))
	transport := newTransport(t)
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		answer, err := transport.RoundTrip(newRequest(t, ctx, http.MethodGet, server.url, nil))
		if err != nil {
			t.Fatal(err)
		}
		go cancel() // at about the time when the connection is given back
		if _, err := io.ReadFull(answer.Body, make([]byte, 2)); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if got, err := get(t, transport, server.url); err != nil || got != "[]" {
			t.Fatalf("the next call: %q, %v", got, err)
		}
	}
}

func TestCloseEndsAReadThatWaits(t *testing.T) {
	server := newRawServer(t, func(s *session) {
		s.awaitRequest()
		s.say(plenty + "Content-Length: 10\r\n\r\n[")
		_, _ = io.Copy(io.Discard, s.in)
	})
	answer, err := newTransport(t).RoundTrip(newRequest(t, t.Context(), http.MethodGet, server.url, nil))
	if err != nil {
		t.Fatal(err)
	}
	begun, done := make(chan struct{}), make(chan error)
	go func() {
		_, _ = io.ReadFull(answer.Body, make([]byte, 1))
		close(begun)
		_, err := answer.Body.Read(make([]byte, 1))
		done <- err
	}()
	<-begun
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Error(err)
	}
}

// TestEveryAnswerBelongsToItsRequest runs many callers at once, of which some are canceled at any
// time, some do not read their answers, and some use a connection that is closed. It checks that no
// caller gets the answer of another.
func TestEveryAnswerBelongsToItsRequest(t *testing.T) {
	server := newRawServer(t, func(s *session) {
		for {
			request, came := s.awaitRequest()
			if !came {
				return
			}
			body := strings.Repeat(request.URL.Path, 1+rand.IntN(400))
			switch rand.IntN(8) {
			case 0:
				s.say(fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", plenty, len(body), body))
			case 1:
				s.say(ok(body))
				return
			case 2:
				s.say(ok(body) + ok("/evil"))
			default:
				s.say(ok(body))
			}
		}
	})
	transport := newTransport(t)
	const callers, calls = 64, 100
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for n := range calls {
				call(t, transport, server.url, fmt.Sprintf("/%d-%d", caller, n))
			}
		})
	}
	group.Wait()
}

func call(t *testing.T, transport *Transport, url, path string) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	leaves := rand.IntN(4) == 0
	if leaves {
		go cancel()
	}
	answer, err := transport.RoundTrip(newRequest(t, ctx, http.MethodGet, url+path, nil))
	if err != nil {
		if !leaves {
			t.Error(err)
		}
		return
	}
	defer func() { _ = answer.Body.Close() }()
	if rand.IntN(8) == 0 {
		return
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil && !leaves {
		t.Error(err)
	}
	if err == nil && (len(body) == 0 || strings.ReplaceAll(string(body), path, "") != "") {
		t.Errorf("%s was answered with %.40q", path, body)
	}
}
