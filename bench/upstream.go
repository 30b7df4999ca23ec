package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jobgraph/internal/fakegitlab"
)

// upstream is a GitLab that costs little: the first time that a URL is asked for the simulator
// answers, and from then on that answer is written from memory. It speaks HTTP straight over its
// connections, because the CPU that it takes is the load's too. Callers' credentials are not looked
// at.
type upstream struct {
	simulator http.Handler
	listener  net.Listener
	latency   atomic.Int64
	calls     atomic.Int64
	answers   sync.Map     // responses with their heads, []byte, by method and URI
	serving   sync.RWMutex // held for reading as long as a connection is open
}

func newUpstream() (*upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{listener: listener, simulator: fakegitlab.New(fakegitlab.Options{Dataset: fill, Now: noon})}
	go u.accept()
	return u, nil
}

func (u *upstream) address() string { return u.listener.Addr().String() }

// reset forgets all answers and calls, and sets how long answers take. It waits for what was sent
// before: the processes that sent it must have ended.
func (u *upstream) reset(latency time.Duration) {
	u.serving.Lock()
	defer u.serving.Unlock()
	u.answers.Clear()
	u.calls.Store(0)
	u.latency.Store(int64(latency))
}

// urls are the URIs that were asked for since the last reset.
func (u *upstream) urls() []string {
	var uris []string
	u.answers.Range(func(key, _ any) bool {
		_, uri, _ := strings.Cut(key.(string), " ")
		uris = append(uris, uri)
		return true
	})
	return uris
}

func (u *upstream) accept() {
	for {
		c, err := u.listener.Accept()
		if err != nil {
			return
		}
		go u.serve(c)
	}
}

// serve answers one connection's requests until the other side closes it.
func (u *upstream) serve(c net.Conn) {
	defer c.Close()
	u.serving.RLock()
	defer u.serving.RUnlock()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		u.calls.Add(1)
		answer := u.answer(r)
		time.Sleep(time.Duration(u.latency.Load()))
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

func (u *upstream) answer(r *http.Request) []byte {
	key := r.Method + " " + r.RequestURI
	if answer, ok := u.answers.Load(key); ok {
		return answer.([]byte)
	}
	asked := r.Clone(context.Background())
	asked.Header = http.Header{"Private-Token": {simulatorToken}}
	rec := recorder{header: http.Header{}}
	u.simulator.ServeHTTP(&rec, asked)
	answer := rec.response()
	u.answers.Store(key, answer)
	return answer
}

// recorder is an http.ResponseWriter that keeps the response.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	r.status = status
	if n, err := strconv.Atoi(r.header.Get("Content-Length")); err == nil {
		r.body.Grow(n) // at once, for logs of hundreds of megabytes
	}
}

func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// response returns a response as it goes over the wire, head and body.
func (r *recorder) response() []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", r.status, http.StatusText(r.status))
	_ = r.header.Write(&head) // a bytes.Buffer takes everything
	head.WriteString("\r\n")
	return append(head.Bytes(), r.body.Bytes()...)
}
