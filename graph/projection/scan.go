package projection

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"sync/atomic"
)

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

const (
	maxTypes = 24
	maxKeys  = 64 // seen is a set of as many bits
)

// In follows, keys count from 1; the object's beginning is 0 and a key that restclient does not know is the last.
const (
	beginning  = 0
	unknownKey = maxKeys + 1
)

// follows remembers, for each type of object, which key came after which: GitLab writes its objects all alike, so that the next key is mostly known and
// need only be compared.
type follows [maxTypes][maxKeys + 2]uint8

// memory is what the last body taught that was written in another way than those before it.
type memory struct{ last atomic.Pointer[follows] }

// surprising is how many keys of a body may be missed before it is remembered: each body has a few that others have not.
const surprising = 8

func newScanner(body []byte, l *layout) scanner {
	s := scanner{body: body}
	if last := l.root.rest.memory.last.Load(); last != nil {
		s.follows = *last
	}
	return s
}

// remember has the next body read as this one was.
func (s *scanner) remember(l *layout) {
	if s.misses > surprising {
		learned := s.follows
		l.root.rest.memory.last.Store(&learned)
	}
}

// scanList reads a list of objects.
func scanList(body []byte, l *layout) ([]row, error) {
	s := newScanner(body, l)
	if len(body) >= maxBody || s.next() != '[' {
		return nil, errUnusual
	}
	s.at++
	rows := make([]row, 0, 128)
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
			arena = make([]span, l.size*max(1, min(100, len(body)/1024)))
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

// key reads a key and its colon: the key's index, or -1 for one that restclient does not know. previous is the key before it.
func (s *scanner) key(rest *restType, previous int) (int, bool) {
	if s.next() != '"' {
		return 0, false
	}
	begin := s.at + 1
	i := int(s.follows[rest.number][previous]) - 1
	if i >= 0 && s.starts(begin, rest.keys[i].name) {
		s.at = begin + len(rest.keys[i].name) + 1
	} else {
		var ok bool
		if i, ok = s.lookUp(rest, begin); !ok {
			return 0, false
		}
		if next := &s.follows[rest.number][previous]; *next != uint8(i+1) {
			*next = uint8(i + 1)
			s.misses++
		}
	}
	if s.next() != ':' {
		return 0, false
	}
	s.at++
	s.next()
	return i, true
}

// starts tells whether a name and a quote stand at a place.
func (s *scanner) starts(at int, name string) bool {
	end := at + len(name)
	return end < len(s.body) && string(s.body[at:end]) == name && s.body[end] == '"'
}

// lookUp finds a key by its name.
func (s *scanner) lookUp(rest *restType, begin int) (int, bool) {
	end := bytes.IndexByte(s.body[begin:], '"')
	if end < 0 {
		return 0, false
	}
	name := s.body[begin : begin+end]
	s.at = begin + end + 1
	if i, known := rest.index[string(name)]; known {
		return i, true
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9') {
			return 0, false // an escape, or a key that encoding/json might take for a known one
		}
	}
	return -1, true
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

// value reads any value.
func (s *scanner) value(depth int) (what, bool) {
	if depth > maxDepth || s.at == len(s.body) {
		return absent, false
	}
	switch s.body[s.at] {
	case '"':
		return s.text()
	case '{':
		return objectValue, s.compound('}', depth)
	case '[':
		return listValue, s.compound(']', depth)
	case 't':
		return yes, s.literal("true")
	case 'f':
		return no, s.literal("false")
	case 'n':
		return null, s.literal("null")
	}
	return number, s.number(false)
}

// compound reads an object or a list of which nothing is known.
func (s *scanner) compound(closing byte, depth int) bool {
	s.at++
	if s.next() == closing {
		s.at++
		return true
	}
	for {
		if c := s.next(); closing == '}' {
			if c != '"' {
				return false
			}
			if _, ok := s.text(); !ok || s.next() != ':' {
				return false
			}
			s.at++
			s.next()
		}
		if _, ok := s.value(depth + 1); !ok {
			return false
		}
		switch s.next() {
		case ',':
			s.at++
		case closing:
			s.at++
			return true
		default:
			return false
		}
	}
}

func (s *scanner) literal(word string) bool {
	if len(s.body)-s.at < len(word) || string(s.body[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain counts the bytes of s before the first that is a quote, a backslash, a control character or beyond ASCII.
func plain(s []byte) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(s[n:])
		quote := w ^ (ones * '"')
		slash := w ^ (ones * '\\')
		special := w | (w - ones*0x20) | (quote - ones) | (slash - ones)
		if special &= highs; special != 0 {
			n += bits.TrailingZeros64(special) / 8
			break
		}
	}
	for n < len(s) && s[n] >= 0x20 && s[n] < 0x80 && s[n] != '"' && s[n] != '\\' {
		n++
	}
	return n
}

// text reads a string.
func (s *scanner) text() (what, bool) {
	if s.at == len(s.body) || s.body[s.at] != '"' {
		return absent, false
	}
	s.at++
	w := text
	for {
		s.at += plain(s.body[s.at:])
		if s.at == len(s.body) {
			return absent, false
		}
		switch c := s.body[s.at]; {
		case c == '"':
			s.at++
			return w, true
		case c == '\\':
			w = careful
			if !s.escape() {
				return absent, false
			}
		case c < 0x20:
			return absent, false
		default:
			w = careful
			s.at++
		}
	}
}

// escape reads one escape sequence.
func (s *scanner) escape() bool {
	if s.at+1 >= len(s.body) {
		return false
	}
	switch s.body[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return true
	case 'u':
		if s.at+6 > len(s.body) {
			return false
		}
		for _, c := range s.body[s.at+2 : s.at+6] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
		s.at += 6
		return true
	}
	return false
}

// maxDigits is how many digits of a whole number surely fit into 64 bits.
const maxDigits = 18

// number reads a number; a whole one must be positive and fit into 64 bits.
func (s *scanner) number(whole bool) bool {
	begin := s.at
	if s.at < len(s.body) && s.body[s.at] == '-' && !whole {
		s.at++
	}
	zero := s.at < len(s.body) && s.body[s.at] == '0'
	digits := s.digits()
	if digits == 0 || zero && digits > 1 {
		return false
	}
	if whole {
		return s.at-begin <= maxDigits && (s.at == len(s.body) || s.body[s.at] != '.' && s.body[s.at]|0x20 != 'e')
	}
	if s.at < len(s.body) && s.body[s.at] == '.' {
		if s.at++; s.digits() == 0 {
			return false
		}
	}
	if s.at < len(s.body) && s.body[s.at]|0x20 == 'e' {
		if s.at++; s.at < len(s.body) && (s.body[s.at] == '+' || s.body[s.at] == '-') {
			s.at++
		}
		return s.digits() > 0
	}
	return true
}

func (s *scanner) digits() int {
	begin := s.at
	for s.at < len(s.body) && s.body[s.at] >= '0' && s.body[s.at] <= '9' {
		s.at++
	}
	return s.at - begin
}
