//go:build linux

package http1

import (
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPlainRequestsAreAnsweredHereUntilTheFirstOther(t *testing.T) {
	c := dial(t, serve(t, &http.Server{Handler: echo}, 0).address)
	for range 3 {
		c.send(t, post("/a", "one"))
		c.mustAnswer(t, "http1", "POST /a one")
	}
	c.send(t, odd)
	c.mustAnswer(t, "net/http", "GET /get ")
	c.send(t, post("/a", "one"))
	c.mustAnswer(t, "net/http", "POST /a one")
}

func TestRequestsInOnePieceAreAnsweredInOrder(t *testing.T) {
	c := dial(t, serve(t, &http.Server{Handler: echo}, 0).address)
	c.send(t, post("/a", "one")+post("/b", "two")+post("/c", strings.Repeat("x", 20_000))+odd+post("/d", "three"))
	c.mustAnswer(t, "http1", "POST /a one")
	c.mustAnswer(t, "http1", "POST /b two")
	c.mustAnswer(t, "net/http", "POST /c "+strings.Repeat("x", 20_000))
	c.mustAnswer(t, "net/http", "GET /get ")
	c.mustAnswer(t, "net/http", "POST /d three")
}

func TestARequestMayComeInTwoPieces(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 0)
	request := post("/a", "hello", "Accept: b")
	for n := 1; n < len(request); n++ {
		c := dial(t, s.address)
		c.send(t, request[:n])
		s.await(t, reading, 1)
		c.send(t, request[n:])
		c.mustAnswer(t, "http1", "POST /a hello")
		_ = c.Close()
		s.await(t, waiting, 0)
	}
}

func TestARequestInManyPiecesIsGivenToNetHTTP(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 0)
	c := dial(t, s.address)
	request := post("/a", "hello", "Accept: b")
	for n := range len(request) {
		c.send(t, request[n:n+1])
		runtime.Gosched()
	}
	_, body := c.receive(t) // whoever answers: how many pieces arrive is not the test's to say
	if body != "POST /a hello" {
		t.Error(body)
	}
}

func TestASlowRequestIsGivenToNetHTTP(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 0)
	request := post("/a", "hello")
	for _, n := range []int{3, 20, len(request) - 3} {
		c := dial(t, s.address)
		c.send(t, post("/b", "first")+request[:n])
		c.mustAnswer(t, "http1", "POST /b first")
		s.await(t, reading, 1)
		s.pass(patience)
		s.await(t, reading, 0)
		c.send(t, request[n:])
		c.mustAnswer(t, "net/http", "POST /a hello")
	}
}

// The times of net/http begin when it has the connection: a slow head is closed, a slow body fails
// in the handler.
func TestASlowRequestMeetsNetHTTPsTimes(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo, ReadHeaderTimeout: time.Millisecond, ReadTimeout: time.Millisecond}, 0)
	head, body := dial(t, s.address), dial(t, s.address)
	head.send(t, "POST /a HTTP/1.1\r\nHost: x\r\n")
	body.send(t, strings.TrimSuffix(post("/a", "hello"), "llo"))
	s.await(t, reading, 2)
	s.pass(patience)
	head.mustEnd(t)
	if r, _ := body.receive(t); r.StatusCode != http.StatusBadRequest {
		t.Error(r.Status)
	}
}

// A client that closes its sending side gets the answer that net/http gives.
func TestARequestThatBreaksOffIsGivenToNetHTTP(t *testing.T) {
	c := dial(t, serve(t, &http.Server{Handler: echo}, 0).address)
	c.send(t, "POST /a HTTP/1.1\r\nHo")
	_ = c.Conn.(*net.TCPConn).CloseWrite()
	if r, _ := c.receive(t); r.StatusCode != http.StatusBadRequest {
		t.Error(r.Status)
	}
}

func TestIdleConnectionsAreClosedInTime(t *testing.T) {
	for name, c := range map[string]struct {
		server *http.Server
		sent   string
	}{
		"nothing came":               {&http.Server{ReadHeaderTimeout: time.Minute, ReadTimeout: time.Hour, IdleTimeout: time.Hour}, ""},
		"nothing came, by default":   {&http.Server{ReadTimeout: time.Minute, IdleTimeout: time.Hour}, ""},
		"after a request":            {&http.Server{ReadHeaderTimeout: time.Second, IdleTimeout: time.Minute}, post("/a", "b")},
		"after a request by default": {&http.Server{ReadHeaderTimeout: time.Second, ReadTimeout: time.Minute}, post("/a", "b")},
	} {
		t.Run(name, func(t *testing.T) {
			c.server.Handler = echo
			s := serve(t, c.server, 0)
			conn := dial(t, s.address)
			if c.sent != "" {
				conn.send(t, c.sent)
				conn.mustAnswer(t, "http1", "POST /a b")
			}
			s.await(t, waiting, 1)
			s.pass(time.Minute - 1)
			s.await(t, waiting, 1)
			s.pass(time.Minute)
			conn.mustEnd(t)
		})
	}
}

func TestAnAnswerThatNobodyReadsIsCutOffInTime(t *testing.T) {
	failed := make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for chunk := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(chunk)
		}
		failed <- err
	})
	s := serve(t, &http.Server{WriteTimeout: time.Minute, Handler: handler}, 0)
	dial(t, s.address).send(t, post("/a", "b"))
	s.await(t, handling, 1)
	s.pass(time.Minute)
	if err := <-failed; !isTimeout(err) {
		t.Error(err)
	}
}

func TestAHandlerCanSetItsOwnTimeToWrite(t *testing.T) {
	set, release := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := errors.Join(control.SetWriteDeadline(time.Time{}), control.SetReadDeadline(time.Time{})); err != nil {
			t.Error(err)
		}
		close(set)
		<-release
		_, _ = io.Copy(w, r.Body)
	})
	s := serve(t, &http.Server{WriteTimeout: time.Minute, Handler: handler}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b"))
	<-set
	s.pass(time.Hour)
	close(release)
	c.mustAnswer(t, "", "b")
}

func TestARequestEndsWithItsClient(t *testing.T) {
	for name, leave := range map[string]func(*net.TCPConn){
		"in order": func(c *net.TCPConn) { _ = c.Close() },
		"broken": func(c *net.TCPConn) {
			_ = c.SetLinger(0)
			_ = c.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			began, ended := make(chan struct{}), make(chan struct{})
			s := serve(t, &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(began)
				<-r.Context().Done()
				close(ended)
			})}, 0)
			c := dial(t, s.address)
			c.send(t, post("/a", "b"))
			<-began
			s.pass(time.Hour)
			select {
			case <-ended:
				t.Fatal("the client is still there")
			default:
			}
			leave(c.Conn.(*net.TCPConn))
			for gone := false; !gone; { // the system may take its time
				select {
				case s.ticks <- s.now:
				case <-ended:
					gone = true
				}
			}
		})
	}
}

func TestPanicsAreLoggedAndEndTheConnection(t *testing.T) {
	for cause, wanted := range map[any]bool{"a bug": true, http.ErrAbortHandler: false} {
		s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half of an ans")
			panic(cause)
		})}, 0)
		c := dial(t, s.address)
		c.send(t, post("/a", "b"))
		c.mustEnd(t)
		if logged := s.logged.String(); strings.Contains(logged, "http: panic serving 127.0.0.1:") != wanted {
			t.Errorf("%v: %q", cause, logged)
		}
	}
}

func TestAHandlerThatEndsItsGoroutineEndsTheConnection(t *testing.T) {
	exits := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
	s := serve(t, &http.Server{Handler: exits}, 1)
	for range 2 {
		c := dial(t, s.address)
		c.send(t, post("/a", "b"))
		c.mustEnd(t)
	}
}
