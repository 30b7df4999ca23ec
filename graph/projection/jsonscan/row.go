package jsonscan

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Kind is what a span is.
type Kind uint8

// The kinds of spans.
const (
	Absent Kind = iota
	Null
	Text    // a string that can be copied as it stands: ASCII without escapes
	Escaped // a string with escapes or beyond ASCII
	Number
	True
	False
	Object
	List
	Opaque // an object whose keys are not known
)

// Span is a value in a body; of a string with its quotes.
type Span struct {
	Lo, Hi uint32
	Kind   Kind
}

// equals reports whether two spans of one body are the same.
func (s Span) equals(other Span) bool { return s.Lo == other.Lo && s.Kind == other.Kind }

// Missing reports whether there is no value.
func (s Span) Missing() bool { return s.Kind == Absent || s.Kind == Null }

// Empty reports whether the value is an empty string.
func (s Span) Empty() bool { return s.Kind == Text && s.Hi-s.Lo == uint32(len(`""`)) }

// Row is one object of a body: the spans of what is selected of it.
type Row struct {
	Body  []byte
	Spans []Span
	ID    int64 // in layouts with IDs
}

// Bytes returns a span's bytes.
func (r *Row) Bytes(s Span) []byte { return r.Body[s.Lo:s.Hi] }

// Integer returns the value of a key that is an integer; the scanner has checked that it fits.
func (r *Row) Integer(s Span) int64 {
	var n int64
	for _, digit := range r.Bytes(s) {
		n = n*10 + int64(digit-'0')
	}
	return n
}

// Unquoted returns what stands between the quotes of a span: the string, if it has no escapes.
func (r *Row) Unquoted(s Span) string { return string(r.Body[s.Lo+1 : s.Hi-1]) }

// String returns the string of a span; "" if the span is no string.
func (r *Row) String(s Span) string {
	switch s.Kind {
	case Text:
		return r.Unquoted(s)
	case Escaped:
		value, _ := r.Decode(s)
		return value
	}
	return ""
}

// Decode returns the string of a span as encoding/json decodes it.
func (r *Row) Decode(s Span) (string, error) {
	raw := r.Bytes(s)
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return r.Unquoted(s), nil
	}
	var value string
	err := json.Unmarshal(raw, &value)
	return value, err
}

// IsEmpty reports whether a list has no elements.
func (r *Row) IsEmpty(list Span) bool {
	return list.Kind != List || len(bytes.TrimSpace(r.Body[list.Lo+1:list.Hi-1])) == 0
}

// IsNumber reports whether a text is a number as JSON writes it.
func IsNumber(text []byte) bool {
	s := reader{body: text}
	return s.number(false) && s.at == len(text)
}

// Texts calls f with the span of each string in a list of strings.
func (r *Row) Texts(list Span, f func(i int, text Span)) {
	if list.Kind != List {
		return
	}
	s := reader{body: r.Body, at: int(list.Lo) + 1}
	for i := 0; s.next() != ']'; i++ {
		if i > 0 {
			s.at++ // ,
			s.next()
		}
		begin := s.at
		kind, _ := s.text()
		f(i, Span{uint32(begin), uint32(s.at), kind})
	}
}

// Elements returns the objects in a list of objects as rows; false if one of them does not conform
// to its type.
func (r *Row) Elements(list Span, l *Layout) ([]Row, bool) {
	if list.Kind != List {
		return nil, true
	}
	var rows []Row
	s := l.Root.of.scan(r.Body)
	defer l.Root.of.release(s)
	s.at = int(list.Lo) + 1
	for s.next() != ']' {
		if len(rows) > 0 {
			s.at++ // ,
			s.next()
		}
		row := Row{Body: r.Body, Spans: make([]Span, l.Size)}
		if !s.object(l.Root, row.Spans, 0) {
			return nil, false
		}
		rows = append(rows, row)
	}
	return rows, true
}
