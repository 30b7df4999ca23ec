package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// worthResuming is the least number of bytes to skip for a log to be read from a later place than
// its beginning.
const worthResuming = 16 << 10

// slice is a part of a log that was requested by its range.
type slice struct {
	bytes []byte
	more  bool          // there may be bytes after it
	rest  io.ReadCloser // if the release ignores ranges: the log from that place on
}

// readSlice reads up to limit bytes of the log from an offset of worthResuming or more on.
//
// Releases before 18.10 ignore the range and send the whole log, and nothing in the response shows
// it. The range requested is never longer than the part before the offset: a longer response is
// therefore the whole log, and the whole log is always longer.
func readSlice(ctx context.Context, open Open, offset, limit int64) (slice, error) {
	limit = min(limit, restclient.MaxTraceLimit, offset-1)
	body, err := open(ctx, restclient.TraceRange{Offset: offset, Limit: limit})
	if err != nil {
		return slice{}, err
	}
	part, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(part)) > limit {
		_, err = io.CopyN(io.Discard, body, offset-int64(len(part)))
		if err == nil || err == io.EOF {
			return slice{rest: body}, nil
		}
	}
	body.Close()
	if err != nil {
		return slice{}, fmt.Errorf("read a part of a job log: %w", err)
	}
	return slice{bytes: part, more: int64(len(part)) == limit}, nil
}

// openFrom opens the log from an offset on. The offset must be 0 or at least worthResuming.
func openFrom(ctx context.Context, open Open, offset int64) (io.ReadCloser, error) {
	if offset == 0 {
		return open(ctx, restclient.TraceRange{})
	}
	s, err := readSlice(ctx, open, offset, restclient.MaxTraceLimit)
	if err != nil || s.rest != nil {
		return s.rest, err
	}
	if !s.more {
		return io.NopCloser(bytes.NewReader(s.bytes)), nil
	}
	return &continued{Reader: bytes.NewReader(s.bytes), open: func() (io.ReadCloser, error) {
		return open(ctx, restclient.TraceRange{Offset: offset + int64(len(s.bytes))})
	}}, nil
}

// continued is a part of a log that goes on with what open opens, which happens only if it is read
// that far.
type continued struct {
	io.Reader
	open func() (io.ReadCloser, error)
	rest io.ReadCloser
}

// Read reads on.
func (c *continued) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err != io.EOF || c.rest != nil {
		return n, err
	}
	rest, err := c.open()
	if err != nil {
		return n, err
	}
	c.Reader, c.rest = rest, rest
	return n, nil
}

// Close ends the call that is open, if one is.
func (c *continued) Close() error {
	if c.rest == nil {
		return nil
	}
	return c.rest.Close()
}

// readChunks reads each selected chunk by its own range.
func (l *Log) readChunks(ctx context.Context, open Open) error {
	for _, c := range l.chunks {
		if err := l.readChunk(ctx, open, c); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) readChunk(ctx context.Context, open Open, c *part) error {
	if c.from < worthResuming {
		limit := min(c.from+c.limit, restclient.MaxTraceLimit)
		body, err := open(ctx, restclient.TraceRange{Limit: limit})
		if err != nil {
			return err
		}
		defer body.Close()
		if err := l.readInto(ctx, joblog.Resume{}, body, c); err != nil {
			return err
		}
		c.more = c.more || c.at == limit
		return nil
	}
	if c.from > l.limits.Bytes {
		return joblog.BytesLimit(joblog.LimitBytes, l.limits.Bytes)
	}
	s, err := readSlice(ctx, open, c.from, c.limit)
	if err != nil {
		return err
	}
	c.at = c.from
	if s.rest != nil {
		defer s.rest.Close()
		return l.readInto(ctx, joblog.Resume{}, s.rest, c)
	}
	c.Bytes(s.bytes)
	c.more = c.more || s.more
	return l.keep(int64(len(c.bytes)))
}
