//go:build !linux

package http1

import (
	"errors"
	"net"
	"sync"
)

// socket is implemented for Linux only: elsewhere net/http serves everything.
type socket struct {
	*net.TCPConn
	in buffer
}

func newSocket(net.Conn, *sync.Pool) *socket { return nil }

func (s *socket) receive() error { return errors.ErrUnsupported }

func (s *socket) gone() bool { return false }
