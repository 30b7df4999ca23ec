package jsonscan

import "bytes"

const (
	maxTypes = 24
	maxKeys  = 64 // the keys seen of an object are a set of as many bits
)

// In a keyOrder, keys count from 1; 0 is the beginning of the object, and the last number is a key
// that is not known.
const (
	beginning  = 0
	unknownKey = maxKeys + 1
)

// keyOrder predicts, for each type of object, which key follows which. A server writes all objects
// of a type in the same order, so that mostly one comparison finds the key.
type keyOrder [maxTypes][maxKeys + 2]uint8

// key reads a key and its colon: the key's index, or -1 for one that is not known. previous is the
// key before it.
func (s *scanner) key(of *Type, previous int) (int, bool) {
	next := &s.follows[of.number][previous]
	if i := int(*next) - 1; i >= 0 && s.starts(of.keys[i].text) {
		s.at += len(of.keys[i].text)
		s.next()
		return i, true
	}
	if s.next() != '"' {
		return 0, false
	}
	i, ok := s.lookUp(of)
	if !ok || s.next() != ':' {
		return 0, false
	}
	*next = uint8(i + 1)
	s.at++
	s.next()
	return i, true
}

// starts reports whether a text stands at the scanner's place.
func (s *scanner) starts(text string) bool {
	end := s.at + len(text)
	return end <= len(s.body) && string(s.body[s.at:end]) == text
}

// lookUp finds a key by its name, whose quote is at the scanner's place.
func (s *scanner) lookUp(of *Type) (int, bool) {
	begin := s.at + 1
	end := bytes.IndexByte(s.body[begin:], '"')
	if end < 0 {
		return 0, false
	}
	name := s.body[begin : begin+end]
	s.at = begin + end + 1
	if i, known := of.index[string(name)]; known {
		return i, true
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9') {
			return 0, false // an escape, or a key that encoding/json might take for a known one
		}
	}
	return -1, true
}
