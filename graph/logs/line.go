package logs

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// A page of lines, as the schema names it.
type (
	LineConnection = relay.Connection[Line]
	LineEdge       = relay.Edge[Line]
)

// The forms of a log's times: lines have microseconds, section markers whole seconds.
const (
	lineTime    = "2006-01-02T15:04:05.000000Z07:00"
	sectionTime = time.RFC3339
)

// connection is a page of lines with their cursors.
func (l *Log) connection(page joblog.Page) *LineConnection {
	lines := l.pages[page]
	all := lines.value()
	c := &LineConnection{Edges: make([]LineEdge, len(all))}
	for i, line := range all {
		c.Edges[i] = LineEdge{Cursor: l.lineCursor(line), Node: Line{line, l}}
	}
	c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage = lines.HasNext(), lines.HasPrevious()
	c.Bound()
	if total := len(all); !lines.HasNext() && !lines.HasPrevious() && page.After == 0 && page.Before == 0 {
		c.TotalCount = &total
	}
	return c
}

// Line is one line of a log.
type Line struct {
	line joblog.Line
	log  *Log
}

// Number is its place in the log, from 1.
func (l Line) Number() int { return l.line.Number }

// Text is its plain text.
func (l Line) Text() (string, error) { return l.log.answer(l.line.Text) }

// Ansi is its text with colours.
func (l Line) Ansi() (string, error) { return l.log.answer(l.line.ANSI) }

// Timestamp is when the runner received it; nil if the log has no timestamps.
func (l Line) Timestamp() *restclient.Time { return stamp(l.line.Time, lineTime) }

// Stream is the output it was written to; nil if the log has no timestamps.
func (l Line) Stream() *Stream {
	if l.line.Stream == joblog.NoStream {
		return nil
	}
	s := Stream(l.line.Stream)
	return &s
}

// Section is the innermost section around it; nil outside of all.
func (l Line) Section() *string { return orNil(l.line.Section) }

// Complete reports whether the line has ended.
func (l Line) Complete() bool { return l.log.complete(l.line) }

// complete reports whether a line has ended: no line of a job that has ended goes on.
func (l *Log) complete(line joblog.Line) bool { return line.Complete || l.job.Ended }

// Stream is the output that a line was written to.
type Stream joblog.Stream

// MarshalGQL writes the stream's name.
func (s Stream) MarshalGQL(w io.Writer) {
	if joblog.Stream(s) == joblog.Stderr {
		_, _ = io.WriteString(w, `"STDERR"`)
		return
	}
	_, _ = io.WriteString(w, `"STDOUT"`)
}

// UnmarshalGQL is required by gqlgen; no argument is a stream.
func (s *Stream) UnmarshalGQL(any) error { return fmt.Errorf("is no input") }

// Section is a part of a log that a viewer can collapse.
type Section struct {
	section *joblog.Section
	log     *Log
}

// Name is the markers' name.
func (s Section) Name() (string, error) { return s.log.answer(s.section.Name) }

// Title is the text beside the start marker; nil without.
func (s Section) Title() (*string, error) {
	title, err := s.log.answer(s.section.Title)
	return orNil(title), err
}

// StartedAt is the start marker's time.
func (s Section) StartedAt() restclient.Time { return *stamp(s.section.StartedAt, sectionTime) }

// FinishedAt is the end marker's time; nil without one.
func (s Section) FinishedAt() *restclient.Time { return stamp(s.section.FinishedAt, sectionTime) }

// Duration is the seconds between the markers; nil without an end marker.
func (s Section) Duration() *json.Number {
	d, ok := s.section.Duration()
	if !ok {
		return nil
	}
	n := json.Number(strconv.FormatFloat(d.Seconds(), 'f', -1, 64))
	return &n
}

// Depth is how many sections it is in.
func (s Section) Depth() int { return s.section.Depth }

// FirstLine is the number of its first line.
func (s Section) FirstLine() int { return s.section.FirstLine }

// LastLine is the number of its last line; nil while it goes on.
func (s Section) LastLine() *int {
	if !s.section.Ended {
		return nil
	}
	return &s.section.LastLine
}

// HideDuration reports whether the job set the option to hide the duration.
func (s Section) HideDuration() bool { return s.section.HideDuration }

// Collapsed reports whether the job set the option to show it collapsed.
func (s Section) Collapsed() bool { return s.section.Collapsed }

// stamp is a time in a log as the graph has it; nil for the zero time.
func stamp(t time.Time, layout string) *restclient.Time {
	if t.IsZero() {
		return nil
	}
	text := restclient.Time(t.UTC().Format(layout))
	return &text
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
