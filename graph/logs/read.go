package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// Open opens a job's log, or a part of it, at the upstream.
type Open func(context.Context, restclient.TraceRange) (io.ReadCloser, error)

// Read reads the log once into all that is wanted of it. knownSize is its length where GitLab tells it, 0 otherwise.
//
// An error of what opened the log is returned as it is; a *joblog.LimitError says that the log, or the time that it takes, is over a limit
// before everything wanted was found.
func (l *Log) Read(ctx context.Context, open Open, knownSize int64) error {
	err := l.read(ctx, open, knownSize)
	if err != nil {
		l.release()
	}
	return err
}

func (l *Log) read(ctx context.Context, open Open, knownSize int64) error {
	if l.onlyTails() {
		done, err := l.readEnd(ctx, open, knownSize)
		if done || err != nil {
			return err
		}
	}
	whole, err := open(ctx, restclient.TraceRange{})
	if err != nil {
		return err
	}
	defer whole.Close()
	return l.readInto(ctx, whole, l.collectors()...)
}

func (l *Log) readInto(ctx context.Context, r io.Reader, collectors ...joblog.Collector) error {
	_, err := joblog.Read(ctx, r, joblog.Limits{Bytes: l.limits.Bytes, Time: l.limits.Time, Now: l.limits.Now, Keep: l.keep}, collectors...)
	return err
}

// onlyTails tells whether the end of the log is all that is wanted.
func (l *Log) onlyTails() bool {
	for args := range l.texts {
		if !args.fromEnd {
			return false
		}
	}
	return len(l.texts) > 0 && len(l.collectors()) == len(l.texts)
}

// window is a part at the end of a log that may be enough.
type window struct{ bytes, limit int64 }

// windows are the parts at the end that are tried, one after the other. A limit is a little more than its window, because a size that GitLab
// tells need not be exact; an answer that is as long as the limit is therefore not the log's end, and a longer one is no part at all.
var windows = [...]window{{64_000, 80_000}, {480_000, restclient.MaxTraceLimit}}

// worthwhile is how many windows a log must be long for its end to be read alone: less is read faster at once.
const worthwhile = 4

// joinReach is more lines than the parser joins parts of a line over. A part whose beginning lies before the window shows as a line of its
// own, but only this near to the window's beginning: lines after it are the same as in the whole log.
const joinReach = 300

// readEnd reads the log's end, if that is enough; false where it is not. Each window is read from scratch, so nothing is doubled where they
// overlap.
func (l *Log) readEnd(ctx context.Context, open Open, size int64) (bool, error) {
	for _, w := range windows {
		if size < worthwhile*w.bytes {
			return false, nil
		}
		done, err := l.readWindow(ctx, open, size, w)
		if done || err != nil {
			return done, err
		}
	}
	return false, nil
}

func (l *Log) readWindow(ctx context.Context, open Open, size int64, w window) (bool, error) {
	part, err := open(ctx, restclient.TraceRange{Offset: size - w.bytes, Limit: w.limit})
	if err != nil {
		return false, err
	}
	defer part.Close()
	end, err := io.ReadAll(io.LimitReader(part, w.limit+1))
	if err != nil {
		return false, fmt.Errorf("read the end of a job log: %w", err)
	}
	switch n := int64(len(end)); {
	case n > w.limit: // a release that ignores the range: this is the log from its beginning, and the rest of it is to come
		return true, l.readInto(ctx, io.MultiReader(bytes.NewReader(end), part), l.collectors()...)
	case n == w.limit: // longer than GitLab said: the end is further on
		return false, nil
	}
	_, end, _ = bytes.Cut(end, []byte("\n")) // what the window cuts in half
	tried := New(l.job, l.limits, l.budget)
	var lines lineCount
	for args := range l.texts {
		tried.texts[args] = newText(args)
	}
	if err := l.readInto(ctx, bytes.NewReader(end), append(tried.collectors(), &lines)...); err != nil {
		return false, err
	}
	if !tried.enough(int(lines)) {
		tried.release()
		return false, nil
	}
	l.texts = tried.texts
	return true, nil
}

// enough tells whether a window of so many lines has all the tails that are wanted.
func (l *Log) enough(lines int) bool {
	for args := range l.texts {
		if args.tail > lines-joinReach {
			return false
		}
	}
	return true
}

// lineCount counts lines.
type lineCount int

// Done is false: there may always be more.
func (*lineCount) Done() bool { return false }

// Line counts one.
func (c *lineCount) Line(*joblog.LineRef) { *c++ }
