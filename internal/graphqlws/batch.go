package graphqlws

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// batch is the network connection beneath a WebSocket connection. Between begin and end, what is
// written is kept until flush, so that the messages of several streams leave in one system call.
type batch struct {
	net.Conn
	raw     syscall.RawConn // nil if the connection cannot be written to without waiting, as with TLS
	timeout time.Duration   // of a flush that waits; 0 is no bound

	mu      sync.Mutex // guards what follows: the WebSocket library writes its own close frames at any time
	keeping bool
	kept    *[]byte // written and not flushed; nil for nothing
}

// batchBytes is about how much is collected for one flush.
const batchBytes = 32 << 10

// buffers are those of connections that are being written to. Idle connections have none.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// release returns a buffer to the pool, unless it has grown too large to keep.
func release(b *[]byte) {
	if cap(*b) <= 4*batchBytes {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

// newBatch returns a batch that writes at once until begin is called.
func newBatch(conn net.Conn) *batch {
	b := &batch{Conn: conn}
	if s, ok := conn.(syscall.Conn); ok && canWriteNow {
		b.raw, _ = s.SyscallConn() // without it, flushNow sends nothing
	}
	return b
}

// begin keeps what is written from now on.
func (b *batch) begin() { b.keep(true) }

// end writes at once again. Everything was flushed.
func (b *batch) end() { b.keep(false) }

func (b *batch) keep(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keeping = on
}

// Write keeps data for flush, or writes it.
func (b *batch) Write(data []byte) (int, error) {
	b.mu.Lock()
	if !b.keeping {
		b.mu.Unlock()
		return b.Conn.Write(data)
	}
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = buffers.Get().(*[]byte)
	}
	*b.kept = append(*b.kept, data...)
	return len(data), nil
}

// SetWriteDeadline has no effect on what is kept, because flush sets the deadline of a batch.
func (b *batch) SetWriteDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.keeping {
		return nil
	}
	return b.Conn.SetWriteDeadline(t)
}

// size is how many bytes are kept.
func (b *batch) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		return 0
	}
	return len(*b.kept)
}

// flushNow sends what the client has room for, and reports whether that was everything.
func (b *batch) flushNow() (done bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sendNow()
}

func (b *batch) sendNow() (done bool, err error) {
	if b.kept == nil {
		return true, nil
	}
	if b.raw == nil {
		return false, nil
	}
	n, err := writeNow(b.raw, *b.kept)
	if err != nil {
		return false, err
	}
	if n < len(*b.kept) {
		*b.kept = append((*b.kept)[:0], (*b.kept)[n:]...)
		return false, nil
	}
	b.drop()
	return true, nil
}

// flush sends everything, and waits for the client as long as the timeout.
func (b *batch) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if done, err := b.sendNow(); done || err != nil {
		return err
	}
	if b.timeout > 0 {
		_ = b.Conn.SetWriteDeadline(time.Now().Add(b.timeout)) // the system's clock counts for a socket
		defer func() { _ = b.Conn.SetWriteDeadline(time.Time{}) }()
	}
	_, err := b.Conn.Write(*b.kept)
	b.drop()
	return err
}

// drop releases the buffer.
func (b *batch) drop() {
	release(b.kept)
	b.kept = nil
}

// batching is a response writer whose connection, once hijacked, is a batch.
type batching struct {
	http.ResponseWriter
	batch *batch
}

// Hijack takes over the connection.
func (w *batching) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.batch = newBatch(conn)
	return w.batch, buffered, nil
}
