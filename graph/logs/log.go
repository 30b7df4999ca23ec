package logs

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// Limits bound the reading of one log. 0 is no bound.
type Limits struct {
	Bytes        int64            // the most to read
	RawBytes     int64            // the most to answer in one field, as raw or as text
	RequestBytes int64            // the most to keep of all logs of a request, and to answer of them
	Time         time.Duration    // the longest to read for
	Now          func() time.Time // the clock
}

const (
	defaultTextBytes = 1 << 20 // of text where no maxBytes is given: some ten thousand lines
	pageBytes        = 1 << 20 // of one page of lines: 500 usual lines are 100 KB
	maxSections      = 10_000  // of one log: a usual one has a dozen
	lineList         = "logline"
)

// Log is one reading of a job's log: the selections and, after Read, their answers.
type Log struct {
	job    Job
	limits Limits
	budget *Budget

	size     *joblog.Size
	raw      *joblog.Raw
	sections *joblog.Sections
	failure  *joblog.Failure
	excerpt  int // lines of it
	chunks   map[chunkArgs]*part
	texts    map[textArgs]wantedText
	pages    map[joblog.Page]wantedPage

	rawText, rawBase64 func() (string, error) // converted once
}

// text is plain text, from either end of the log.
type text interface {
	joblog.LineCollector
	joblog.Keeper
	Value() string
}

// wantedText is a selected text, copied once.
type wantedText struct {
	text
	value func() string
}

func newText(args textArgs) wantedText {
	var t text = joblog.NewText(args.maxBytes)
	if args.fromEnd {
		t = joblog.NewTail(args.tail, args.maxBytes)
	}
	return wantedText{t, sync.OnceValue(t.Value)}
}

// wantedPage is a selected page of lines, copied once.
type wantedPage struct {
	*joblog.Lines
	value func() []joblog.Line
	from  joblog.Resume // where the log can be read from for it
}

func newPage(page joblog.Page, from joblog.Resume) wantedPage {
	lines := joblog.NewLines(page)
	return wantedPage{lines, sync.OnceValue(lines.Value), from}
}

// Job has the properties of the job that the reading of its log depends on.
type Job struct {
	ID      int64
	Ended   bool  // nothing is appended any more
	Failed  bool  // its log may have the reason
	LogSize int64 // the log's length if GitLab sends it, 0 otherwise
}

// New returns the log of a job, without selections. budget is that of the request.
func New(job Job, limits Limits, budget *Budget) *Log {
	limits.Bytes, limits.RawBytes = cmp.Or(limits.Bytes, math.MaxInt64), cmp.Or(limits.RawBytes, math.MaxInt)
	limits.Time = cmp.Or(limits.Time, math.MaxInt64/2)
	l := &Log{
		job: job, limits: limits, budget: budget,
		chunks: map[chunkArgs]*part{}, texts: map[textArgs]wantedText{}, pages: map[joblog.Page]wantedPage{},
	}
	l.rawText = sync.OnceValues(func() (string, error) { return l.converted(joblog.SafeText) })
	l.rawBase64 = sync.OnceValues(func() (string, error) { return l.converted(base64.StdEncoding.EncodeToString) })
	return l
}

// converted is the raw log in another encoding.
func (l *Log) converted(to func([]byte) string) (string, error) {
	b, err := l.raw.Value()
	if err != nil {
		return "", err
	}
	return to(b), nil
}

// collectors returns all collectors of the reading.
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
	if l.failure != nil {
		all = append(all, l.failure)
	}
	for _, c := range l.chunks {
		all = append(all, c)
	}
	for _, t := range l.texts {
		all = append(all, t)
	}
	for _, p := range l.pages {
		all = append(all, p)
	}
	return all
}

// Key identifies the selections: two readings of one log with equal keys have equal answers.
func (l *Log) Key() string {
	parts := []string{fmt.Sprint(l.job, l.size != nil, l.raw != nil, l.sections != nil, l.failure != nil, l.excerpt)}
	for args := range l.chunks {
		parts = append(parts, fmt.Sprintf("%#v", args))
	}
	for args := range l.texts {
		parts = append(parts, fmt.Sprintf("%#v", args))
	}
	for page := range l.pages {
		parts = append(parts, fmt.Sprintf("%#v", page))
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

// Wanted reports whether anything of the log has to be read.
func (l *Log) Wanted() bool {
	return slices.ContainsFunc(l.collectors(), func(c joblog.Collector) bool { return !c.Done() })
}

// keep counts a change of what is kept of the log.
func (l *Log) keep(change int64) error {
	return l.budget.spend(&l.budget.kept, change, l.limits.RequestBytes)
}

// release subtracts what was kept of the log from the count, because it is dropped.
func (l *Log) release() {
	for _, c := range l.collectors() {
		if c, ok := c.(joblog.Keeper); ok {
			_ = l.keep(-int64(c.Kept())) // a smaller count is never over the limit
		}
	}
}

// answer returns a text of the log and counts its bytes in the answer. The error is a
// *joblog.LimitError if the answer would have too many.
func (l *Log) answer(text string) (string, error) {
	return text, l.budget.spend(&l.budget.answered, encodedLength(text), l.limits.RequestBytes)
}

// Size is the log's length in bytes.
func (l *Log) Size() int64 { return l.size.Value() }

// Raw is the log as text; a *joblog.LimitError where it is over a limit.
func (l *Log) Raw() (*string, error) { return l.whole(l.rawText) }

// RawBase64 is the log in Base64; a *joblog.LimitError where it is over a limit.
func (l *Log) RawBase64() (*string, error) { return l.whole(l.rawBase64) }

func (l *Log) whole(form func() (string, error)) (*string, error) {
	s, err := form()
	if err != nil {
		return nil, err
	}
	if s, err = l.answer(s); err != nil {
		return nil, err
	}
	return &s, nil
}

// Text is the log's plain text, or its end.
func (l *Log) Text(tail, maxBytes *int) (string, error) {
	args, err := l.textArgs(tail, maxBytes)
	if err != nil {
		return "", err
	}
	return l.answer(l.texts[args].value())
}

// Sections are the log's sections; a *joblog.LimitError if there are too many.
func (l *Log) Sections() ([]Section, error) {
	all, err := l.sections.Value()
	if err != nil {
		return nil, err
	}
	sections := make([]Section, len(all))
	for i, s := range all {
		sections[i] = Section{s, l}
	}
	return sections, nil
}

// Failure is why the job failed; nil if it has not, or the log has no reason.
func (l *Log) Failure() *Failure {
	if !l.job.Failed || l.failure.Message() == "" {
		return nil
	}
	return &Failure{l.failure, l}
}

// Chunk is a part of the log.
func (l *Log) Chunk(fromByte int64, limit *int) (*Chunk, error) {
	args, err := checkChunk(fromByte, limit)
	if err != nil {
		return nil, err
	}
	return l.chunks[args].chunk(l), nil
}

// Lines is a page of the log's lines.
func (l *Log) Lines(
	first *int, after *string, last *int, before *string, search, section *string,
) (*LineConnection, error) {
	page, _, err := l.page(relay.Arguments{First: first, After: after, Last: last, Before: before}, search, section)
	if err != nil {
		return nil, err
	}
	return l.connection(page), nil
}
