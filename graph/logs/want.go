package logs

import (
	"fmt"

	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// Want registers a selection of a field of the log, with its arguments in the query. The error is a
// *relay.ArgumentError.
func (l *Log) Want(field string, args map[string]any) error {
	switch field {
	case "size":
		l.size = &joblog.Size{}
	case "raw", "rawBase64":
		l.raw = joblog.NewRaw(int(l.limits.RawBytes))
	case "sections":
		l.sections = joblog.NewSections(maxSections)
	case "failure":
		if l.job.Failed {
			l.failure = joblog.NewFailure(l.excerpt)
		}
	case "chunk":
		return l.wantChunk(args)
	case "text":
		return l.wantText(args)
	case "lines":
		return l.wantLines(args)
	}
	return nil
}

// textArgs are the arguments of text, checked.
type textArgs struct {
	fromEnd  bool
	tail     int
	maxBytes int
}

func (l *Log) wantText(given map[string]any) error {
	tail, err := argument(given, "tail", model.UnmarshalInt)
	if err != nil {
		return err
	}
	maxBytes, err := argument(given, "maxBytes", model.UnmarshalInt)
	if err != nil {
		return err
	}
	args, err := l.textArgs(tail, maxBytes)
	if err != nil {
		return err
	}
	l.texts[args] = newText(args)
	return nil
}

func (l *Log) textArgs(tail, maxBytes *int) (textArgs, error) {
	args := textArgs{maxBytes: int(min(defaultTextBytes, l.limits.RawBytes))}
	if tail != nil {
		args.fromEnd, args.tail = true, *tail
	}
	if maxBytes != nil {
		args.maxBytes = *maxBytes
	}
	switch {
	case args.tail < 0:
		return args, &relay.ArgumentError{Argument: "tail", Problem: "must not be negative"}
	case args.maxBytes < 0:
		return args, &relay.ArgumentError{Argument: "maxBytes", Problem: "must not be negative"}
	case int64(args.maxBytes) > l.limits.RawBytes:
		return args, &relay.ArgumentError{Argument: "maxBytes", Problem: fmt.Sprintf("must be %d at most", l.limits.RawBytes)}
	}
	return args, nil
}

func (l *Log) wantLines(given map[string]any) error {
	var asked relay.Arguments
	var search, section *string
	var err error
	for name, to := range map[string]**int{"first": &asked.First, "last": &asked.Last} {
		if *to, err = argument(given, name, model.UnmarshalInt); err != nil {
			return err
		}
	}
	for name, to := range map[string]**string{"after": &asked.After, "before": &asked.Before, "search": &search, "section": &section} {
		if *to, err = argument(given, name, model.UnmarshalString); err != nil {
			return err
		}
	}
	checked, from, err := l.page(asked, search, section)
	if err != nil {
		return err
	}
	l.pages[checked] = newPage(checked, from)
	return nil
}

func (l *Log) wantChunk(given map[string]any) error {
	from, err := argument(given, "fromByte", model.UnmarshalBigInt)
	if err != nil || from == nil {
		return err // the schema requires it
	}
	limit, err := argument(given, "limit", model.UnmarshalInt)
	if err != nil {
		return err
	}
	args, err := checkChunk(*from, limit)
	if err != nil {
		return err
	}
	l.chunks[args] = &part{chunkArgs: args}
	return nil
}

// page returns a page of lines in the parser's form, and where the log can be read from for it. The
// arguments are checked here.
func (l *Log) page(args relay.Arguments, search, section *string) (joblog.Page, joblog.Resume, error) {
	asked, err := args.Page(lineList, l.job.ID)
	if err != nil {
		return joblog.Page{}, joblog.Resume{}, err
	}
	after, err := readLineCursor("after", asked.After)
	if err != nil {
		return joblog.Page{}, joblog.Resume{}, err
	}
	before, err := readLineCursor("before", asked.Before)
	if err != nil {
		return joblog.Page{}, joblog.Resume{}, err
	}
	page := joblog.Page{
		Count: asked.Size, FromEnd: asked.Backward, MaxBytes: pageBytes, After: after.number, Before: before.number,
	}
	if after.unfinished { // the page begins with the line again
		page.After--
	}
	if search != nil {
		page.Search = *search
	}
	if section != nil {
		page.Section = *section
	}
	return page, after.from, nil
}

// argument reads an argument of the query; nil if it is absent or null.
func argument[T any](given map[string]any, name string, read func(any) (T, error)) (*T, error) {
	value := given[name]
	if value == nil {
		return nil, nil
	}
	v, err := read(value)
	if err != nil {
		return nil, &relay.ArgumentError{Argument: name, Problem: err.Error()}
	}
	return &v, nil
}
