package logs

import (
	"context"
	"io"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// Open opens a job's log, or a part of it, at the upstream.
type Open func(context.Context, restclient.TraceRange) (io.ReadCloser, error)

// Read reads the log once for all selections.
//
// An error of open is returned unchanged. The error is a *joblog.LimitError if the log, or the time
// to read it, exceeds a limit before all selections are answered.
func (l *Log) Read(ctx context.Context, open Open) error {
	err := l.read(ctx, open)
	if err != nil {
		l.release()
	}
	return err
}

func (l *Log) read(ctx context.Context, open Open) error {
	switch wanted := len(l.collectors()); {
	case len(l.chunks) == wanted:
		return l.readChunks(ctx, open)
	case len(l.texts) == wanted && l.onlyTails():
		done, err := l.readEnd(ctx, open)
		if done || err != nil {
			return err
		}
	}
	at := l.start()
	from, err := openFrom(ctx, open, at.Offset)
	if err != nil {
		return err
	}
	defer from.Close()
	for _, c := range l.chunks {
		c.at = at.Offset
	}
	return l.readInto(ctx, at, from, l.collectors()...)
}

func (l *Log) readInto(ctx context.Context, at joblog.Resume, r io.Reader, collectors ...joblog.Collector) error {
	limits := joblog.Limits{Bytes: l.limits.Bytes, Time: l.limits.Time, Now: l.limits.Now, Keep: l.keep}
	_, err := joblog.ReadAt(ctx, at, r, limits, collectors...)
	return err
}

// start returns the last place that the log can be read from to answer all selections.
func (l *Log) start() joblog.Resume {
	if len(l.pages) == 0 || len(l.pages)+len(l.chunks) != len(l.collectors()) {
		return joblog.Resume{}
	}
	first := true
	var at joblog.Resume
	for page, wanted := range l.pages {
		if page.FromEnd {
			return joblog.Resume{}
		}
		if first || wanted.from.Offset < at.Offset {
			first, at = false, wanted.from
		}
	}
	for args := range l.chunks {
		if args.from < at.Offset {
			return joblog.Resume{}
		}
	}
	return at
}
