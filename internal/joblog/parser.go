package joblog

import "bytes"

// Collector takes from a log what one selection of it needs.
type Collector interface {
	// Done reports whether the collector needs no more of the log.
	Done() bool
}

// Keeper is a collector that keeps some of the log.
type Keeper interface {
	Collector
	// Kept is about how many bytes it keeps.
	Kept() int
}

// BytesCollector is a collector of the log as it is.
type BytesCollector interface {
	Collector
	// Bytes takes the next bytes, which are valid only during the call.
	Bytes(b []byte)
}

// LineCollector is a collector of lines.
type LineCollector interface {
	Collector
	// Line takes the next line, which is valid only during the call.
	Line(l *LineRef)
}

// SectionCollector is a collector of sections.
type SectionCollector interface {
	Collector
	// Section takes a section as it starts. The parser completes it later.
	Section(s *Section)
}

// pieceLen bounds how much of one Write the parser looks at together, and with it what it may have
// to copy.
const pieceLen = 64 * 1024

// Parser reads a log that is written to it, in pieces cut anywhere, and feeds its collectors. A
// line reaches them when it is known to have ended: at "\n" in a log without timestamps, with the
// following line's header in a log with them, and at the latest at Close.
type Parser struct {
	collectors []Collector
	bytes      []BytesCollector
	emitter    emitter
	joiner     joiner

	position  int64 // of the next byte in the log
	lineStart int64 // of the line that is being read
	inLine    bool
	start     []byte // of a line that is still too short to show whether it has a header
}

// NewParser is a parser that feeds these collectors.
func NewParser(collectors ...Collector) *Parser {
	p := &Parser{collectors: collectors, start: make([]byte, 0, headerLen)}
	for _, c := range collectors {
		if c, ok := c.(BytesCollector); ok {
			p.bytes = append(p.bytes, c)
		}
		if c, ok := c.(LineCollector); ok {
			p.emitter.lines = append(p.emitter.lines, c)
		}
		if c, ok := c.(SectionCollector); ok {
			p.emitter.sections = append(p.emitter.sections, c)
		}
	}
	p.joiner.screen.out = &p.emitter
	return p
}

// Done reports whether no collector needs more.
func (p *Parser) Done() bool {
	for _, c := range p.collectors {
		if !c.Done() {
			return false
		}
	}
	return true
}

// Write takes the next piece of the log. It never fails.
func (p *Parser) Write(b []byte) (int, error) {
	for _, c := range p.bytes {
		if !c.Done() {
			c.Bytes(b)
		}
	}
	for rest := b; len(rest) > 0 && p.emitter.wanted(); {
		piece := rest[:min(len(rest), pieceLen)]
		p.parse(piece)
		p.joiner.settle()
		p.position += int64(len(piece))
		rest = rest[len(piece):]
	}
	return len(b), nil
}

// Close ends the log and its last line. Nothing may be written after it. It never fails.
func (p *Parser) Close() error {
	if !p.emitter.wanted() {
		return nil
	}
	if len(p.start) > 0 {
		p.beginLine(header{}, p.start)
	}
	p.joiner.close(p.inLine, p.position)
	return nil
}

func (p *Parser) parse(b []byte) {
	end := p.position + int64(len(b))
	for len(b) > 0 {
		if !p.inLine {
			b = p.findHeader(b)
			continue
		}
		length := bytes.IndexByte(b, '\n')
		if length < 0 {
			p.joiner.write(b)
			return
		}
		p.joiner.write(b[:length])
		b = b[length+1:]
		p.lineStart = end - int64(len(b))
		p.joiner.end(p.lineStart)
		p.inLine = false
	}
}

// findHeader begins a line, or waits with it where b is too short to show whether it has a header.
// It returns what follows in b.
func (p *Parser) findHeader(b []byte) []byte {
	if len(p.start) == 0 {
		if h, ok := parseHeader(b); ok {
			p.beginLine(h, nil)
			return b[headerLen:]
		}
		if !mayBeHeader(b[:min(len(b), headerLen)]) {
			p.beginLine(header{}, nil)
			return b
		}
	}
	n := min(len(b), headerLen-len(p.start))
	p.start = append(p.start, b[:n]...)
	if h, ok := parseHeader(p.start); ok {
		p.beginLine(h, nil)
		p.start = p.start[:0]
		return b[n:]
	}
	if mayBeHeader(p.start) {
		return b[n:]
	}
	p.start = p.start[:len(p.start)-n]
	p.beginLine(header{}, p.start)
	p.start = p.start[:0]
	return b
}

// beginLine begins a line with text that was held back.
func (p *Parser) beginLine(h header, text []byte) {
	p.joiner.begin(h, p.lineStart)
	p.joiner.write(text)
	p.inLine = true
}
