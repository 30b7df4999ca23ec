package http1

import (
	"errors"
	"net"
	"os"
	"time"
)

// conn is a connection. One exchange at a time owns it, or the pool.
type conn struct {
	net.Conn
	to     host
	peeker *peeker // nil if the socket or the system has none

	deadline  time.Time // of reads and writes; zero where there is none
	idleSince int       // the pool's epoch
	interrupt func()    // hangUp, made once
}

func newConn(to host, socket net.Conn) *conn {
	c := &conn{Conn: socket, to: to, peeker: newPeeker(socket)}
	c.interrupt = c.hangUp
	return c
}

// hangUp closes the connection, which ends all reads and writes on it.
func (c *conn) hangUp() { _ = c.Close() }

// patience is how much later than asked for a deadline may be, as a share of the call's limit.
const patience = 16

// endBy sets the time by which the next exchange must be over; the zero time is none. A deadline
// costs about as much as a system call, so one that was set for an earlier exchange is kept where
// it is late enough, and not too late.
func (c *conn) endBy(t time.Time, limit time.Duration) {
	latest := t
	if !t.IsZero() {
		latest = t.Add(limit / patience)
	}
	if !c.deadline.Before(t) && !c.deadline.After(latest) {
		return
	}
	c.deadline = latest
	_ = c.SetDeadline(latest) // this fails only on a broken connection, which the next call reports
}

// lookTime is what a look at an idle connection takes where the socket cannot be asked without
// waiting.
const lookTime = time.Millisecond

// longAgo, as a deadline, has a read take what is in memory and ask the socket for nothing.
func longAgo() time.Time { return time.Unix(1, 0) }

// isQuiet reports whether an idle connection can be used for a request: open, and with nothing to
// read. Unsolicited bytes would be taken for the next request's answer.
func (c *conn) isQuiet() bool {
	if c.peeker != nil {
		return c.peeker.isQuiet()
	}
	defer time.AfterFunc(lookTime, func() { _ = c.SetReadDeadline(longAgo()) }).Stop()
	return c.isSilent()
}

// isSilent reports whether the connection yields neither a byte nor its end until its deadline, and
// takes that away.
func (c *conn) isSilent() bool {
	_, err := c.Read(make([]byte, 1))
	c.deadline = time.Time{}
	return errors.Is(err, os.ErrDeadlineExceeded) && c.SetDeadline(time.Time{}) == nil
}
