package joblog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Limit names a limit on a log or on reading it.
type Limit string

const (
	// LimitBytes is the most bytes of a log that are read.
	LimitBytes Limit = "log size"
	// LimitTime is the longest that a log is read for.
	LimitTime Limit = "log reading time"
	// LimitRaw is the most bytes of a log that are kept as they are.
	LimitRaw Limit = "raw log size"
	// LimitSections is the most sections of a log that are kept.
	LimitSections Limit = "log sections"
)

// LimitError is the error of a log that exceeds a limit.
type LimitError struct {
	Limit Limit
	Value string // with its unit
}

func (e *LimitError) Error() string { return fmt.Sprintf("%s: over the limit of %s", e.Limit, e.Value) }

// BytesLimit is the error of a limit in bytes.
func BytesLimit(limit Limit, n int64) *LimitError {
	return &LimitError{Limit: limit, Value: strconv.FormatInt(n, 10) + " bytes"}
}

// Limits bound one reading of a log.
type Limits struct {
	// Bytes is the most to read.
	Bytes int64
	// Time is the longest to read for. It is looked at between reads; a read that hangs is for the
	// reader's own context to end.
	Time time.Duration
	// Now is the clock.
	Now func() time.Time
	// Keep is called with each change of how many bytes the collectors keep; nil is not called. Its
	// error ends the reading.
	Keep func(change int64) error
}

// Stats is how much of a log was read.
type Stats struct {
	// Bytes is how many bytes were read.
	Bytes int64
	// Complete reports whether they are the whole log.
	Complete bool
}

// Read reads a log into collectors until all of them are done or the log ends. It returns a
// *LimitError at a limit, the error of limits.Keep, and the context's cause where that ends first.
// After an error a collector that is Done has all that it needs; the others have what came before
// it.
func Read(ctx context.Context, r io.Reader, limits Limits, collectors ...Collector) (Stats, error) {
	return ReadAt(ctx, Resume{}, r, limits, collectors...)
}

// ReadAt is Read from a place on: the reader's first byte is the one at that place.
func ReadAt(ctx context.Context, at Resume, r io.Reader, limits Limits, collectors ...Collector) (Stats, error) {
	var stats Stats
	parser := NewParserAt(at, collectors...)
	deadline := limits.Now().Add(limits.Time)
	kept := keeping{keep: limits.Keep, collectors: collectors}
	buffer := make([]byte, pieceLen)
	for !parser.Done() {
		if ctx.Err() != nil {
			return stats, fmt.Errorf("read job log: %w", context.Cause(ctx))
		}
		n, err := r.Read(buffer)
		over := int64(n) > limits.Bytes-stats.Bytes
		if over {
			n = int(limits.Bytes - stats.Bytes)
		}
		stats.Bytes += int64(n)
		if err := kept.write(parser, buffer[:n]); err != nil {
			return stats, err
		}
		switch {
		case over && !parser.Done():
			return stats, BytesLimit(LimitBytes, limits.Bytes)
		case errors.Is(err, io.EOF):
			stats.Complete = true
			_ = parser.Close() // never fails
			return stats, kept.count()
		case err != nil:
			return stats, fmt.Errorf("read job log: %w", err)
		case limits.Now().After(deadline) && !parser.Done():
			return stats, &LimitError{Limit: LimitTime, Value: limits.Time.String()}
		}
	}
	return stats, nil
}

// keeping counts what collectors keep while they are fed.
type keeping struct {
	keep       func(change int64) error
	collectors []Collector
	bytes      int64
}

// shortestStep is the least that is written between two counts: what a count costs is little next
// to parsing it.
const shortestStep = 1024

// write feeds the parser in steps so short that all collectors together take little in one of them.
func (k *keeping) write(parser *Parser, b []byte) error {
	step := max(shortestStep, pieceLen/max(1, len(k.collectors)))
	for len(b) > 0 {
		n := min(step, len(b))
		_, _ = parser.Write(b[:n]) // never fails
		b = b[n:]
		if err := k.count(); err != nil {
			return err
		}
	}
	return nil
}

func (k *keeping) count() error {
	if k.keep == nil {
		return nil
	}
	var bytes int64
	for _, c := range k.collectors {
		if c, ok := c.(Keeper); ok {
			bytes += int64(c.Kept())
		}
	}
	change := bytes - k.bytes
	if change == 0 {
		return nil
	}
	k.bytes = bytes
	return k.keep(change)
}
