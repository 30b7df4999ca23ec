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

// readerSize holds the head of an answer and, mostly, a job. Longer bodies are read past the buffer.
const readerSize = 4 << 10

// maxInterim is the most informational answers (1xx) before the one that counts.
const maxInterim = 5

var (
	errInterim = errors.New("http1: too many informational answers, or one that leaves HTTP")

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

// exchange sends a request's bytes and reads the head of the answer. again tells that the request can be sent once
// more, over another connection: none of it was written, or it is a read of which no answer has begun.
func (t *Transport) exchange(c *conn, request *http.Request, message []byte) (answer *http.Response, again bool, err error) {
	ctx := request.Context()
	stop := always
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, c.interrupt)
	}
	r := takeReader(c)
	h, l, again, err := t.converse(c, r, request, message)
	if err != nil {
		stop()
		c.hangUp()
		releaseReader(r)
		again = again && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded)
		return nil, again, causeOr(ctx, err)
	}
	a := &received{body: body{ctx: ctx, conn: c, idle: t.idle, stop: stop, keep: l.keep, reader: r, left: l.bytes}}
	a.describe(h, l, request)
	return &a.Response, false, nil
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

// converse writes the request and reads the head.
func (t *Transport) converse(c *conn, r *bufio.Reader, request *http.Request, message []byte) (h head, l length, again bool, err error) {
	if n, err := c.Write(message); err != nil {
		// A part of a record of TLS that was written cannot be read by the server, so what counts is n there, too.
		return head{}, length{}, n == 0 || isRead(request), err
	}
	buffer := takeScratch()
	defer buffer.release()
	for range maxInterim + 1 {
		buffer.bytes, err = readHead(r, buffer.bytes[:0], t.MaxHeadBytes)
		if err != nil {
			return head{}, length{}, len(buffer.bytes) == 0 && isRead(request), err
		}
		h, err = parseHead(string(buffer.bytes))
		if err != nil {
			return head{}, length{}, false, err
		}
		if h.code == http.StatusSwitchingProtocols {
			break
		}
		if h.code >= 200 {
			l, err = lengthOf(h)
			return h, l, false, err
		}
	}
	return head{}, length{}, false, errInterim
}

// isRead reports whether the request can be sent twice without more happening than once.
func isRead(request *http.Request) bool {
	return method(request) == http.MethodGet && !hasBody(request)
}
