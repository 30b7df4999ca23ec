package joblog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxColumns is how many characters of a line are kept: ten times what the longest sensible line
// has, and a megabyte of cells.
const maxColumns = 65536

// terminalWidth is how far the cursor goes where nothing is written yet. It bounds the blanks that
// a few bytes ask for.
const terminalWidth = 256

// cell is one character on the screen.
type cell struct {
	char  rune
	style style
}

// screen is a terminal one line high. Bytes are written to it in pieces cut anywhere; where a
// marker or the line's end comes, it hands the line, or the marker, to its out.
type screen struct {
	out *emitter

	header header
	style  style // outlives the line

	cells       []cell
	cursor      int
	returned    bool // a "\r" came last: whatever comes next on the line clears it, as in GitLab's viewer
	overwritten bool // something was written over
	cut         bool // something was written past the last column
	silent      bool // a marker or escape sequence stood in it: if it shows nothing, it is no line

	// untouched is the line so far while it is one piece of somebody else's buffer. A plain line is
	// handed on from there, never copied.
	untouched []byte
	written   bool   // something went to the cells or to pending
	pending   []byte // an unfinished character, escape sequence or marker
}

// start begins a line.
func (s *screen) start(h header) {
	s.header = h
	s.silent, s.written = false, false
	s.clear()
}

func (s *screen) clear() {
	s.cells = s.cells[:0]
	s.cursor = 0
	s.returned, s.overwritten, s.cut = false, false, false
}

// leaveReturn clears the line if a "\r" came last. One at the line's end clears nothing.
func (s *screen) leaveReturn() {
	if s.returned {
		s.clear()
		s.overwritten = true
	}
}

// write adds to the line. It may keep a reference to b until settle or the next write.
func (s *screen) write(b []byte) {
	if len(b) == 0 {
		return
	}
	if !s.written && s.untouched == nil {
		s.untouched = b
		return
	}
	s.settle()
	s.process(b, false)
}

// settle processes the bytes that write has kept a reference to, and drops the reference.
func (s *screen) settle() {
	if b := s.untouched; b != nil {
		s.untouched = nil
		s.process(b, false)
	}
}

// end ends the line, which is complete or not. The log can be read on from next if the line leaves
// no style on; next is nowhere where that is not so.
func (s *screen) end(complete bool, next int64) {
	defer s.out.endOfLine()
	rest := s.untouched
	s.untouched = nil
	if !s.written {
		if text := bytes.TrimSuffix(rest, []byte("\r")); len(text) <= maxColumns && isPlain(text) {
			s.out.line(LineRef{header: s.header, plain: text, style: s.style, complete: complete}, s.plainly(next))
			return
		}
	}
	s.process(rest, true)
	if len(s.cells) > 0 || !s.silent {
		s.emit(complete, s.plainly(next))
	} else {
		s.out.reach(s.plainly(next))
	}
}

// plainly is next, or nowhere while a style is on.
func (s *screen) plainly(next int64) int64 {
	if s.style != (style{}) {
		return nowhere
	}
	return next
}

// emit hands on what is on the screen as a line.
func (s *screen) emit(complete bool, next int64) {
	cells := s.cells
	for s.overwritten && len(cells) > 0 && cells[len(cells)-1] == (cell{char: ' '}) {
		cells = cells[:len(cells)-1]
	}
	s.out.line(LineRef{header: s.header, cells: cells, cut: s.cut, complete: complete}, next)
	s.clear()
}

// process puts b on the screen; last says that the line ends with it.
func (s *screen) process(b []byte, last bool) {
	s.written = true
	if len(s.pending) > 0 {
		s.pending = append(s.pending, b...)
		b = s.pending
	}
	done := s.consume(b, last)
	s.pending = append(s.pending[:0], b[done:]...)
}

// consume is process less what must wait for more bytes. It returns how many bytes it took.
func (s *screen) consume(b []byte, last bool) int {
	next := findMarker(b, 0, last)
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case i == next:
			n := s.marker(b[i:], last)
			if n == 0 {
				return i
			}
			i += n
			next = findMarker(b, i, last)
		case isPrintable(c):
			n := printableRun(b[i:next])
			s.put(b[i : i+n])
			i += n
		case c == esc:
			seq, n := matchEscape(b[i:], last)
			if n == 0 {
				return i
			}
			s.silent = true
			s.leaveReturn()
			s.control(seq)
			i += n
			if i > next { // a marker's beginning stood in a title or an address
				next = findMarker(b, i, last)
			}
		case c >= utf8.RuneSelf:
			if !last && !utf8.FullRune(b[i:]) {
				return i
			}
			char, n := utf8.DecodeRune(b[i:])
			if !unicode.IsControl(char) {
				s.putChar(char)
			}
			i += n
		default:
			s.move(c)
			i++
		}
	}
	return len(b)
}

// marker acts on the marker that b starts with and returns how many bytes it took: 0 where b ends
// before that is known. Where there is none, the prefix is text.
func (s *screen) marker(b []byte, last bool) int {
	m, n, more := matchMarker(b)
	switch {
	case more && !last:
		return 0
	case n == 0:
		s.put(b[:len(markerPrefix)])
		return len(markerPrefix)
	}
	s.silent = true
	s.leaveReturn()
	if len(s.cells) > 0 {
		s.emit(true, nowhere)
	}
	s.clear()
	s.out.marker(m)
	return n
}

// move acts on a control character.
func (s *screen) move(c byte) {
	switch c {
	case '\r':
		s.leaveReturn()
		s.returned = true
	case '\b':
		s.leaveReturn()
		s.cursor = max(0, s.cursor-1)
	}
}

// control acts on an escape sequence: style, erasing within the line, and moving within it.
func (s *screen) control(seq controlSequence) {
	if seq.final == 'm' {
		s.style = s.style.apply(seq.params)
		return
	}
	n, ok := number(seq.params)
	if !ok {
		return
	}
	switch seq.final {
	case 'K':
		s.erase(n)
	case 'J': // of the display: to its end takes the rest of the line
		if n == 0 {
			s.erase(0)
		}
	case 'G':
		s.cursor = min(max(n, 1)-1, max(len(s.cells), terminalWidth))
	case 'C':
		s.cursor = min(s.cursor+max(n, 1), max(len(s.cells), terminalWidth))
	case 'D':
		s.cursor = max(s.cursor-max(n, 1), 0)
	}
}

// erase erases from the cursor to the end of the line (0), or all of it (2), as does up to the
// cursor (1) from its end. Erasing a beginning alone is what no progress bar does.
func (s *screen) erase(mode int) {
	switch {
	case mode == 0 && s.cursor < maxColumns:
		s.cells, s.cut = s.cells[:min(s.cursor, len(s.cells))], false
	case mode == 2, mode == 1 && s.cursor >= len(s.cells):
		s.cells, s.cut = s.cells[:0], false
		s.cursor = min(s.cursor, terminalWidth)
	}
}

func (s *screen) put(ascii []byte) {
	for _, c := range ascii {
		s.putChar(rune(c))
	}
}

func (s *screen) putChar(char rune) {
	s.leaveReturn()
	if s.cursor >= maxColumns {
		s.cut = true
		return
	}
	for len(s.cells) < s.cursor {
		s.cells = append(s.cells, cell{char: ' '})
		s.overwritten = true
	}
	if s.cursor < len(s.cells) {
		s.cells[s.cursor] = cell{char, s.style}
		s.overwritten = true
	} else {
		s.cells = append(s.cells, cell{char, s.style})
	}
	s.cursor++
}

// number reads a control sequence's only parameter: 0 where there is none.
func number(params []byte) (n int, ok bool) {
	for _, c := range params {
		if !isDigit(c) {
			return 0, false
		}
		n = min(n*10+int(c-'0'), maxColumns)
	}
	return n, true
}

func isPrintable(c byte) bool { return ' ' <= c && c <= '~' || c == '\t' }

// printableRun is the length of the printable ASCII that b starts with.
func printableRun(b []byte) int {
	for i, c := range b {
		if !isPrintable(c) {
			return i
		}
	}
	return len(b)
}

// isPlain reports whether b is its own text: valid UTF-8 without control characters.
func isPlain(b []byte) bool {
	ascii := printableRun(b)
	if ascii == len(b) {
		return true
	}
	b = b[ascii:]
	if !utf8.Valid(b) {
		return false
	}
	for len(b) > 0 {
		char, n := utf8.DecodeRune(b)
		if char != '\t' && unicode.IsControl(char) {
			return false
		}
		b = b[n:]
	}
	return true
}
