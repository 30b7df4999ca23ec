package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// value reads any value.
func (s *reader) value(depth int) (Kind, bool) {
	if depth > maxDepth || s.at == len(s.body) {
		return Absent, false
	}
	switch s.body[s.at] {
	case '"':
		return s.text()
	case '{':
		return Object, s.compound('}', depth)
	case '[':
		return List, s.compound(']', depth)
	case 't':
		return True, s.literal("true")
	case 'f':
		return False, s.literal("false")
	case 'n':
		return Null, s.literal("null")
	}
	return Number, s.number(false)
}

// compound skips an object or a list of unknown structure.
func (s *reader) compound(closing byte, depth int) bool {
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

func (s *reader) literal(word string) bool {
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

// plain counts the bytes of s before the first that is a quote, a backslash, a control character or
// beyond ASCII.
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
func (s *reader) text() (Kind, bool) {
	body, at := s.body, s.at
	if at == len(body) || body[at] != '"' {
		return Absent, false
	}
	at++
	w := Text
	for {
		at += plain(body[at:])
		if at == len(body) {
			return Absent, false
		}
		switch c := body[at]; {
		case c == '"':
			s.at = at + 1
			return w, true
		case c == '\\':
			w = Escaped
			n := escape(body[at:])
			if n == 0 {
				return Absent, false
			}
			at += n
		case c < 0x20:
			return Absent, false
		default:
			w = Escaped
			at++
		}
	}
}

// escape returns the length of the escape sequence at the beginning; 0 if there is none.
func escape(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range s[2:6] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// maxDigits is how many decimal digits fit into 64 bits.
const maxDigits = 18

// number reads a number; an integer must not be negative and must fit into 64 bits.
func (s *reader) number(integer bool) bool {
	begin := s.at
	if s.at < len(s.body) && s.body[s.at] == '-' && !integer {
		s.at++
	}
	zero := s.at < len(s.body) && s.body[s.at] == '0'
	digits := s.digits()
	if digits == 0 || zero && digits > 1 {
		return false
	}
	if integer {
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

func (s *reader) digits() int {
	begin := s.at
	for s.at < len(s.body) && s.body[s.at] >= '0' && s.body[s.at] <= '9' {
		s.at++
	}
	return s.at - begin
}
