package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/graph/errcode"
)

const oneJob = `{ job(project: 1, id: 1) { name } }`

// jobOf is an upstream that answers every call with one job that is so many bytes long.
func jobOf(bytes int) http.HandlerFunc {
	body := `{"id":1,"name":"a","commit":{"id":"c","message":"` + strings.Repeat("m", bytes) + `"},"pipeline":{"id":1,"project_id":1}}`
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

func isOverloaded(a harness.Answer) bool {
	return a.Status == http.StatusServiceUnavailable && a.Code() == errcode.ServerOverloaded &&
		a.Header.Get("Retry-After") == "1" && a.Data == nil
}

// What GitLab answers is reserved before it is read; a request that holds memory already does not
// wait for more.
func TestARequestThatGrowsPastTheMemoryFails(t *testing.T) {
	for _, mode := range []string{"-fast-queries=true", "-fast-queries=false"} {
		g := harness.Start(t, jobOf(1<<20), "-memory=8MiB", mode)
		start := time.Now()
		if a := g.Query(t, oneJob); !isOverloaded(a) {
			t.Errorf("%s: %d %.300s", mode, a.Status, a)
		}
		if waited := time.Since(start); waited > 400*time.Millisecond {
			t.Errorf("it waited for %s", waited)
		}
		g.Upstream.Replace(jobOf(10))
		if a := g.Query(t, oneJob); a.Status != http.StatusOK {
			t.Errorf("%s: what it held was not returned: %d %s", mode, a.Status, a)
		}
	}
}

// A request that finds no memory waits for a moment, before any call to GitLab.
func TestARequestWaitsShortlyForMemory(t *testing.T) {
	came, release := make(chan struct{}, 64), make(chan struct{})
	g := harness.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		<-release
		jobOf(10)(w, r)
	}), "-memory=1MiB")
	var group sync.WaitGroup
	answers := make(chan harness.Answer, 16)
	for i := range 16 { // each has a quarter of a mebibyte for all, so that some do not find room
		group.Go(func() { answers <- g.Query(t, oneJob+strings.Repeat(" ", i)) })
	}
	overloaded := 0
	for range 8 {
		if a := <-answers; isOverloaded(a) {
			overloaded++
		}
	}
	if overloaded < 8 || len(came) > 8 {
		t.Errorf("%d of 8 had no memory, %d called GitLab", overloaded, len(came))
	}
	close(release)
	group.Wait()
	if a := g.Query(t, oneJob); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a)
	}
}

// Clients that do not read large answers, or do not send the rest of their bodies, make room for
// others.
func TestSlowClientsMakeRoomForOthers(t *testing.T) {
	const large = 1 << 20
	g := harness.Start(t, jobOf(large), "-memory=64MiB")
	query := `{ job(project: 1, id: 1) { commit { message } } }`
	body := harness.QueryBody(query)
	var slow []net.Conn
	for i := range 40 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.Address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		text := "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nPRIVATE-TOKEN: t"
		if i%2 == 0 {
			text += strings.Repeat("x", i+1) + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
		} else {
			text += strings.Repeat("y", i+1) + "\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat(" ", 199_000)
		}
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
		time.Sleep(10 * time.Millisecond) // slow clients need time to be slow
	}
	for range 5 {
		start := time.Now()
		a := g.Query(t, query)
		for isOverloaded(a) && time.Since(start) < time.Second { // until the last slow ones have been so for a moment
			a = g.Query(t, query)
		}
		if a.Status != http.StatusOK || len(a.Body) < large || time.Since(start) > time.Second {
			t.Errorf("%d %.100s after %s", a.Status, a, time.Since(start))
		}
	}
	// The first slow reader was cut off.
	r, err := http.ReadResponse(bufio.NewReader(slow[0]), nil)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	if err == nil {
		t.Error("the first slow reader got its answer")
	}
}
