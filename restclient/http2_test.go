package restclient

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// refusing is a server that speaks HTTP/2 only and refuses its first request in a way that lets a
// client repeat it: the stream by RST_STREAM, or all of the connection by GOAWAY. It answers the
// next ones.
type refusing struct {
	way       string
	authority *authority
	address   string

	mu       sync.Mutex
	requests int
}

func newRefusing(t *testing.T, way string) *refusing {
	t.Helper()
	s := &refusing{way: way, authority: newAuthority(t)}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{s.authority.issue(t, gitlabName)}, NextProtos: []string{"h2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(connection)
		}
	}()
	return s
}

func (s *refusing) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	if _, err := io.ReadFull(connection, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(connection, connection)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			switch {
			case s.count() > 1:
				var block bytes.Buffer
				_ = hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: "201"})
				_ = framer.WriteHeaders(http2.HeadersFrameParam{
					StreamID: frame.StreamID, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true,
				})
			case s.way == "GOAWAY":
				_ = framer.WriteGoAway(0, http2.ErrCodeNo, nil)
				return
			default:
				_ = framer.WriteRSTStream(frame.StreamID, http2.ErrCodeRefusedStream)
			}
		}
	}
}

func (s *refusing) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	return s.requests
}

func (s *refusing) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func refusingClient(t *testing.T, way string) (*refusing, *Client) {
	t.Helper()
	server := newRefusing(t, way)
	p := newProxy(t, server.address)
	return server, networkClient(t, "https://"+gitlabName, func(cfg *Config) {
		cfg.Network = Network{RootCAs: server.authority.pool, HTTPSProxy: p.url}
	})
}

// TestAWriteOverHTTP2IsSentAtMostOnce: net/http repeats a request without a body, or with one that
// can be read again. That the servers make it do so is shown by a plain transport of its own.
func TestAWriteOverHTTP2IsSentAtMostOnce(t *testing.T) {
	for _, way := range []string{"GOAWAY", "RST_STREAM"} {
		for name, write := range map[string]Post{"without a body": Erase("1", 7), "with a body": Cancel("1", 7, true)} {
			t.Run(way+", "+name, func(t *testing.T) {
				server, client := refusingClient(t, way)
				ctx, cost := counted(t)
				_, err := client.Send(ctx, token, write)
				if !OutcomeUnknown(err) || server.sent() != 1 || cost.Counts() != (Counts{Calls: 1}) {
					t.Errorf("sent %d times, %+v, %v", server.sent(), cost.Counts(), err)
				}
				server, client = refusingClient(t, way)
				body := bytes.NewReader(write.Body())
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+gitlabName, body)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.transport.(*netHTTP).http2.RoundTrip(request); err != nil || server.sent() != 2 {
					t.Errorf("net/http sent it %d times, %v", server.sent(), err)
				}
			})
		}
	}
}

func TestAGitLabWithHTTP2OnlyIsReadAndWritten(t *testing.T) {
	gitlab := newSecureGitLab(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method == http.MethodPost && string(body) != `{"force":true}` && len(body) > 0 {
			t.Errorf("%s %q, %v", r.Method, body, err)
		}
		status := http.StatusOK
		if r.Method == http.MethodPost {
			status = http.StatusCreated
		}
		answer(w, status, `{"id":7}`)
	}, func(g *secureGitLab) {
		g.EnableHTTP2 = false // httptest's, which adds HTTP/1.1
		g.Config.Protocols = new(http.Protocols)
		g.Config.Protocols.SetHTTP2(true)
		g.TLS.NextProtos = []string{"h2"}
	})
	client := gitlab.client(t, newProxy(t, gitlab.Listener.Addr().String()))
	if _, err := client.Fetch(t.Context(), token, "/job"); err != nil {
		t.Error(err)
	}
	for _, write := range []Post{Erase("1", 7), Cancel("1", 7, true)} {
		ctx, cost := counted(t)
		if _, err := client.Send(ctx, token, write); err != nil || cost.Counts() != (Counts{Calls: 1}) {
			t.Errorf("%v, %+v", err, cost.Counts())
		}
	}
	for _, protocol := range gitlab.protocols {
		if protocol != "HTTP/2.0" {
			t.Errorf("a request over %s", protocol)
		}
	}
}

func TestATLSServerThatAgreesToNoProtocolIsWritten(t *testing.T) {
	gitlab := newSecureGitLab(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			t.Errorf("sent in %v", r.TransferEncoding)
		}
		answer(w, 201, `{"id":7}`)
	}, func(g *secureGitLab) {
		g.EnableHTTP2 = false
		g.Config.Protocols = new(http.Protocols)
		g.Config.Protocols.SetHTTP1(true)
		g.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return &tls.Config{Certificates: g.TLS.Certificates}, nil
		}
	})
	client := gitlab.client(t, newProxy(t, gitlab.Listener.Addr().String()))
	for range 2 {
		for _, write := range []Post{Erase("1", 7), Cancel("1", 7, true)} {
			ctx, cost := counted(t)
			if _, err := client.Send(ctx, token, write); err != nil || cost.Counts() != (Counts{Calls: 1}) {
				t.Errorf("%v, %+v", err, cost.Counts())
			}
		}
	}
}
