package http1

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTransport(t testing.TB) *Transport {
	t.Helper()
	transport := New(Config{
		DialContext: new(net.Dialer).DialContext,
		IdleTimeout: 30 * time.Second, MaxIdle: 1024, MaxHeadBytes: 16 << 10,
	})
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// session is one connection as a server sees it.
type session struct {
	net.Conn
	number int // of the server's connections, from 1
	in     *bufio.Reader
}

// awaitRequest reads a request with its body, and reports whether one came.
func (s *session) awaitRequest() (*http.Request, bool) {
	request, err := http.ReadRequest(s.in)
	if err != nil {
		return nil, false
	}
	_, err = io.Copy(io.Discard, request.Body)
	return request, err == nil
}

func (s *session) say(text string) { _, _ = io.WriteString(s, text) }

// reset closes the connection so that the client sees an error, not an end.
func (s *session) reset() {
	_ = s.Conn.(*net.TCPConn).SetLinger(0)
	_ = s.Close()
}

// rawServer is a TCP server that treats each connection with serve, and closes it afterwards.
type rawServer struct {
	url         string
	connections atomic.Int32
}

func newRawServer(t testing.TB, serve func(*session)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	server := &rawServer{url: "http://" + listener.Addr().String()}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			number := server.connections.Add(1)
			go func() {
				defer func() { _ = connection.Close() }()
				serve(&session{Conn: connection, number: int(number), in: bufio.NewReader(connection)})
			}()
		}
	}()
	return server
}

// answering answers every request on every connection with the same bytes.
func answering(text string) func(*session) {
	return func(s *session) {
		for {
			if _, ok := s.awaitRequest(); !ok {
				return
			}
			s.say(text)
		}
	}
}

func ok(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func newRequest(t testing.TB, ctx context.Context, method, url string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// get makes a read and returns its body.
func get(t testing.TB, transport *Transport, url string) (string, error) {
	t.Helper()
	return read(transport.RoundTrip(newRequest(t, t.Context(), http.MethodGet, url, nil)))
}

func read(answer *http.Response, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

// send makes a call and returns its body and how often it was sent.
func send(transport *Transport, request *http.Request) (body string, sent int, err error) {
	answer, sent, err := transport.RoundTripWithin(request, 0)
	body, err = read(answer, err)
	return body, sent, err
}
