package http1

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func refusing(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
}

// pipes is an upstream within a test's bubble of time. Its connections have no sockets, as on a
// system that cannot be asked about them.
type pipes struct{ dialed, open atomic.Int32 }

func (p *pipes) transport(serve func(*session), limit int) *Transport {
	dial := func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		number := p.dialed.Add(1)
		p.open.Add(1)
		go func() {
			serve(&session{Conn: server, number: int(number), in: bufio.NewReader(server)})
			_ = server.Close()
			p.open.Add(-1)
		}()
		return client, nil
	}
	return New(Config{DialContext: dial, IdleTimeout: 30 * time.Second, MaxIdle: limit, MaxHeadBytes: 1 << 10})
}

func TestIdleConnectionsAreKeptForTheirTimeAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var upstream pipes
		transport := upstream.transport(answering(ok("[]")), 8)
		call := func() {
			if _, err := get(t, transport, "http://h"); err != nil {
				t.Fatal(err)
			}
		}
		call()
		time.Sleep(29 * time.Second)
		call()
		if got := upstream.dialed.Load(); got != 1 {
			t.Errorf("%d connections before the time was over", got)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := upstream.open.Load(); got != 0 {
			t.Errorf("%d connections are open without a call", got)
		}
		call()
		if got := upstream.dialed.Load(); got != 2 {
			t.Errorf("%d connections", got)
		}
		transport.CloseIdleConnections()
		synctest.Wait()
		if got := upstream.open.Load(); got != 0 {
			t.Errorf("%d connections are open after all were closed", got)
		}
	})
}

func TestTheConnectionUsedLastIsUsedNextAndTheOthersGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var upstream pipes
		transport := upstream.transport(answering(ok("[]")), 3)
		var answers []*http.Response
		for range 5 {
			answer, err := transport.RoundTrip(newRequest(t, t.Context(), http.MethodGet, "http://h", nil))
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, answer)
		}
		for _, answer := range answers {
			if _, err := read(answer, nil); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if got := upstream.open.Load(); got != 3 {
			t.Errorf("%d connections are kept, want as many as may be", got)
		}
		for range 4 {
			time.Sleep(10 * time.Second)
			if _, err := get(t, transport, "http://h"); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if open, dialed := upstream.open.Load(), upstream.dialed.Load(); open != 1 || dialed != 5 {
			t.Errorf("%d of %d connections are open, want the one in use", open, dialed)
		}
		transport.CloseIdleConnections()
	})
}

func TestACallInFlightKeepsNothingAfterAllWasClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var upstream pipes
		transport := upstream.transport(answering(ok("[]")), 8)
		answer, err := transport.RoundTrip(newRequest(t, t.Context(), http.MethodGet, "http://h", nil))
		if err != nil {
			t.Fatal(err)
		}
		transport.CloseIdleConnections()
		if _, err := read(answer, nil); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got := upstream.open.Load(); got != 0 {
			t.Errorf("%d connections are open", got)
		}
	})
}

func TestHostsDoNotShareConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var upstream pipes
		transport := upstream.transport(answering(ok("[]")), 8)
		for range 2 {
			for _, url := range []string{"http://h", "http://h:81", "http://g"} {
				if _, err := get(t, transport, url); err != nil {
					t.Error(err)
				}
			}
		}
		if got := upstream.dialed.Load(); got != 3 {
			t.Errorf("%d connections", got)
		}
		transport.CloseIdleConnections()
		synctest.Wait()
	})
}
