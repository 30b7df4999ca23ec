package http1

import (
	"net"
	"time"
)

// sockets remembers the connection that it accepted last, for the limit on connections wraps it into one that hides the socket.
type sockets struct {
	net.Listener
	last net.Conn
}

func (l *sockets) Accept() (net.Conn, error) {
	var err error
	l.last, err = l.Listener.Accept()
	return l.last, err
}

// accept takes connections and serves them, here where it can. An error is net/http's to judge: it waits a while, or ends.
func (s *Server) accept(sockets *sockets) {
	for {
		outer, err := s.limited.Accept()
		if err == nil {
			if c := s.newConn(outer, sockets.last); c != nil {
				go c.serve()
			} else {
				go s.handOver(outer, nil)
			}
			continue
		}
		select {
		case s.failed <- err:
		case <-s.closed:
			return
		}
	}
}

// handOver gives a connection to net/http, with bytes that were read from it already.
func (s *Server) handOver(outer net.Conn, read []byte) {
	_ = outer.SetReadDeadline(time.Time{}) // the sweeper may have set one; an error will show again at once
	select {
	case s.handed <- &replayed{Conn: outer, read: read}:
	case <-s.closed:
		_ = outer.Close()
	}
}

// replayed is a connection whose first bytes were read already.
type replayed struct {
	net.Conn
	read []byte
}

func (c *replayed) Read(p []byte) (int, error) {
	if len(c.read) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.read)
	if c.read = c.read[n:]; len(c.read) == 0 {
		c.read = nil // so that the bytes can be freed
	}
	return n, nil
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

// Close is called at the beginning of the end, also when net/http gives up accepting.
func (h handover) Close() error {
	s := h.server
	var err error
	s.closing.Do(func() {
		close(s.closed)
		err = s.limited.Close()
		s.drain()
	})
	return err
}

func (h handover) Addr() net.Addr { return h.server.limited.Addr() }
