package joblog

// Page selects lines of a log: of those between After and Before that match, the first or the last
// few.
type Page struct {
	// Count is the most lines to keep.
	Count int
	// FromEnd asks for the last lines in place of the first.
	FromEnd bool
	// After is the number of the line that all kept ones come after; 0 for no such line.
	After int
	// Before is the number of the line that all kept ones come before; 0 for no such line.
	Before int
	// Search is a text that the lines have in them, whatever its case; empty for all lines. It is
	// compared with the plain text.
	Search string
	// Section is the name of a section that the lines are in, at whatever depth; empty for all lines.
	Section string
	// MaxBytes bounds the text and ANSI that are kept, at 128 bytes a line on top. Where Count lines
	// are over it, there are fewer, at least one, and more to be had on the next page.
	MaxBytes int
}

// Lines keeps a page of lines. Asked for the first lines it needs the log up to the line after
// them; asked for the last, the log up to Before, or all of it.
type Lines struct {
	page   Page
	search searcher
	kept   keeper

	hasPrevious, hasNext bool
	done                 bool
}

// NewLines keeps the lines of a page.
func NewLines(page Page) *Lines {
	return &Lines{page: page, search: newSearcher(page.Search), hasPrevious: page.After > 0 && !page.FromEnd}
}

// Done reports whether the page is complete.
func (s *Lines) Done() bool { return s.done }

// Line keeps the line if it is on the page.
func (s *Lines) Line(l *LineRef) {
	if s.page.Before > 0 && l.number >= s.page.Before {
		s.hasNext = true
		s.done = true
		return
	}
	if !s.matches(l) {
		return
	}
	switch {
	case l.number <= s.page.After:
		s.hasPrevious = true
	case s.page.FromEnd:
		s.keepLast(l)
	default:
		s.keepFirst(l)
	}
}

func (s *Lines) matches(l *LineRef) bool {
	if s.page.Section != "" && !l.In(s.page.Section) {
		return false
	}
	return s.search.matches(l)
}

func (s *Lines) keepFirst(l *LineRef) {
	if s.kept.len() == s.page.Count || s.kept.len() > 0 && s.kept.cost+lineCost(l) > s.page.MaxBytes {
		s.hasNext = true
		s.done = true
		return
	}
	s.kept.add(l)
}

func (s *Lines) keepLast(l *LineRef) {
	s.kept.add(l)
	for s.kept.len() > s.page.Count || s.kept.len() > 1 && s.kept.cost > s.page.MaxBytes {
		s.kept.dropFirst()
		s.hasPrevious = true
	}
}

// Value is the page's lines so far, in the log's order.
func (s *Lines) Value() []Line {
	lines := make([]Line, s.kept.len())
	for i := range lines {
		lines[i] = s.kept.line(i)
	}
	return lines
}

// HasPrevious reports whether matching lines come before the page; of the first lines, whether
// After was given.
func (s *Lines) HasPrevious() bool { return s.hasPrevious }

// HasNext reports whether lines come after the page: matching ones, or those from Before on.
func (s *Lines) HasNext() bool { return s.hasNext }

// Kept is about how many bytes are kept.
func (s *Lines) Kept() int { return s.kept.cost }
