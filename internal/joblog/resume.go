package joblog

// Resume is a place in a log from which it can be read on as if from its beginning: a line begins
// there in no style, and no other is unfinished. The zero value is the log's beginning.
type Resume struct {
	// Offset is the place, in bytes.
	Offset int64
	// Number is that of the last line before it.
	Number int
	// Sections are the names of the sections that are open there, outermost first.
	Sections []string
}

// NewParserAt is a parser that is fed the log from a place on. The sections that are open there do
// not reach section collectors.
func NewParserAt(at Resume, collectors ...Collector) *Parser {
	p := NewParser(collectors...)
	p.position, p.lineStart = at.Offset, at.Offset
	p.emitter.number = at.Number
	for depth, name := range at.Sections[:min(len(at.Sections), maxDepth)] {
		p.emitter.open = append(p.emitter.open, &Section{Name: name, Depth: depth, FirstLine: at.Number + 1})
	}
	p.emitter.resume, p.emitter.names = at, at.Sections
	return p
}

// nowhere is the place of what no log can be read on from.
const nowhere = -1

// reach notes that the log can be read on from a place.
func (e *emitter) reach(place int64) {
	if place == nowhere {
		return
	}
	if e.moved {
		e.names = make([]string, len(e.open)) // the collectors have the one before
		for i, s := range e.open {
			e.names[i] = s.Name
		}
		e.moved = false
	}
	e.resume = Resume{Offset: place, Number: e.number, Sections: e.names}
}
