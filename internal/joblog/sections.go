package joblog

import "strconv"

// Sections keeps the sections of a log, up to a limit. It needs the whole log.
type Sections struct {
	limit    int
	sections []*Section
	over     bool

	counted, bytes int // of the sections whose titles are known
}

// NewSections keeps at most limit sections.
func NewSections(limit int) *Sections { return &Sections{limit: limit} }

// Done reports whether there are more sections than the limit.
func (s *Sections) Done() bool { return s.over }

// Section keeps a section.
func (s *Sections) Section(section *Section) {
	if len(s.sections) == s.limit {
		s.over = true
		s.sections, s.counted, s.bytes = nil, 0, 0
		return
	}
	s.sections = append(s.sections, section)
}

// Value is the sections so far in the order in which they started, so each one before those in it,
// or a *LimitError for a log with too many.
func (s *Sections) Value() ([]*Section, error) {
	if s.over {
		return nil, &LimitError{Limit: LimitSections, Value: strconv.Itoa(s.limit)}
	}
	return s.sections, nil
}

// Kept is about how many bytes are kept.
func (s *Sections) Kept() int {
	for ; s.counted < len(s.sections)-1; s.counted++ {
		section := s.sections[s.counted]
		s.bytes += keptOverhead + len(section.Name) + len(section.Title)
	}
	return s.bytes
}
