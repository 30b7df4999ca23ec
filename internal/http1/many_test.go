//go:build linux

package http1

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Two thousand callers with tokens and bodies of their own, each on its own connection: none ever
// sees another's, in a request or in an answer, also where handlers keep what they were given.
func TestNothingCrossesFromOneRequestToAnother(t *testing.T) {
	kept := make(chan func() string, 16)
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, header := r.Header.Get("Private-Token"), r.Header
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Token", token)
		if r.URL.Path == "/long" {
			body = []byte(strings.Repeat(string(body), 2*bufferBytes/len(body)))
		}
		_, _ = w.Write(body)
		select {
		case kept <- func() string {
			return fmt.Sprint(token == header.Get("Private-Token"), len(header), r.URL.Path == r.RequestURI)
		}:
		default:
		}
	})}, 0)
	const callers, requests = 2000, 4
	clients := make([]client, callers)
	for i := range clients {
		clients[i] = dial(t, s.address)
	}
	var group sync.WaitGroup
	for worker := range 64 {
		group.Go(func() {
			for n := range requests {
				for i := worker; i < callers; i += 64 {
					askAsCaller(t, clients[i], i, n)
				}
			}
		})
	}
	group.Wait()
	for len(kept) > 0 {
		if got := (<-kept)(); got != "true 2 true" && got != "true 3 true" {
			t.Errorf("what was kept has changed: %s", got)
		}
	}
	s.await(t, waiting, callers)
}

func askAsCaller(t *testing.T, c client, i, n int) {
	path, fields := "/short", []string{fmt.Sprintf("PRIVATE-TOKEN: token-%d-%d", i, n)}
	if i%7 == 0 {
		path = "/long"
	}
	if i%3 == 0 {
		fields = append(fields, "X-Other: "+strings.Repeat("o", i%100))
	}
	body := fmt.Sprintf("body-%d-%d,", i, n)
	if _, err := io.WriteString(c.Conn, post(path, body, fields...)); err != nil {
		t.Error(err)
		return
	}
	r, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		t.Error(err)
		return
	}
	got, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("X-Token") != fmt.Sprintf("token-%d-%d", i, n) ||
		strings.ReplaceAll(string(got), body, "") != "" || len(got) == 0 {
		t.Errorf("caller %d got %v %q %v", i, r.Header, got, err)
	}
}

// An idle connection keeps no buffer: only what Go keeps for a socket and a goroutine.
func TestIdleConnectionsKeepLittle(t *testing.T) {
	s := serve(t, &http.Server{Handler: echo}, 0)
	const connections, bound = 1000, 6 << 10
	ends := make([]net.Conn, connections)
	before := heap()
	answer := make([]byte, 4096)
	for i := range ends {
		end, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer end.Close()
		ends[i] = end
		if _, err := io.WriteString(end, post("/a", "b")); err != nil {
			t.Fatal(err)
		}
		if _, err := end.Read(answer); err != nil {
			t.Fatal(err)
		}
	}
	s.await(t, waiting, connections)
	if each := (heap() - before) / connections; each > bound {
		t.Errorf("%d bytes for each connection, both ends", each)
	}
}

// A handler may wait long for others, so that its connection keeps no buffer meanwhile.
func TestAHandlerKeepsNoBuffer(t *testing.T) {
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, w.(*response).conn.socket.in.block == nil && w.(*response).out.block == nil)
	})}, 0)
	c := dial(t, s.address)
	c.send(t, post("/a", "b"))
	c.mustAnswer(t, "", "true")
}

func heap() int {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkRequest is the price of a request whose handler does nothing, its client's included,
// here and in net/http.
func BenchmarkRequest(b *testing.B) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	for _, by := range []string{"http1", "net/http"} {
		b.Run(by, func(b *testing.B) {
			s := serve(b, &http.Server{Handler: h}, 0)
			c := dial(b, s.address)
			if by == "net/http" {
				c.send(b, odd)
				_, _ = c.receive(b)
			}
			request, answer := []byte(post("/graphql", `{"query":"{ __typename }"}`, "Content-Type: application/json")), make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Conn.Write(request); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Conn.Read(answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
