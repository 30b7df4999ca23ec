//go:build linux

package http1

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answers are handlers that use a ResponseWriter in every way that there is.
var answers = map[string]http.HandlerFunc{
	"nothing":           func(http.ResponseWriter, *http.Request) {},
	"a text":            func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
	"a page":            func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	"two writes":        func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a"); fmt.Fprint(w, "b") },
	"an error":          func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) },
	"an unknown status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(799) },
	"no content": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(http.StatusNoContent)
		if _, err := io.WriteString(w, "hello"); err != http.ErrBodyNotAllowed {
			panic(err)
		}
	},
	"not modified": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotModified)
	},
	"a second status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(500) },
	"fields after the status": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		w.Header().Set("X-Late", "yes")
		fmt.Fprint(w, "a")
	},
	"a type and an encoding": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		fmt.Fprint(w, "a")
	},
	"its own date": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Sun, 01 Jan 2023 00:00:00 GMT")
		fmt.Fprint(w, "a")
	},
	"values that try to break out": func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-A"] = []string{"a\r\nX-B: c", "d\n\r\n<html>"}
		w.Header()["X-C\r\nX-D"] = []string{"e"}
		w.Header()["X E"] = []string{"f"}
		fmt.Fprint(w, "a")
	},
	"values with blanks around them": func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-A"] = []string{" a", "b\t", "", " "}
		fmt.Fprint(w, "a")
	},
	"many fields": func(w http.ResponseWriter, _ *http.Request) {
		for i := range 2 * maxPlainFields {
			w.Header().Add(fmt.Sprintf("X-%d", i%(maxPlainFields+1)), "value")
		}
		fmt.Fprint(w, "a")
	},
	"a long text": func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			fmt.Fprint(w, strings.Repeat("0123456789", 99))
		}
	},
	"a long piece": func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "first,")
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<20)))
		_, _ = io.WriteString(w, strings.Repeat("y", 1<<20))
	},
	"a long piece of a known length": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1048578")
		fmt.Fprint(w, "a")
		_, _ = w.Write([]byte(strings.Repeat("x", 1<<20)))
		fmt.Fprint(w, "b")
	},
	"long fields": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 2*bufferBytes))
		fmt.Fprint(w, "a")
	},
	"too much": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		fmt.Fprint(w, "hello")
		if _, err := fmt.Fprint(w, "more"); err != http.ErrContentLength {
			panic(err)
		}
	},
	"the connection's end": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, "hello")
	},
	"a transfer of its own": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, "hello")
	},
	"a stream": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for range 3 {
			fmt.Fprint(w, "data: x\n\n")
			_ = http.NewResponseController(w).Flush()
		}
		w.(http.Flusher).Flush()
	},
	"a body left unread": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") },
	"a body read and closed": func(w http.ResponseWriter, r *http.Request) {
		one := make([]byte, 1)
		n, _ := r.Body.Read(one)
		_ = r.Body.Close()
		_, err := r.Body.Read(one)
		fmt.Fprint(w, n, err)
	},
	"the request": func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		_, port, _ := net.SplitHostPort(r.RemoteAddr)
		local := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		_, known := r.Context().Value(http.ServerContextKey).(*http.Server)
		fmt.Fprint(w, r.Method, r.RequestURI, r.URL, r.Proto, r.Host, r.ContentLength, r.Header, r.Close, r.TLS,
			string(body), err, port != "", local.Network(), known)
	},
}

// TestAnswersAreThoseOfNetHTTP has both give each answer, and compares all that the client can see
// of it.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	for name, h := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, &http.Server{Handler: h}, 0)
			ours, theirs := exchanged(t, s, true), exchanged(t, s, false)
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("net/http's and ours: %s", diff)
			}
		})
	}
}

// seen is what a client sees of an answer.
type seen struct {
	Status    string
	Header    http.Header
	Transfer  []string
	Length    int64
	Body      string
	KeepsOpen bool
}

func exchanged(t *testing.T, s *served, ours bool) seen {
	c := dial(t, s.address)
	c.send(t, "P")
	s.await(t, reading, 1)
	if !ours {
		s.pass(patience)
		s.await(t, reading, 0)
	}
	request := post("/graphql", "hello", "Private-Token: t", "accept: a", "ACCEPT: b")
	c.send(t, request[1:])
	r, body := c.receive(t)
	if r.Header.Get("Date") == "" {
		t.Error("no date")
	}
	r.Header.Del("Date")
	if len(r.TransferEncoding) > 0 {
		r.Header.Del("Content-Length")
	}
	v := seen{r.Status, r.Header, r.TransferEncoding, r.ContentLength, body, false}
	if !r.Close {
		c.send(t, request)
		second, _ := http.ReadResponse(c.Reader, nil)
		v.KeepsOpen = second != nil
	}
	return v
}

// The client cannot know where an answer ends that is shorter than was told, so that it ends with
// the connection.
func TestAnAnswerThatIsTooShortEndsTheConnection(t *testing.T) {
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "hello")
	})}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b")+post("/a", "b"))
	r, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(r.Body); err != io.ErrUnexpectedEOF || string(body) != "hello" {
		t.Errorf("%q %v", body, err)
	}
}

// net/http sends chunks here, and its own answer is no better.
func TestALengthThatIsNoneIsNotSent(t *testing.T) {
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "-5")
		fmt.Fprint(w, "hello")
	})}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b"))
	if r, body := c.receive(t); r.ContentLength != 5 || body != "hello" {
		t.Errorf("%v %q", r, body)
	}
}

// net/http closes the connection, for the rest of the body is still to come. Here it has come.
func TestABodyOverAHandlersLimitLeavesTheConnectionInOrder(t *testing.T) {
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1))
		fmt.Fprint(w, err)
	})}, 0)
	c := dial(t, s.address)
	for range 2 {
		c.send(t, post("/a", "hello"))
		if _, body := c.receive(t); body != "http: request body too large" {
			t.Error(body)
		}
	}
}

// A ResponseWriter that outlives its request writes nowhere.
func TestNothingCanBeWrittenAfterTheAnswer(t *testing.T) {
	kept := make(chan http.ResponseWriter, 2)
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "hello")
		kept <- w
	})}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b"))
	_, _ = c.receive(t)
	s.await(t, waiting, 1)
	w := (<-kept).(*response)
	w.Header().Set("X-Late", "yes")
	w.WriteHeader(500)
	_, err := w.Write([]byte("late"))
	_, err2 := w.WriteString("late")
	for _, err := range []error{err, err2, w.FlushError(), w.SetWriteDeadline(s.now)} {
		if err != errOver {
			t.Error(err)
		}
	}
	c.send(t, post("/a", "b"))
	if r, body := c.receive(t); r.StatusCode != 200 || r.Header.Get("X-Late") != "" || body != "hello" {
		t.Errorf("%v %q", r, body)
	}
}
