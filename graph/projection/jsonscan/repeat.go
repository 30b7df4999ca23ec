package jsonscan

import "encoding/binary"

const (
	repeatPlaces = 128
	// distinctive is how many of an object's first bytes choose its place. Objects of one type that
	// differ mostly do so here: an ID comes first, or a name or an address.
	distinctive = 48
)

// repeats are objects inside the rows of a list that may come again. Most jobs of a list have their
// commit, pipeline, user and runner in common with others, byte for byte. An object that is equal
// to an earlier one is compared with it and not read again.
type repeats [repeatPlaces]repeat

// repeat is an object that was read.
type repeat struct {
	shape  *Shape // what it was read as
	spans  []Span // of the row that has it
	lo, hi uint32
}

// inner reads an object inside another one, whose span has the given slot. If an equal one was read
// before, its spans are taken over: they have the same bytes. So rows that have an object in common
// have the same span for it.
func (s *scanner) inner(sh *Shape, slot int16, spans []Span, depth int) bool {
	var known *repeat
	if s.list && len(s.body)-s.at >= distinctive {
		known = &s.repeats[place(s.body[s.at:])]
	}
	object := repeat{sh, spans, uint32(s.at), 0}
	if known != nil && s.again(known, sh) {
		object = *known
		for _, slot := range sh.selected {
			spans[slot] = known.spans[slot]
		}
	} else {
		if !s.object(sh, spans, depth) {
			return false
		}
		object.hi = uint32(s.at)
		if known != nil {
			*known = object
		}
	}
	if slot != noSlot {
		spans[slot] = Span{object.lo, object.hi, Object}
	}
	return true
}

// again reports whether a known object stands at the scanner's place once more, and skips it.
func (s *scanner) again(known *repeat, sh *Shape) bool {
	end := s.at + int(known.hi-known.lo)
	if known.shape != sh || end > len(s.body) || string(s.body[s.at:end]) != string(s.body[known.lo:known.hi]) {
		return false
	}
	s.at = end
	return true
}

// place returns where an object is remembered, by its first bytes.
func place(begin []byte) uint64 {
	const prime = 0x9E3779B97F4A7C15
	var h uint64
	for i := 0; i < distinctive; i += 8 {
		h = (h ^ binary.LittleEndian.Uint64(begin[i:])) * prime
	}
	return h >> 32 % repeatPlaces
}
