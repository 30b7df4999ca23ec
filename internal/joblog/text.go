package joblog

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Text keeps a log's plain text from its beginning. Lines are joined with "\n"; there is none at
// the end.
type Text struct {
	maxBytes int
	text     []byte
	lines    int
	cut      bool
}

// NewText keeps at most maxBytes bytes of text, and whole characters only.
func NewText(maxBytes int) *Text { return &Text{maxBytes: maxBytes} }

// Done reports whether there was more text than is kept.
func (t *Text) Done() bool { return t.cut }

// Line keeps a line's text.
func (t *Text) Line(l *LineRef) {
	if t.lines > 0 {
		t.add([]byte("\n"))
	}
	t.lines++
	t.add(l.Text())
}

func (t *Text) add(b []byte) {
	if t.cut {
		return
	}
	if room := t.maxBytes - len(t.text); len(b) > room {
		t.cut = true
		b = b[:WholeCharacters(b[:room])]
	}
	t.text = append(t.text, b...)
}

// Value is the text so far.
func (t *Text) Value() string { return string(t.text) }

// Cut reports whether there was more text.
func (t *Text) Cut() bool { return t.cut }

// Tail keeps the plain text of a log's last lines. It needs the whole log.
type Tail struct {
	maxLines, maxBytes int

	buffer []byte // "\n" after each line
	from   int    // where in it the kept text begins
	lines  int    // kept
	total  int    // seen
	inside bool   // the kept text begins within a line
}

// NewTail keeps the last maxLines lines, but no more than the last maxBytes bytes of them, and
// whole characters only.
func NewTail(maxLines, maxBytes int) *Tail { return &Tail{maxLines: maxLines, maxBytes: maxBytes} }

// Done is false, as a later line may always come, unless no line was asked for.
func (t *Tail) Done() bool { return t.maxLines <= 0 }

// Line keeps a line's text until later ones take its place.
func (t *Tail) Line(l *LineRef) {
	t.buffer = append(append(t.buffer, l.Text()...), '\n')
	t.lines++
	t.total++
	if t.lines > t.maxLines {
		t.from += bytes.IndexByte(t.buffer[t.from:], '\n') + 1
		t.lines--
		t.inside = false
	}
	if excess := len(t.buffer) - len("\n") - t.from - t.maxBytes; excess > 0 {
		t.drop(excess)
	}
	if t.from > len(t.buffer)/2 { // so that each byte is moved once at most
		t.buffer = slices.Delete(t.buffer, 0, t.from)
		t.from = 0
	}
}

// drop drops at least n bytes from the beginning, up to a whole character.
func (t *Tail) drop(n int) {
	for !utf8.RuneStart(t.buffer[t.from+n]) {
		n++
	}
	dropped := t.buffer[t.from : t.from+n]
	t.lines -= bytes.Count(dropped, []byte("\n"))
	t.inside = dropped[n-1] != '\n'
	t.from += n
}

// Value is the text so far.
func (t *Tail) Value() string {
	return string(bytes.TrimSuffix(t.buffer[t.from:], []byte("\n")))
}

// Lines is how many lines are kept, the first of them perhaps not whole.
func (t *Tail) Lines() int {
	if t.inside {
		return t.lines + 1
	}
	return t.lines
}

// Cut reports whether maxBytes left out some of the text.
func (t *Tail) Cut() bool { return t.inside || t.lines < min(t.total, t.maxLines) }

// Kept is how many bytes are kept.
func (t *Text) Kept() int { return len(t.text) }

// Kept is how many bytes are kept.
func (t *Tail) Kept() int { return len(t.buffer) }
