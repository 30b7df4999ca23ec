package jsonscan

import "slices"

// Compact copies what is selected of the rows of one body into a body of their own, so that the one
// that they were read from is no longer held. What neighbouring rows have in common is copied once.
// Objects have no bytes then, for their keys have spans of their own; but those that rows have in
// common still have equal spans, and others do not.
func Compact(rows []*Row) {
	if len(rows) == 0 {
		return
	}
	body := make([]byte, 0, compactSize(rows))
	before := slices.Clone(rows[0].Spans) // of the row before, as they were
	for n, r := range rows {
		for i, s := range r.Spans {
			to := Span{uint32(len(body)), uint32(len(body)), s.Kind}
			switch {
			case n > 0 && s.equals(before[i]):
				to = rows[n-1].Spans[i]
			case s.Kind != Object:
				body = append(body, r.Body[s.Lo:s.Hi]...)
				to.Hi = uint32(len(body))
			}
			r.Spans[i], before[i] = to, s
		}
	}
	for _, r := range rows {
		r.Body = body
	}
}

// compactSize returns the length of what Compact copies.
func compactSize(rows []*Row) int {
	size := 0
	for n, r := range rows {
		for i, s := range r.Spans {
			if s.Kind != Object && (n == 0 || !s.equals(rows[n-1].Spans[i])) {
				size += int(s.Hi - s.Lo)
			}
		}
	}
	return size
}

// JSON returns rows as a list that has what is selected of them and nothing else.
func JSON(rows []*Row, l *Layout) []byte {
	out := []byte{'['}
	for i, r := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = r.appendObject(out, l.Root)
	}
	return append(out, ']')
}

func (r *Row) appendObject(out []byte, s *Shape) []byte {
	out = append(out, '{')
	first := true
	for i, slot := range s.slots {
		if slot == noSlot || r.Spans[slot].Kind == Absent {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(append(append(out, '"'), s.of.keys[i].name...), `":`...)
		if span := r.Spans[slot]; span.Kind == Object {
			out = r.appendObject(out, s.below(i))
		} else {
			out = append(out, r.Bytes(span)...)
		}
	}
	return append(out, '}')
}
