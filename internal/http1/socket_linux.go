package http1

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// socket reads from a TCP connection in ways that net.Conn lacks: it needs no buffer while it
// waits, and it can find out that the peer has gone while nobody reads.
type socket struct {
	*net.TCPConn
	raw     syscall.RawConn
	buffers *sync.Pool
	in      buffer
	err     error              // of the last attempt to read
	try     func(uintptr) bool // the method attempt, bound once
}

// newSocket returns a socket, or nil if the connection is not plain TCP.
func newSocket(c net.Conn, buffers *sync.Pool) *socket {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{TCPConn: tcp, raw: raw, buffers: buffers}
	s.try = s.attempt
	return s
}

// receive waits for bytes and appends them to the buffer, which must have room. The buffer is taken
// from the pool only when there are bytes.
func (s *socket) receive() error {
	if err := s.raw.Read(s.try); err != nil {
		return err
	}
	return s.err
}

// attempt reads what is there. It returns false if there is nothing yet.
func (s *socket) attempt(fd uintptr) bool {
	s.in.take(s.buffers)
	for {
		n, err := syscall.Read(int(fd), s.in.room())
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			s.in.giveIfEmpty(s.buffers)
			return false
		case err != nil:
			s.err = os.NewSyscallError("read", err)
		case n == 0:
			s.err = io.EOF
		default:
			s.in.bytes, s.err = s.in.bytes[:len(s.in.bytes)+n], nil
		}
		return true
	}
}

// gone reports whether the peer has closed its side, or the connection is broken. Unread bytes hide
// it, as they do from net/http.
func (s *socket) gone() bool {
	gone := false
	_ = s.raw.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		gone = n == 0 && err == nil || err != nil && err != syscall.EAGAIN && err != syscall.EINTR
	})
	return gone
}
