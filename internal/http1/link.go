package http1

import (
	"container/list"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// links are all open connections of both paths. Their number is bounded, and so is the number of
// those that have not shown a credential in a complete head: when one more comes, the one that has
// been without an answer for the longest time is closed. So connections that send nothing, or never
// finish a request, cannot keep others out.
type links struct {
	slots       chan struct{} // nil where there is no limit
	anonymous   int           // how many may have shown no credential; 0 = no limit
	credentials []string      // headers that carry one, in lower case

	mu     sync.Mutex
	recent list.List // of *link without a credential; the longest unanswered first
}

func newLinks(o Options) *links {
	l := &links{anonymous: o.Anonymous}
	if o.Connections > 0 {
		l.slots = make(chan struct{}, o.Connections)
	}
	for _, name := range o.CredentialHeaders {
		l.credentials = append(l.credentials, strings.ToLower(name))
	}
	return l
}

// acquire waits until one more connection may be accepted; false once the server is closed.
func (l *links) acquire(closed <-chan struct{}) bool {
	if l.slots == nil {
		return true
	}
	select {
	case l.slots <- struct{}{}:
		return true
	case <-closed:
		return false
	}
}

func (l *links) release() {
	if l.slots != nil {
		<-l.slots
	}
}

// add takes a connection in. It closes another one where there are too many without a credential,
// or the new one where all others are being answered.
func (l *links) add(c net.Conn) *link {
	k := &link{Conn: c, links: l}
	l.mu.Lock()
	k.place = l.recent.PushBack(k)
	victim := l.victim()
	l.mu.Unlock()
	if victim != nil {
		_ = victim.Close()
	}
	return k
}

// victim returns the connection to close, if there is one.
func (l *links) victim() *link {
	if l.anonymous <= 0 || l.recent.Len() <= l.anonymous {
		return nil
	}
	for e := l.recent.Front(); e != nil; e = e.Next() {
		if k := e.Value.(*link); !k.busy {
			return k
		}
	}
	return nil
}

// link is an accepted connection.
type link struct {
	net.Conn
	links  *links
	shown  atomic.Bool // it has shown a credential
	closed atomic.Bool
	place  *list.Element // among recent; guarded by links.mu
	busy   bool          // a complete request is being answered; guarded by links.mu
}

// isCredential reports whether a header carries a credential; its name is in lower case.
func (k *link) isCredential(name string) bool { return slices.Contains(k.links.credentials, name) }

// showCredential notes that a complete head had a credential.
func (k *link) showCredential() {
	if k.shown.Swap(true) {
		return
	}
	k.links.mu.Lock()
	defer k.links.mu.Unlock()
	k.forget()
}

// hijacked notes that the connection speaks another protocol from now on. A credential may come in
// that one, so that it is for whoever took the connection over to bound those without.
func (k *link) hijacked() { k.showCredential() }

// forget takes the connection out of recent.
func (k *link) forget() {
	if k.place != nil {
		k.links.recent.Remove(k.place)
		k.place = nil
	}
}

// begin notes that a complete request has come.
func (k *link) begin() { k.become(true) }

// idle notes that the request was answered.
func (k *link) idle() { k.become(false) }

func (k *link) become(busy bool) {
	if k.shown.Load() {
		return
	}
	k.links.mu.Lock()
	defer k.links.mu.Unlock()
	k.busy = busy
	if k.place != nil {
		k.links.recent.MoveToBack(k.place)
	}
}

// Close implements net.Conn. It may be called more than once, also while others use the connection.
func (k *link) Close() error {
	if k.closed.Swap(true) {
		return net.ErrClosed
	}
	k.links.mu.Lock()
	k.forget()
	k.links.mu.Unlock()
	defer k.links.release()
	return k.Conn.Close()
}

// SyscallConn implements syscall.Conn, for what writes to a connection that was hijacked.
func (k *link) SyscallConn() (syscall.RawConn, error) {
	if c, ok := k.Conn.(syscall.Conn); ok {
		return c.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// CloseWrite tells the client that nothing more will be sent. net/http calls it before it closes a
// connection with unread bytes, so that the client can still read the answer.
func (k *link) CloseWrite() error {
	if half, ok := k.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// linger ends an answer and reads on for a moment, so that the client gets it and not a reset.
func (k *link) linger() {
	if k.CloseWrite() != nil {
		return
	}
	late := time.AfterFunc(lingerTime, func() { _ = k.SetReadDeadline(longAgo()) })
	defer late.Stop()
	_, _ = io.Copy(io.Discard, k.Conn)
}
