package projection

import "errors"

// what a span of JSON is.
type what uint8

const (
	absent what = iota
	null
	text    // a string that needs no care: it can be copied as it stands
	careful // a string with escapes or beyond ASCII
	number
	yes
	no
	objectValue
	listValue
)

// span is a value in a response's body: its bytes, quotes included.
type span struct {
	lo, hi uint32
	what   what
}

// row is one object of a response: the spans of what is selected of it.
type row struct {
	body  []byte
	spans []span
	id    int64
	owner owner   // what it was asked under
	of    *result // where it stands
	at    int
}

func (r *row) bytes(s span) []byte { return r.body[s.lo:s.hi] }

// integer is the value of a span that holds a whole number; the scan has seen to it that it fits.
func (r *row) integer(s span) int64 {
	var n int64
	for _, digit := range r.bytes(s) {
		n = n*10 + int64(digit-'0')
	}
	return n
}

// errUnusual is JSON that the plan leaves to the executor: it is invalid, or restclient might decode it in another way than this package reads it.
var errUnusual = errors.New("JSON that is not as expected")

const (
	maxBody  = 1 << 31 // spans are 32 bits
	maxDepth = 100
)

// scanner reads one body. It accepts a subset of what encoding/json accepts: no duplicate keys, no keys that match only when case is ignored, nothing
// of another kind than restclient's types have.
type scanner struct {
	body []byte
	at   int

	follows follows
	misses  int // keys that did not follow as before
}

// smallRow is how long a job or bridge is at least, more often than not.
const smallRow = 1 << 10

// scanList reads a list of objects.
func scanList(body []byte, l *layout) ([]row, error) {
	s := newScanner(body, l)
	if len(body) >= maxBody || s.next() != '[' {
		return nil, errUnusual
	}
	s.at++
	expected := min(100, len(body)/smallRow+1)
	rows := make([]row, 0, expected)
	arena := []span(nil)
	for c := s.next(); c != ']'; c = s.next() {
		if len(rows) > 0 {
			if c != ',' {
				return nil, errUnusual
			}
			s.at++
			c = s.next()
		}
		if len(arena) < l.size {
			arena = make([]span, l.size*expected)
		}
		r := row{body: body, spans: arena[:l.size:l.size]}
		arena = arena[l.size:]
		if c != '{' || !s.row(l, &r) {
			return nil, errUnusual
		}
		rows = append(rows, r)
	}
	s.at++
	s.remember(l)
	return rows, s.end()
}

// scanObject reads one object.
func scanObject(body []byte, l *layout) (row, error) {
	s := newScanner(body, l)
	r := row{body: body, spans: make([]span, l.size)}
	if len(body) >= maxBody || s.next() != '{' || !s.row(l, &r) {
		return row{}, errUnusual
	}
	s.remember(l)
	return r, s.end()
}

func (s *scanner) end() error {
	if s.next(); s.at != len(s.body) {
		return errUnusual
	}
	return nil
}

func (s *scanner) row(l *layout, r *row) bool {
	if !s.object(l.root, r.spans, 0) || r.spans[rowIDSlot].what != number {
		return false
	}
	r.id = r.integer(r.spans[rowIDSlot])
	return r.id > 0
}

// next skips white space and returns the byte after it, 0 at the end.
func (s *scanner) next() byte {
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

// object reads an object whose keys are known, and notes the spans of those that are selected.
func (s *scanner) object(sh *shape, spans []span, depth int) bool {
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
		i, ok := s.key(sh.rest, previous)
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

// known reads the value of a key that restclient knows, which must be of that key's kind or null.
func (s *scanner) known(sh *shape, i int, spans []span, depth int) bool {
	if s.at == len(s.body) {
		return false
	}
	k := &sh.rest.keys[i]
	begin := s.at
	var w what
	ok := false
	switch c := s.body[s.at]; {
	case c == 'n' || k.kind == kindAny:
		w, ok = s.value(depth)
	case k.kind == kindText:
		w, ok = s.text()
	case k.kind == kindNumber || k.kind == kindInteger:
		w, ok = number, s.number(k.kind == kindInteger)
	case k.kind == kindBoolean && (c == 't' || c == 'f'):
		w, ok = s.value(depth)
	case k.kind == kindObject && c == '{':
		w, ok = objectValue, s.object(sh.inner(i), spans, depth)
	case (k.kind == kindTexts || k.kind == kindObjects) && c == '[':
		w, ok = listValue, s.elements(sh, i, depth)
	}
	if slot := sh.slots[i]; ok && slot != noSlot {
		spans[slot] = span{uint32(begin), uint32(s.at), w}
	}
	return ok
}

// elements reads a list of strings or of known objects.
func (s *scanner) elements(sh *shape, i, depth int) bool {
	s.at++ // [
	if s.next() == ']' {
		s.at++
		return true
	}
	for {
		c := s.next()
		if sh.rest.keys[i].kind == kindTexts {
			if _, ok := s.text(); !ok {
				return false
			}
		} else if c != '{' || !s.object(sh.rest.keys[i].object.ignore, nil, depth+1) {
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
