//go:build linux || darwin

package http1

import (
	"net"
	"syscall"
)

// peeker looks at a socket without taking anything from it.
type peeker struct {
	raw   syscall.RawConn
	look  func(fd uintptr) // peek, made once
	quiet bool
	one   [1]byte
}

func newPeeker(socket net.Conn) *peeker {
	file, ok := socket.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil
	}
	p := &peeker{raw: raw}
	p.look = p.peek
	return p
}

// isQuiet reports whether the socket is open and has nothing to read.
func (p *peeker) isQuiet() bool {
	p.quiet = false
	return p.raw.Control(p.look) == nil && p.quiet
}

func (p *peeker) peek(fd uintptr) {
	_, _, err := syscall.Recvfrom(int(fd), p.one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	p.quiet = err == syscall.EAGAIN
}
