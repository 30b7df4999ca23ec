package http1

import (
	"context"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// slow are answers that take too long.
var slow = map[string]struct{ first, drop string }{
	"that is not begun":             {"", ""},
	"whose header drips":            {plenty, "X-Drop: 1\r\n"},
	"whose body drips":              {plenty + "Content-Length: 100000\r\n\r\n", "x"},
	"whose chunks drip":             {plenty + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
	"whose body stops in its midst": {plenty + "Content-Length: 100000\r\n\r\nx", ""},
}

// TestACallEndsByItsTimeAndIsNotSentAgain: the connection was used before, so that a read which
// fails might be sent once more.
func TestACallEndsByItsTimeAndIsNotSentAgain(t *testing.T) {
	for way, call := range map[string]func(*Transport, *http.Request) (string, error){
		"by its limit": func(t *Transport, r *http.Request) (string, error) {
			answer, _, err := t.RoundTripWithin(r, 16*time.Second)
			return read(answer, err)
		},
		"by its context": func(t *Transport, r *http.Request) (string, error) {
			ctx, cancel := context.WithTimeout(r.Context(), 16*time.Second)
			defer cancel()
			return read(t.RoundTrip(r.WithContext(ctx)))
		},
	} {
		for name, answer := range slow {
			t.Run(way+", an answer "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var upstream pipes
					transport := upstream.transport(func(s *session) {
						s.awaitRequest()
						s.say(ok("[]"))
						s.awaitRequest()
						_, err := s.Write([]byte(answer.first))
						for err == nil {
							time.Sleep(time.Second)
							_, err = s.Write([]byte(answer.drop))
						}
					}, 8)
					if _, err := get(t, transport, "http://h"); err != nil {
						t.Fatal(err)
					}
					started := time.Now()
					_, err := call(transport, newRequest(t, t.Context(), http.MethodGet, "http://h", nil))
					if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
						t.Errorf("got %v", err)
					}
					if took := time.Since(started); took < 16*time.Second || took > 17*time.Second {
						t.Errorf("after %s", took)
					}
					if got := upstream.dialed.Load(); got != 1 {
						t.Errorf("%d connections", got)
					}
					time.Sleep(2 * time.Second) // the server notices with its next drop
				})
			})
		}
	}
}

func TestAConnectionIsMadeByTheTimeOfItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := New(Config{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		started := time.Now()
		_, _, err := transport.RoundTripWithin(newRequest(t, t.Context(), http.MethodGet, "http://h", nil), 16*time.Second)
		if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() || time.Since(started) != 16*time.Second {
			t.Errorf("%v after %s", err, time.Since(started))
		}
	})
}

// clocked is a connection that remembers the deadlines that it was given, from the beginning of the
// test.
type clocked struct {
	net.Conn
	began time.Time
	given []time.Duration
}

func (c *clocked) SetDeadline(t time.Time) error {
	if t.IsZero() {
		c.given = append(c.given, 0)
	} else {
		c.given = append(c.given, t.Sub(c.began))
	}
	return nil
}

func TestADeadlineIsKeptWhereItIsLateEnoughAndNotTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		socket := &clocked{began: time.Now()}
		c := newConn("", socket)
		c.endBy(time.Time{}, 0) // there is none to take away
		for _, call := range []struct{ after, within time.Duration }{
			{0, 16 * time.Second},
			{0, 16 * time.Second},
			{time.Second, 16 * time.Second}, // 17 s: just late enough
			{time.Second, 16 * time.Second}, // 18 s is too late for what is set
			{time.Second, 8 * time.Second},  // what is set is too late
			{time.Minute, 16 * time.Second}, // what is set is past
		} {
			time.Sleep(call.after)
			c.endBy(time.Now().Add(call.within), call.within)
		}
		c.endBy(time.Time{}, 0)
		c.endBy(time.Time{}, 0)
		want := []time.Duration{
			17 * time.Second, 19 * time.Second, 11*time.Second + 500*time.Millisecond, 80 * time.Second, 0,
		}
		if !slices.Equal(socket.given, want) {
			t.Errorf("deadlines %v, want %v", socket.given, want)
		}
	})
}
