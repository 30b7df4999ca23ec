package jsonscan

import (
	"bytes"
	"sync/atomic"
)

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

// order is the expected key order: that of the last body that differed from its predecessors.
type order struct{ last atomic.Pointer[keyOrder] }

// unfamiliar is the number of mispredicted keys of a body above which its order is learnt. Every
// body has a few keys that others lack.
const unfamiliar = 8

func newScanner(body []byte, l *Layout) scanner {
	s := scanner{body: body}
	if last := l.Root.of.order.last.Load(); last != nil {
		s.follows = *last
	}
	return s
}

// learn makes this body's key order the expected one, if it differs much.
func (s *scanner) learn(l *Layout) {
	if s.misses > unfamiliar {
		learnt := s.follows
		l.Root.of.order.last.Store(&learnt)
	}
}

// key reads a key and its colon: the key's index, or -1 for one that is not known. previous is the
// key before it.
func (s *scanner) key(of *Type, previous int) (int, bool) {
	if s.next() != '"' {
		return 0, false
	}
	begin := s.at + 1
	i := int(s.follows[of.number][previous]) - 1
	if i >= 0 && s.starts(begin, of.keys[i].name) {
		s.at = begin + len(of.keys[i].name) + 1
	} else {
		var ok bool
		if i, ok = s.lookUp(of, begin); !ok {
			return 0, false
		}
		if next := &s.follows[of.number][previous]; *next != uint8(i+1) {
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

// starts reports whether a name and a quote stand at a place.
func (s *scanner) starts(at int, name string) bool {
	end := at + len(name)
	return end < len(s.body) && string(s.body[at:end]) == name && s.body[end] == '"'
}

// lookUp finds a key by its name.
func (s *scanner) lookUp(of *Type, begin int) (int, bool) {
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
