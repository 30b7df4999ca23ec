package logs

import (
	"context"
	"io"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// Open opens a job's log, or a part of it, at the upstream.
type Open func(context.Context, restclient.TraceRange) (io.ReadCloser, error)

// Read reads the log once into all that is wanted of it.
//
// An error of what opened the log is returned as it is; a *joblog.LimitError says that the log, or the time that it takes, is over a limit
// before everything wanted was found.
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
	_, err := joblog.ReadAt(ctx, at, r, joblog.Limits{Bytes: l.limits.Bytes, Time: l.limits.Time, Now: l.limits.Now, Keep: l.keep}, collectors...)
	return err
}

// start is the last place that the log can be read from for all that is wanted.
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
