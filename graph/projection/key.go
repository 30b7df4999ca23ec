package projection

import (
	"bytes"
	"sync/atomic"
)

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
