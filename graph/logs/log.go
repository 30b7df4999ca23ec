package logs

import (
	"cmp"
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"time"

	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// Limits bound the reading of one log. 0 is no bound.
type Limits struct {
	Bytes        int64            // the most to read
	RawBytes     int64            // the most to answer in one field, as raw or as text
	RequestBytes int64            // the most that all logs of one request may keep
	Time         time.Duration    // the longest to read for
	Now          func() time.Time // the clock
}

// LimitRequest is the most bytes that all logs of one request may keep.
const LimitRequest joblog.Limit = "logs of one request"

// CheckKept returns a *joblog.LimitError where a request has kept as much of its logs as it may.
func (l Limits) CheckKept(kept int64) error {
	if l.RequestBytes > 0 && kept >= l.RequestBytes {
		return &joblog.LimitError{Limit: LimitRequest, Value: strconv.FormatInt(l.RequestBytes, 10) + " bytes"}
	}
	return nil
}

const (
	defaultTextBytes = 1 << 20 // of text where no maxBytes is given: some ten thousand lines
	pageBytes        = 1 << 20 // of one page of lines: 500 usual lines are 100 KB
	maxSections      = 10_000  // of one log: a usual one has a dozen
	lineList         = "logline"
)

// Log is one reading of a job's log: what is wanted of it and, once it was read, the answers.
type Log struct {
	job    int64
	limits Limits

	size     *joblog.Size
	raw      *joblog.Raw
	sections *joblog.Sections
	texts    map[textArgs]text
	pages    map[joblog.Page]*joblog.Lines
}

// text is plain text, from either end of the log.
type text interface {
	joblog.Collector
	Value() string
}

// New is the log of a job, of which nothing is wanted yet.
func New(job int64, limits Limits) *Log {
	limits.Bytes, limits.RawBytes = cmp.Or(limits.Bytes, math.MaxInt64), cmp.Or(limits.RawBytes, math.MaxInt)
	limits.Time = cmp.Or(limits.Time, math.MaxInt64/2)
	return &Log{job: job, limits: limits, texts: map[textArgs]text{}, pages: map[joblog.Page]*joblog.Lines{}}
}

// collectors are all that the reading feeds.
func (l *Log) collectors() []joblog.Collector {
	var all []joblog.Collector
	if l.size != nil {
		all = append(all, l.size)
	}
	if l.raw != nil {
		all = append(all, l.raw)
	}
	if l.sections != nil {
		all = append(all, l.sections)
	}
	for _, t := range l.texts {
		all = append(all, t)
	}
	for _, p := range l.pages {
		all = append(all, p)
	}
	return all
}

// Wanted tells whether anything of the log has to be read.
func (l *Log) Wanted() bool {
	return slices.ContainsFunc(l.collectors(), func(c joblog.Collector) bool { return !c.Done() })
}

// Kept is how many bytes of the log are kept for the answer.
func (l *Log) Kept() int64 {
	kept := 0
	if l.raw != nil {
		raw, _ := l.raw.Value() // one over its limit is not kept
		kept += len(raw)
	}
	for _, t := range l.texts {
		kept += len(t.Value())
	}
	for _, p := range l.pages {
		for _, line := range p.Value() {
			kept += len(line.Text) + len(line.ANSI)
		}
	}
	return int64(kept)
}

// Size is the log's length in bytes.
func (l *Log) Size() int64 { return l.size.Value() }

// Raw is the log as text; a *joblog.LimitError where it is over the limit.
func (l *Log) Raw() (*string, error) {
	b, err := l.raw.Value()
	if err != nil {
		return nil, err
	}
	s := joblog.SafeText(b)
	return &s, nil
}

// RawBase64 is the log in Base64; a *joblog.LimitError where it is over the limit.
func (l *Log) RawBase64() (*string, error) {
	b, err := l.raw.Value()
	if err != nil {
		return nil, err
	}
	s := base64.StdEncoding.EncodeToString(b)
	return &s, nil
}

// Text is the log's plain text, or its end.
func (l *Log) Text(tail, maxBytes *int) (string, error) {
	args, err := l.textArgs(tail, maxBytes)
	if err != nil {
		return "", err
	}
	return l.texts[args].Value(), nil
}

// Sections are the log's sections; a *joblog.LimitError where there are too many.
func (l *Log) Sections() ([]Section, error) {
	all, err := l.sections.Value()
	if err != nil {
		return nil, err
	}
	sections := make([]Section, len(all))
	for i, s := range all {
		sections[i] = Section{s}
	}
	return sections, nil
}

// Lines is a page of the log's lines.
func (l *Log) Lines(first *int, after *string, last *int, before *string, search, section *string) (*LineConnection, error) {
	page, err := l.page(relay.Arguments{First: first, After: after, Last: last, Before: before}, search, section)
	if err != nil {
		return nil, err
	}
	return connection(l.job, page, l.pages[page]), nil
}
