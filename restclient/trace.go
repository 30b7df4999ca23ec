package restclient

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// MaxTraceLimit is the most bytes that GitLab sends for one byte_limit.
const MaxTraceLimit = 512_000

// TraceRange is a slice of a log. The zero value is the whole log. Releases before 18.10 ignore it
// and send the whole log: compare what came with what was asked for.
type TraceRange struct {
	Offset int64 // the first byte, from 0
	Limit  int64 // at most so many bytes, up to MaxTraceLimit; 0 = to the end
}

// Trace streams a job's log, bytes as GitLab sends them. A job without a log has an empty one.
// Config.Timeout bounds the wait for the answer and for each read, not the whole stream;
// Config.MaxBody does not apply. Errors while reading are of the same types as those returned here.
// Close always: it also ends a call that was not read to its end.
//
// API: https://docs.gitlab.com/api/jobs/#get-a-log-file
func (c *Client) Trace(
	ctx context.Context, cred Credential, p ProjectID, job int64, r TraceRange,
) (io.ReadCloser, error) {
	path, err := tracePath(p, job, r)
	if err != nil {
		return nil, err
	}
	call := call{method: http.MethodGet, path: path, cred: cred, accept: mediaPlain, stream: true}
	result := c.run(ctx, &call)
	return result.stream, result.err
}

func tracePath(p ProjectID, job int64, r TraceRange) (string, error) {
	if r.Offset < 0 || r.Limit < 0 || r.Limit > MaxTraceLimit {
		return "", &ArgumentError{Name: "range", Problem: "its offset or limit is out of bounds"}
	}
	e := newEndpoint(p).in("jobs", job).then("trace")
	if r.Offset > 0 {
		e.param("byte_offset", strconv.FormatInt(r.Offset, 10))
	}
	if r.Limit > 0 {
		e.param("byte_limit", strconv.FormatInt(r.Limit, 10))
	}
	if e.problem != nil {
		return "", e.problem
	}
	return e.string(), nil
}

// openStream makes a streaming call once and hands its body over unread.
func (c *Client) openStream(ctx context.Context, call *call) outcome {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(c.timeout, func() { cancel(errStalled) })
	fail := func(err error) outcome {
		watch.Stop()
		cancel(nil)
		return outcome{err: err}
	}
	answer, err := c.exchange(ctx, call)
	if err != nil {
		return fail(err)
	}
	if err := c.checkStatus(answer, call); err != nil {
		discard(answer.Body)
		return fail(err)
	}
	if mediaType, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); mediaType == "text/html" {
		discard(answer.Body)
		return fail(&InvalidError{Reason: InvalidContentType})
	}
	watch.Stop()
	return outcome{stream: &stream{ctx: ctx, cancel: cancel, body: answer.Body, watch: watch, timeout: c.timeout}}
}

// stream is the body of a streaming call. Its watch ends the call when one read takes too long.
type stream struct {
	ctx     context.Context // the call's own
	cancel  context.CancelCauseFunc
	body    io.ReadCloser
	watch   *time.Timer
	timeout time.Duration
}

func (s *stream) Read(p []byte) (int, error) {
	s.watch.Reset(s.timeout)
	n, err := s.body.Read(p)
	s.watch.Stop()
	if err != nil && err != io.EOF {
		err = bodyError(s.ctx, err)
	}
	return n, err
}

func (s *stream) Close() error {
	s.watch.Stop()
	s.cancel(nil)
	return s.body.Close()
}
