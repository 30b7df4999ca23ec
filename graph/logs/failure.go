package logs

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// maxExcerpt is the most lines of a failure's excerpt, and defaultExcerpt is the default, as in the
// schema.
const (
	maxExcerpt     = 100
	defaultExcerpt = 20
)

// Failure is why a job failed, according to its log.
type Failure struct {
	found *joblog.Failure
	log   *Log
}

// Message is the runner's message.
func (f *Failure) Message() (string, error) { return f.log.answer(f.found.Message()) }

// ExitCode is the code that the message names; nil if it names none.
func (f *Failure) ExitCode() *int {
	code, ok := f.found.ExitCode()
	if !ok {
		return nil
	}
	return &code
}

// Section is the step that failed; nil if the log has no sections.
func (f *Failure) Section() *string { return orNil(f.found.Section()) }

// Excerpt is the last lines of the step that failed.
func (f *Failure) Excerpt(lines *int) ([]Line, error) {
	count := defaultExcerpt
	if lines != nil {
		count = *lines
	}
	if err := checkExcerpt(count); err != nil {
		return nil, err
	}
	all := f.found.Lines(count)
	excerpt := make([]Line, len(all))
	for i, line := range all {
		excerpt[i] = Line{line, f.log}
	}
	return excerpt, nil
}

func checkExcerpt(count int) error {
	if count < 0 || count > maxExcerpt {
		return &relay.ArgumentError{Argument: "lines", Problem: fmt.Sprintf("must be 0 to %d", maxExcerpt)}
	}
	return nil
}

// WantExcerpt registers a selection of the failure's excerpt, with its arguments in the query.
func (l *Log) WantExcerpt(excerpt graphql.CollectedField, variables map[string]any) error {
	count, err := argument(excerpt.ArgumentMap(variables), "lines", model.UnmarshalInt)
	if err != nil {
		return err
	}
	n := defaultExcerpt
	if count != nil {
		n = *count
	}
	if err := checkExcerpt(n); err != nil {
		return err
	}
	l.excerpt = max(l.excerpt, n)
	if l.failure != nil {
		l.failure = joblog.NewFailure(l.excerpt)
	}
	return nil
}
