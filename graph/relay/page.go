package relay

import "fmt"

// The sizes of pages.
const (
	DefaultSize = 20  // if neither first nor last is given
	MaxSize     = 500 // of one connection: five pages of REST
)

// Arguments are the page arguments of a connection as the client gave them.
type Arguments struct {
	First, Last   *int
	After, Before *string
}

// Page is a checked request for a page: Size items after After (forward), or before Before
// (Backward).
type Page struct {
	Size     int
	Backward bool
	After    *Cursor
	Before   *Cursor
}

// ArgumentError is the error of a wrong argument: its name, and what is wrong.
type ArgumentError struct {
	Argument string
	Problem  string
}

func (e *ArgumentError) Error() string { return e.Argument + ": " + e.Problem }

// Page checks the arguments for a list of the given kind, owned by within. Its error is an
// [*ArgumentError].
func (a Arguments) Page(list string, within int64) (Page, error) {
	if a.First != nil && a.Last != nil {
		return Page{}, &ArgumentError{"last", "cannot be combined with first"}
	}
	p := Page{Size: DefaultSize}
	var err error
	if p.Size, err = size("first", a.First, p.Size); err != nil {
		return Page{}, err
	}
	if p.Size, err = size("last", a.Last, p.Size); err != nil {
		return Page{}, err
	}
	if p.After, err = cursor("after", a.After, list, within); err != nil {
		return Page{}, err
	}
	if p.Before, err = cursor("before", a.Before, list, within); err != nil {
		return Page{}, err
	}
	p.Backward = a.Last != nil || a.First == nil && p.Before != nil && p.After == nil
	return p, nil
}

func size(name string, given *int, otherwise int) (int, error) {
	switch {
	case given == nil:
		return otherwise, nil
	case *given < 0:
		return 0, &ArgumentError{name, "must not be negative"}
	case *given > MaxSize:
		return 0, &ArgumentError{name, fmt.Sprintf("must be %d at most", MaxSize)}
	}
	return *given, nil
}

func cursor(name string, given *string, list string, within int64) (*Cursor, error) {
	if given == nil {
		return nil, nil
	}
	c, err := DecodeCursor(*given, list, within)
	if err != nil {
		return nil, &ArgumentError{name, err.Error()}
	}
	return &c, nil
}
