package joblog

import (
	"time"
	"unicode/utf8"
)

// CutMark ends the text of a line that was longer than 65,536 characters.
const CutMark = "… [rest of the line cut]"

// Line is one line of a log.
type Line struct {
	// Number counts from 1.
	Number int
	// Text is plain: valid UTF-8, no control characters but the tab, no line end.
	Text string
	// ANSI is Text with SGR sequences. It stands alone, and is Text itself for a line without any.
	ANSI string
	// Time is when the runner received the line's beginning; zero where the log does not say.
	Time time.Time
	// Stream is NoStream where the log does not say.
	Stream Stream
	// Section is the name of the innermost section around the line; empty outside of all.
	Section string
	// Complete reports whether the line has ended: in a log that still grows, the last one may not
	// have.
	Complete bool
	// Resume is a place before or at the line's end to read on from.
	Resume Resume
}

// LineRef is a line as collectors get it. It is valid only during the call, as are the bytes that
// its methods return.
type LineRef struct {
	number   int
	complete bool
	resume   Resume
	header   header
	sections []*Section // open ones, outermost first

	plain []byte // the text, if the line is as plain as it came,
	style style  // all in one style;
	cells []cell // else its characters
	cut   bool

	text, ansi []byte // written on demand, into the emitter's buffers
	folded     bool   // the scratch has the text in lower case
	scratch    *scratch
}

// scratch holds the buffers that one line after another uses.
type scratch struct{ text, ansi, folded []byte }

// Number is the line's number, from 1.
func (l *LineRef) Number() int { return l.number }

// Text is the line's plain text.
func (l *LineRef) Text() []byte {
	if l.text == nil {
		l.text = l.plain
		if l.plain == nil {
			l.text = l.appendText(l.scratch.text[:0])
			l.scratch.text = l.text
		}
	}
	return l.text
}

// ANSI is the line's text with SGR sequences; the very bytes of Text where it has none.
func (l *LineRef) ANSI() []byte {
	switch {
	case !l.styled():
		return l.Text()
	case l.ansi == nil:
		l.ansi = l.appendANSI(l.scratch.ansi[:0])
		l.scratch.ansi = l.ansi
	}
	return l.ansi
}

// Time is when the runner received the line's beginning; zero where the log does not say.
func (l *LineRef) Time() time.Time { return l.header.time() }

// Stream is the output that the line was written to.
func (l *LineRef) Stream() Stream { return l.header.stream }

// Section is the name of the innermost section around the line; empty outside of all.
func (l *LineRef) Section() string {
	if len(l.sections) == 0 {
		return ""
	}
	return l.sections[len(l.sections)-1].Name
}

// In reports whether the line is in a section of that name, or in one that is nested in it.
func (l *LineRef) In(section string) bool {
	for _, s := range l.sections {
		if s.Name == section {
			return true
		}
	}
	return false
}

func (l *LineRef) styled() bool {
	if l.plain != nil {
		return l.style != (style{}) && len(l.plain) > 0
	}
	for i := range l.cells {
		if l.cells[i].style != (style{}) {
			return true
		}
	}
	return false
}

func (l *LineRef) appendText(dst []byte) []byte {
	for _, c := range l.cells {
		if c.char < utf8.RuneSelf {
			dst = append(dst, byte(c.char))
		} else {
			dst = utf8.AppendRune(dst, c.char)
		}
	}
	return l.appendCutMark(dst)
}

func (l *LineRef) appendANSI(dst []byte) []byte {
	if l.plain != nil {
		dst = appendSequence(dst, style{}, l.style)
		dst = append(dst, l.plain...)
		return appendSequence(dst, l.style, style{})
	}
	var current style
	for _, c := range l.cells {
		if c.style != current {
			dst = appendSequence(dst, current, c.style)
			current = c.style
		}
		dst = utf8.AppendRune(dst, c.char)
	}
	if current != (style{}) {
		dst = appendSequence(dst, current, style{})
	}
	return l.appendCutMark(dst)
}

func (l *LineRef) appendCutMark(dst []byte) []byte {
	if l.cut {
		dst = append(dst, CutMark...)
	}
	return dst
}
