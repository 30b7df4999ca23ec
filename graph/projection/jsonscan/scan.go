package jsonscan

import "errors"

// ErrUnusual is JSON that the scanner does not accept: it is invalid, or encoding/json might decode
// it in another way.
var ErrUnusual = errors.New("JSON that the scanner does not accept")

const (
	maxBody  = 1 << 31 // spans are 32 bits
	maxDepth = 100
)

// reader reads the values of one body.
type reader struct {
	body []byte
	at   int
}

// scanner reads the objects of one body.
type scanner struct {
	reader
	follows keyOrder // as it was in earlier bodies
	list    bool     // the body is a list of objects, so that what they have inside may repeat
	repeats repeats
}

// scan returns a scanner of a body. It is released when the body was read.
func (t *Type) scan(body []byte) *scanner {
	s := t.scanners.Get().(*scanner)
	s.reader = reader{body: body}
	return s
}

// release gives a scanner to the next body, with nothing of this one but the order of the keys.
func (t *Type) release(s *scanner) {
	s.reader = reader{}
	if s.list {
		s.list = false
		clear(s.repeats[:])
	}
	t.scanners.Put(s)
}

// ScanList reads a list of objects. Each is read into the row that next returns; the argument of
// next is an estimate of how many rows follow.
func ScanList(body []byte, l *Layout, next func(expected int) *Row) error {
	s := l.Root.of.scan(body)
	defer l.Root.of.release(s)
	if len(body) >= maxBody || s.next() != '[' {
		return ErrUnusual
	}
	s.list = true
	s.at++
	var arena []Span
	expected := 1
	for c, n := s.next(), 0; c != ']'; c, n = s.next(), n+1 {
		if n > 0 {
			if c != ',' {
				return ErrUnusual
			}
			s.at++
			c = s.next()
		}
		if len(arena) < l.Size {
			arena = make([]Span, l.Size*expected)
		}
		r := next(expected)
		r.Body, r.Spans = body, arena[:l.Size:l.Size]
		arena = arena[l.Size:]
		if c != '{' || !s.row(l, r) {
			return ErrUnusual
		}
		expected = min(maxExpected, (len(body)-s.at)*(n+1)/s.at+1)
	}
	s.at++
	return s.end()
}

// maxExpected bounds what is allocated before it is needed: GitLab's pages have 100 rows.
const maxExpected = 100

// ScanObject reads one object.
func ScanObject(body []byte, l *Layout, r *Row) error {
	s := l.Root.of.scan(body)
	defer l.Root.of.release(s)
	r.Body, r.Spans = body, make([]Span, l.Size)
	if len(body) >= maxBody || s.next() != '{' || !s.row(l, r) {
		return ErrUnusual
	}
	return s.end()
}

func (s *reader) end() error {
	if s.next(); s.at != len(s.body) {
		return ErrUnusual
	}
	return nil
}

func (s *scanner) row(l *Layout, r *Row) bool {
	if !s.object(l.Root, r.Spans, 0) {
		return false
	}
	if !l.hasID {
		return true
	}
	if r.Spans[IDSlot].Kind != Number {
		return false
	}
	r.ID = r.Integer(r.Spans[IDSlot])
	return r.ID > 0
}

// next skips white space and returns the byte after it, 0 at the end.
func (s *reader) next() byte {
	if s.at < len(s.body) && s.body[s.at] > ' ' {
		return s.body[s.at]
	}
	return s.skip()
}

// skip is next where there may be white space.
func (s *reader) skip() byte {
	for s.at < len(s.body) {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// object reads an object of a known type and notes the spans of the keys that are selected.
func (s *scanner) object(sh *Shape, spans []Span, depth int) bool {
	if depth > maxDepth {
		return false
	}
	s.at++ // {
	if s.next() == '}' {
		s.at++
		return true
	}
	var seen uint64
	previous := beginning
	for {
		i, ok := s.key(sh.of, previous)
		if !ok {
			return false
		}
		if previous = i + 1; i < 0 {
			previous = unknownKey
		}
		if i < 0 {
			_, ok = s.value(depth + 1)
		} else if seen&(1<<i) != 0 {
			return false
		} else {
			seen |= 1 << i
			ok = s.known(sh, i, spans, depth+1)
		}
		if !ok {
			return false
		}
		switch s.next() {
		case ',':
			s.at++
		case '}':
			s.at++
			return true
		default:
			return false
		}
	}
}

// known reads the value of a known key, which must be of the key's kind or null.
func (s *scanner) known(sh *Shape, i int, spans []Span, depth int) bool {
	if s.at == len(s.body) {
		return false
	}
	k := &sh.of.keys[i]
	begin := s.at
	var w Kind
	ok := false
	switch c := s.body[s.at]; {
	case c == 'n' || k.kind == anyValue:
		if w, ok = s.value(depth); w == Object {
			w = Opaque
		}
	case k.kind == textValue:
		w, ok = s.text()
	case k.kind == numberValue || k.kind == integerValue:
		w, ok = Number, s.number(k.kind == integerValue)
	case k.kind == booleanValue && (c == 't' || c == 'f'):
		w, ok = s.value(depth)
	case k.kind == structValue && c == '{':
		return s.inner(sh.below(i), sh.slots[i], spans, depth)
	case (k.kind == textsValue || k.kind == structsValue) && c == '[':
		w, ok = List, s.elements(sh, i, depth)
	}
	if slot := sh.slots[i]; ok && slot != noSlot {
		spans[slot] = Span{uint32(begin), uint32(s.at), w}
	}
	return ok
}

// elements reads a list of strings or of known objects.
func (s *scanner) elements(sh *Shape, i, depth int) bool {
	s.at++ // [
	if s.next() == ']' {
		s.at++
		return true
	}
	for {
		c := s.next()
		if sh.of.keys[i].kind == textsValue {
			if _, ok := s.text(); !ok {
				return false
			}
		} else if c != '{' || !s.inner(sh.of.keys[i].object.none, noSlot, nil, depth+1) {
			return false
		}
		switch s.next() {
		case ',':
			s.at++
		case ']':
			s.at++
			return true
		default:
			return false
		}
	}
}
