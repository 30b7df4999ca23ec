package logs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

const (
	// endBytes is the part at the end of a log that is tried first. endLimit is a little more, because
	// the size that GitLab sends may be inexact: an answer that is as long as the limit is not the
	// log's end, and a longer one is no part at all.
	endBytes, endLimit = 64_000, 80_000

	// worthwhile is how many times longer a log must be for its end to be read alone: a shorter log is
	// read faster in one call.
	worthwhile = 4

	// joinReach is more lines than the parser joins parts of a line over. A part whose beginning lies
	// before the end that was read shows as a line of its own, but only this near to that beginning:
	// lines after it are the same as in the complete log.
	joinReach = 300
)

// onlyTails reports whether only the ends of texts are selected.
func (l *Log) onlyTails() bool {
	for args := range l.texts {
		if !args.fromEnd {
			return false
		}
	}
	return true
}

// readEnd reads the log's end. It returns false if the end is not enough, so that the complete log
// has to be read. The size of the second part is estimated from the first, so that it is nearly
// always enough.
func (l *Log) readEnd(ctx context.Context, open Open) (bool, error) {
	size := l.job.LogSize
	if size < worthwhile*endBytes {
		return false, nil
	}
	seen, done, err := l.readFirstEnd(ctx, open, size-endBytes)
	if done || err != nil || seen.lines == 0 {
		return done, err
	}
	needed := l.needed(seen)
	if needed > size/2 {
		return false, nil
	}
	part, err := open(ctx, restclient.TraceRange{Offset: size - needed})
	if err != nil {
		return false, err
	}
	defer part.Close()
	_, done, err = l.tryEnd(ctx, part)
	return done, err
}

func (l *Log) readFirstEnd(ctx context.Context, open Open, offset int64) (measure, bool, error) {
	part, err := open(ctx, restclient.TraceRange{Offset: offset, Limit: endLimit})
	if err != nil {
		return measure{}, false, err
	}
	defer part.Close()
	end, err := io.ReadAll(io.LimitReader(part, endLimit+1))
	if err != nil {
		return measure{}, false, fmt.Errorf("read the end of a job log: %w", err)
	}
	switch n := len(end); {
	case n > endLimit: // a release that ignores the range: end is the log's beginning, part is the rest
		log := io.MultiReader(bytes.NewReader(end), part)
		return measure{}, true, l.readInto(ctx, joblog.Resume{}, log, l.collectors()...)
	case n == endLimit: // longer than the size that GitLab sent: the end is further on
		return measure{}, false, nil
	}
	return l.tryEnd(ctx, bytes.NewReader(end))
}

// tryEnd reads an end of the log into new texts, which replace the registered ones if the end is
// enough.
func (l *Log) tryEnd(ctx context.Context, end io.Reader) (measure, bool, error) {
	r := bufio.NewReader(end)
	for { // a character that the start of the end cuts
		if _, err := r.ReadSlice('\n'); err == nil || err == io.EOF {
			break
		} else if !errors.Is(err, bufio.ErrBufferFull) {
			return measure{}, false, fmt.Errorf("read the end of a job log: %w", err)
		}
	}
	tried := New(l.job, l.limits, l.budget)
	var seen measure
	for args := range l.texts {
		tried.texts[args] = newText(args)
	}
	if err := tried.readInto(ctx, joblog.Resume{}, r, append(tried.collectors(), &seen)...); err != nil {
		return seen, false, err
	}
	if !tried.enough(seen.lines) {
		tried.release()
		return seen, false, nil
	}
	l.texts = tried.texts
	return seen, true, nil
}

// enough reports whether an end of this many lines has all selected tails: as many lines as
// selected, or as many bytes.
func (l *Log) enough(lines int) bool {
	for args, wanted := range l.texts {
		tail := wanted.text.(*joblog.Tail)
		kept := tail.Lines()
		if args.tail > 0 && (kept < args.tail && !tail.Cut() || kept > lines-joinReach) {
			return false
		}
	}
	return true
}

// needed estimates how many bytes at the log's end hold all selected tails, from the lines seen so
// far.
func (l *Log) needed(seen measure) int64 {
	lines := 0
	for args := range l.texts {
		lines = max(lines, min(args.tail, args.maxBytes*seen.lines/max(seen.text, 1)+1))
	}
	each := seen.bytes/int64(seen.lines) + 1
	return int64(lines+joinReach) * each * 5 / 4
}

// measure counts the lines of a part of a log, the bytes of their text, and the bytes that they
// were made of.
type measure struct {
	lines, text int
	bytes       int64
}

// Done returns false: there may always be more.
func (*measure) Done() bool { return false }

// Bytes counts bytes.
func (m *measure) Bytes(b []byte) { m.bytes += int64(len(b)) }

// Line counts a line.
func (m *measure) Line(l *joblog.LineRef) {
	m.lines++
	m.text += len(l.Text()) + len("\n")
}
