package redis

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// Link is a way to a server over which all that is sent is noted, and that can be cut.
type Link struct {
	listener net.Listener
	server   string // its address

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
	sent  bytes.Buffer
}

// Link returns a way to the server that works until the test ends.
func (s *Server) Link(t testing.TB) *Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{listener: listener, server: "127.0.0.1:" + s.port, conns: map[net.Conn]struct{}{}}
	go l.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		l.closeAll()
	})
	return l
}

// URL returns the server's address by this way, as -redis-url takes it.
func (l *Link) URL() string { return "redis://:" + Password + "@" + l.listener.Addr().String() }

// Sent returns all that was sent to the server by this way.
func (l *Link) Sent() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.sent.Bytes())
}

// Cut loses whatever is sent, in both directions, as a broken network does: connections stay open,
// and new ones are not answered.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

// Mend ends Cut. Connections from before are closed.
func (l *Link) Mend() {
	l.mu.Lock()
	l.cut = false
	l.mu.Unlock()
	l.closeAll()
}

func (l *Link) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Close()
	}
	clear(l.conns)
}

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		l.mu.Lock()
		l.conns[client], l.conns[server] = struct{}{}, struct{}{}
		l.mu.Unlock()
		go l.copy(server, client, l.note)
		go l.copy(client, server, func([]byte) {})
	}
}

func (l *Link) note(sent []byte) { l.sent.Write(sent) }

// copy copies what comes until either end closes. pass is called with the lock held for what is not
// lost.
func (l *Link) copy(to io.WriteCloser, from io.ReadCloser, pass func([]byte)) {
	defer func() {
		_ = to.Close()
		_ = from.Close()
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		lost := l.cut
		if !lost {
			pass(buffer[:n])
		}
		l.mu.Unlock()
		if !lost {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
