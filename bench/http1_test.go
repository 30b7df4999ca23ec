package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/internal/http1"
)

var (
	differences = flag.Int("http1-requests", 2000, "connections of the comparison with net/http")
	seed        = flag.Uint64("http1-seed", 0, "seed of the comparison with net/http; 0 = a new one")
)

// echo answers with all that it understood of a request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.Header().Set("Connection", "close")
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	w.Header()["Date"] = nil
	fmt.Fprintf(w, "%s %s %s %q %d", r.Method, r.RequestURI, r.Host, r.Header, r.ContentLength)
	fmt.Fprintf(w, " %q", body)
})

// listen serves on loopback until the test ends.
func listen(t *testing.T, serve func(net.Listener) error, shut func() error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(l) }()
	t.Cleanup(func() {
		_ = shut()
		<-ended
	})
	return l.Addr().String()
}

// TestHTTP1AgainstNetHTTP sends the same random bytes, many of them malformed, to internal/http1
// with and without its fast path, and to net/http alone. The first two must answer alike. net/http
// must answer like them too, up to the first 400 of theirs: there they are stricter on purpose, and
// end the connection.
func TestHTTP1AgainstNetHTTP(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-http1-seed=%d", *seed)
	server := func() *http.Server {
		return &http.Server{
			Handler:                      echo,
			DisableGeneralOptionsHandler: true,
			ErrorLog:                     log.New(io.Discard, "", 0),
			MaxHeaderBytes:               8 << 10,
		}
	}
	ours := func(fastPath bool) string {
		s := http1.New(server(), http1.Options{FastPath: fastPath})
		return listen(t, s.Serve, s.Close)
	}
	alone := server()
	fast, slow, plain := ours(true), ours(false), listen(t, alone.Serve, alone.Close)

	numbers := make(chan int)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for n := range numbers {
				pieces := conversation(rand.New(rand.NewPCG(*seed, uint64(n))))
				compare(t, pieces, exchange(t, fast, pieces), exchange(t, slow, pieces), exchange(t, plain, pieces))
			}
		})
	}
	for n := range *differences {
		numbers <- n
	}
	close(numbers)
	group.Wait()
}

// compare checks the three servers' answers to one connection.
func compare(t *testing.T, pieces, fast, slow, plain []string) {
	t.Helper()
	if len(fast) == len(slow)+1 && strings.HasPrefix(fast[len(slow)], "400") {
		fast = fast[:len(slow)] // net/http answers three bytes and the end with 400, or not at all, by where they begin
	}
	if strings.Join(fast, "\n") != strings.Join(slow, "\n") {
		t.Errorf("%q:\nwith the fast path    %q\nwithout the fast path %q", pieces, fast, slow)
		return
	}
	for i, answer := range fast {
		if i < len(plain) && answer == plain[i] {
			continue
		}
		if i != len(fast)-1 || !strings.HasPrefix(answer, "400") {
			t.Errorf("%q:\ninternal/http1 %q\nnet/http       %q", pieces, fast, plain)
		}
		return
	}
	if len(plain) > len(fast) {
		t.Errorf("%q:\ninternal/http1 %q\nnet/http       %q", pieces, fast, plain)
	}
}

// exchange sends the pieces on one connection and returns the answers: status and body.
func exchange(t *testing.T, address string, pieces []string) []string {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		for _, piece := range pieces {
			_, _ = io.WriteString(conn, piece)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	var answers []string
	for reader := bufio.NewReader(conn); ; {
		r, err := http.ReadResponse(reader, nil)
		if err != nil {
			var late net.Error
			if errors.As(err, &late) && late.Timeout() {
				t.Errorf("%q: no answer", pieces)
			}
			return answers
		}
		body, _ := io.ReadAll(r.Body)
		if r.StatusCode != http.StatusContinue {
			answers = append(answers, fmt.Sprintf("%d %s", r.StatusCode, body))
		}
	}
}

// conversation returns one to four requests, some of them mutated, cut into pieces.
func conversation(r *rand.Rand) []string {
	var text strings.Builder
	for range 1 + r.IntN(4) {
		text.WriteString(mutated(r, randomRequest(r)))
	}
	whole := text.String()
	var pieces []string
	for r.IntN(3) == 0 && len(whole) > 1 {
		cut := 1 + r.IntN(len(whole)-1)
		pieces, whole = append(pieces, whole[:cut]), whole[cut:]
	}
	return append(pieces, whole)
}

func oneOf(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// randomRequest returns a request that is usual but for one or two of its parts.
func randomRequest(r *rand.Rand) string {
	body := oneOf(r, "hello", "{}", strings.Repeat("x", 900), "GET /x HTTP/1.1\r\nHost: x\r\n\r\n", "")
	fields := []string{"Host: " + oneOf(r, "x", "x", "x", "X:80", "[::1]", "", "a,b", "x ")}
	method := oneOf(r, "POST", "POST", "POST", "GET", "GET", "OPTIONS", "PUT")
	switch oneOf(r, "length", "length", "length", "chunks", "none", "both", "odd") {
	case "length":
		fields = append(fields, fmt.Sprintf("Content-Length: %d", len(body)))
	case "both":
		fields = append(fields, fmt.Sprintf("Content-Length: %d", len(body)), "Transfer-Encoding: chunked")
	case "chunks":
		fields = append(fields, "Transfer-Encoding: chunked")
		body = fmt.Sprintf("%x%s\r\n%s\r\n0\r\n%s\r\n", len(body), oneOf(r, "", "", ";a=b", ";", " "), body, oneOf(r, "", "", "A: b\r\n", "Host: x\r\n"))
	case "odd":
		fields = append(fields, oneOf(r, "Content-Length", "content-length", "Transfer-Encoding")+oneOf(r, ":", ": ", " : ", ":\t")+
			oneOf(r, "5", "05", "+5", "5 ", "5, 5", "chunked", "Chunked", "identity", "chunked, chunked", ""))
	case "none":
		body = ""
	}
	if r.IntN(2) == 0 {
		fields = append(fields, oneOf(r, "Accept: a", "X-A:", "X-A: b\tc", "PRIVATE-TOKEN: a", "Expect: 100-continue", "Connection: keep-alive", "Connection: close", "X_A: \xe4"))
	}
	r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return method + " " + oneOf(r, "/", "/a", "/a?b=c", "/a.b", "/a/../b", "//a", "/%41", "http://x/a", "/a#b", "*") + " HTTP/1." + oneOf(r, "1", "1", "1", "1", "0") +
		"\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\n" + body + oneOf(r, "", "", "", "\r\n", "\n")
}

// mutated changes, removes or doubles a byte in one request of three.
func mutated(r *rand.Rand, text string) string {
	if r.IntN(3) > 0 {
		return text
	}
	at := r.IntN(min(len(text), 120))
	b := oneOf(r, "\r", "\n", "\r\n", " ", "\t", "\x00", ":", "0", ",", ";", "x", "\xff")
	switch r.IntN(3) {
	case 0:
		return text[:at] + b + text[at+1:]
	case 1:
		return text[:at] + text[at+1:]
	}
	return text[:at] + b + text[at:]
}
