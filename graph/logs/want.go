package logs

import (
	"fmt"
	"strconv"

	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// Want says that a field of the log will be asked for, with the arguments that the query gives it. The error is a *relay.ArgumentError.
func (l *Log) Want(field string, args map[string]any) error {
	switch field {
	case "size":
		l.size = &joblog.Size{}
	case "raw", "rawBase64":
		l.raw = joblog.NewRaw(int(l.limits.RawBytes))
	case "sections":
		l.sections = joblog.NewSections(maxSections)
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
	checked, err := l.page(asked, search, section)
	if err != nil {
		return err
	}
	l.pages[checked] = newPage(checked)
	return nil
}

// page is a page of lines as the parser wants it, from arguments that are checked here.
func (l *Log) page(args relay.Arguments, search, section *string) (joblog.Page, error) {
	asked, err := args.Page(lineList, l.job)
	if err != nil {
		return joblog.Page{}, err
	}
	page := joblog.Page{Count: asked.Size, FromEnd: asked.Backward, MaxBytes: pageBytes}
	if page.After, err = lineNumber("after", asked.After); err != nil {
		return joblog.Page{}, err
	}
	if page.Before, err = lineNumber("before", asked.Before); err != nil {
		return joblog.Page{}, err
	}
	if search != nil {
		page.Search = *search
	}
	if section != nil {
		page.Section = *section
	}
	return page, nil
}

// lineNumber is the line that a cursor stands for, 0 for none.
func lineNumber(argument string, c *relay.Cursor) (int, error) {
	if c == nil {
		return 0, nil
	}
	n, err := strconv.Atoi(c.Key)
	if err != nil || n < 1 {
		return 0, &relay.ArgumentError{Argument: argument, Problem: "not a cursor of this list"}
	}
	return n, nil
}

// argument reads an argument as the query gives it; nil where it does not, or gives null.
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
