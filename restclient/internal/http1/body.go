package http1

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// maxTrailer is the most bytes after the last chunk. GitLab sends two.
const maxTrailer = 4 << 10

var errConcurrentRead = errors.New("http1: the body is being read already")

// body is an answer's body. At its end, or on an error, it releases its connection and its buffer.
// Close may be called while a Read waits, and ends it.
type body struct {
	ctx  context.Context // the request's
	conn *conn
	idle *pool
	stop func() bool // the interruption by ctx
	keep bool        // the connection can be used again

	reader *bufio.Reader
	chunks io.Reader // nil where the body is not chunked
	left   int64     // bytes to come; -1 where that is not known

	mu      sync.Mutex
	reading bool
	failed  error // what Read returns from now on; nil while the body is open
	gone    bool  // connection and buffer were released
}

// Read reads what there is. The end comes along with the last bytes where it is known then.
func (b *body) Read(p []byte) (int, error) {
	if err := b.begin(); err != nil {
		return 0, err
	}
	n, err := b.read(p)
	if err != nil && err != io.EOF {
		err = causeOr(b.ctx, err)
	}
	return n, b.done(err)
}

func (b *body) begin() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failed != nil:
		return b.failed
	case b.reading:
		return errConcurrentRead
	}
	b.reading = true
	return nil
}

// done ends a Read, and the body with it where err is not nil or it was closed meanwhile.
func (b *body) done(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reading = false
	if b.failed != nil {
		err = b.failed
	}
	if err != nil {
		b.failed = err
		b.letGo(err == io.EOF)
	}
	return err
}

// end is done for a body that was never read.
func (b *body) end() { _ = b.done(io.EOF) }

// Close ends the body. One that was not read to its end takes its connection along.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		b.failed = http.ErrBodyReadAfterClose
		return nil
	}
	b.failed = http.ErrBodyReadAfterClose
	if b.reading {
		b.conn.hangUp() // the Read returns, and releases them
		return nil
	}
	b.letGo(false)
	return nil
}

// letGo gives the connection to other calls where the answer was complete and nothing came after
// it, and closes it otherwise: also where the context has ended, for its interruption may come at
// any moment.
func (b *body) letGo(complete bool) {
	surplus := b.reader.Buffered() > 0
	releaseReader(b.reader)
	b.reader, b.chunks, b.gone = nil, nil, true
	if b.stop() && complete && b.keep && !surplus {
		b.idle.put(b.conn)
	} else {
		b.conn.hangUp()
	}
	b.conn = nil
}

func (b *body) read(p []byte) (int, error) {
	switch {
	case len(p) == 0:
		return 0, nil
	case b.chunks != nil:
		n, err := b.chunks.Read(p)
		if err == io.EOF {
			err = b.skipTrailer()
		}
		return n, err
	case b.left < 0:
		return b.reader.Read(p)
	}
	n, err := b.reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	switch {
	case b.left == 0:
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// skipTrailer reads what follows the last chunk, up to and with an empty line, and drops it.
func (b *body) skipTrailer() error {
	buffer := takeScratch()
	defer buffer.release()
	var err error
	if buffer.bytes, err = readHead(b.reader, buffer.bytes, maxTrailer); err != nil {
		return err
	}
	return io.EOF
}
