package logs

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

const (
	defaultChunk = 64 << 10
	// shortestChunk is longer than the longest character: a chunk without a whole character could not
	// end.
	shortestChunk = 4
)

// Chunk is a part of a job's log.
type Chunk struct {
	FromByte, ToByte int64
	Bytes            []byte
	Complete         bool // the log ends here

	log *Log // whose budget its texts count against; nil counts nothing
}

// Text returns the plain text. A line end at the chunk's end is kept, so that lines of chunks do
// not run together.
func (c *Chunk) Text() (string, error) {
	text := joblog.NewText(len(c.Bytes))
	parser := joblog.NewParser(text)
	_, _ = parser.Write(c.Bytes) // neither fails
	_ = parser.Close()
	plain := text.Value()
	if bytes.HasSuffix(c.Bytes, []byte("\n")) {
		plain += "\n"
	}
	return c.answer(plain)
}

// Raw returns the bytes as text.
func (c *Chunk) Raw() (string, error) { return c.answer(joblog.SafeText(c.Bytes)) }

// RawBase64 returns the bytes in Base64.
func (c *Chunk) RawBase64() (string, error) {
	return c.answer(base64.StdEncoding.EncodeToString(c.Bytes))
}

func (c *Chunk) answer(text string) (string, error) {
	if c.log == nil {
		return text, nil
	}
	return c.log.answer(text)
}

// chunkArgs are the arguments of chunk, checked.
type chunkArgs struct{ from, limit int64 }

func checkChunk(from int64, limit *int) (chunkArgs, error) {
	args := chunkArgs{from, defaultChunk}
	if limit != nil {
		args.limit = int64(*limit)
	}
	switch {
	case from < 0:
		return args, &relay.ArgumentError{Argument: "fromByte", Problem: "must not be negative"}
	case args.limit < shortestChunk, args.limit > restclient.MaxTraceLimit:
		problem := fmt.Sprintf("must be %d to %d", shortestChunk, restclient.MaxTraceLimit)
		return args, &relay.ArgumentError{Argument: "limit", Problem: problem}
	}
	return args, nil
}

// part collects the bytes of a chunk.
type part struct {
	chunkArgs
	at    int64 // of the next byte that comes
	bytes []byte
	more  bool // there are bytes after it, or may be
}

// Done reports whether the chunk is complete.
func (p *part) Done() bool { return p.more }

// Bytes keeps the bytes that are in the chunk.
func (p *part) Bytes(b []byte) {
	start := p.at
	p.at += int64(len(b))
	b = b[min(int64(len(b)), max(0, p.from-start)):]
	if room := p.limit - int64(len(p.bytes)); int64(len(b)) > room {
		b, p.more = b[:room], true
	}
	p.bytes = append(p.bytes, b...)
}

// Kept returns how many bytes are kept.
func (p *part) Kept() int { return len(p.bytes) }

// chunk returns the part as a Chunk. It ends with a whole character, unless the log ends there.
func (p *part) chunk(log *Log) *Chunk {
	c := &Chunk{FromByte: p.from, Bytes: p.bytes, Complete: log.job.Ended && !p.more, log: log}
	if !c.Complete {
		c.Bytes = c.Bytes[:joblog.WholeCharacters(c.Bytes)]
	}
	c.ToByte = c.FromByte + int64(len(c.Bytes))
	return c
}
