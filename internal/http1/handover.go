package http1

import (
	"net"
	"time"
)

// accept takes connections and serves them itself where it can. net/http handles an error: it waits
// a while, or ends.
func (s *Server) accept(l net.Listener) {
	for s.links.acquire(s.closed) {
		accepted, err := l.Accept()
		if err == nil {
			s.start(accepted)
			continue
		}
		s.links.release()
		select {
		case s.failed <- err:
		case <-s.closed:
			return
		}
	}
}

// start serves a connection.
func (s *Server) start(accepted net.Conn) {
	if tcp, ok := accepted.(*net.TCPConn); ok && s.options.SendBuffer > 0 {
		_ = tcp.SetWriteBuffer(s.options.SendBuffer) // on a broken connection the next call fails as well
	}
	k := s.links.add(accepted)
	if s.options.FastPath {
		if c := s.newConn(k); c != nil {
			go c.serve()
			return
		}
	}
	go s.handOver(k, nil, 0)
}

// handOver gives a connection to net/http, with bytes that were read from it already. Of empty
// lines, blank bytes may be skipped.
func (s *Server) handOver(k *link, read []byte, blank int) {
	_ = k.SetReadDeadline(time.Time{}) // the sweeper may have set one; an error will show again at once
	select {
	case s.handed <- newStrictConn(k, read, framing{link: k, limit: s.lineLimit(), blank: blank}):
	case <-s.closed:
		_ = k.Close()
	}
}

// handover is the listener that net/http's server serves.
type handover struct{ server *Server }

func (h handover) Accept() (net.Conn, error) {
	select {
	case c := <-h.server.handed:
		return c, nil
	case err := <-h.server.failed:
		return nil, err
	case <-h.server.closed:
		return nil, net.ErrClosed
	}
}

// Close is called when shutdown begins, also when net/http gives up accepting.
func (h handover) Close() error {
	s := h.server
	var err error
	s.closing.Do(func() {
		close(s.closed)
		err = s.listener.Close()
		s.drain()
	})
	return err
}

func (h handover) Addr() net.Addr { return h.server.listener.Addr() }
