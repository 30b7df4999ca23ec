package http1

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httputil"
	"os"
	"sync"
)

// readerSize holds the head of an answer and, mostly, a job. Longer bodies are read past the
// buffer.
const readerSize = 4 << 10

// maxInterim is the most informational answers (1xx) before the one that counts.
const maxInterim = 5

var (
	errInterim = &MalformedError{"http1: too many informational answers, or one that leaves HTTP"}

	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readerSize) }}
)

func takeReader(c *conn) *bufio.Reader {
	r := readers.Get().(*bufio.Reader)
	r.Reset(c)
	return r
}

func releaseReader(r *bufio.Reader) {
	r.Reset(nil)
	readers.Put(r)
}

// exchange sends a request's bytes and reads the head of the answer. wrote reports whether any of
// them was sent. again reports whether the request can be sent once more over another connection:
// if none was sent, or if it is a read of which no answer has begun.
func (t *Transport) exchange(
	c *conn, request *http.Request, message []byte,
) (answer *http.Response, again, wrote bool, err error) {
	ctx := request.Context()
	stop := always
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, c.interrupt)
	}
	r := takeReader(c)
	n, err := c.Write(message)
	var h head
	var l length
	began := false
	if err == nil {
		h, l, began, err = t.receive(r)
	}
	if err != nil {
		stop()
		c.hangUp()
		releaseReader(r)
		again = (n == 0 || isRead(request) && !began) && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded)
		return nil, again, n > 0, causeOr(ctx, err)
	}
	a := &received{body: body{ctx: ctx, conn: c, idle: t.idle, stop: stop, keep: l.keep, reader: r, left: l.bytes}}
	a.describe(h, l, request)
	return &a.Response, false, true, nil
}

func always() bool { return true }

// received is an answer with its body, in one piece of memory.
type received struct {
	http.Response
	body body
}

func (a *received) describe(h head, l length, request *http.Request) {
	a.Status, a.StatusCode, a.Header = h.status, h.code, h.header
	a.Proto, a.ProtoMajor, a.ProtoMinor = "HTTP/1.1", 1, 1
	if !h.http11 {
		a.Proto, a.ProtoMinor = "HTTP/1.0", 0
	}
	a.ContentLength, a.Request = l.bytes, request
	if l.chunked {
		a.TransferEncoding = []string{"chunked"}
		a.body.chunks = httputil.NewChunkedReader(a.body.reader)
	}
	a.Body = &a.body
	if l.bytes == 0 {
		a.body.end()
		a.Body = http.NoBody
	}
}

// receive reads the head of an answer. began reports whether any byte of it came.
func (t *Transport) receive(r *bufio.Reader) (h head, l length, began bool, err error) {
	buffer := takeScratch()
	defer buffer.release()
	for range maxInterim + 1 {
		buffer.bytes, err = readHead(r, buffer.bytes[:0], t.MaxHeadBytes)
		if err != nil {
			return head{}, length{}, began || len(buffer.bytes) > 0, err
		}
		began = true
		h, err = parseHead(string(buffer.bytes))
		if err != nil {
			return head{}, length{}, true, err
		}
		if h.code == http.StatusSwitchingProtocols {
			break
		}
		if h.code >= 200 {
			l, err = lengthOf(h)
			return h, l, true, err
		}
	}
	return head{}, length{}, true, errInterim
}

// isRead reports whether the request can be sent twice without more happening than once.
func isRead(request *http.Request) bool {
	return method(request) == http.MethodGet && !hasBody(request)
}
