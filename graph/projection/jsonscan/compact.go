package jsonscan

// Compact copies what is selected of rows into a body of their own, so that the body they were read
// from is no longer held.
func Compact(rows []*Row) {
	size := 0
	for _, r := range rows {
		for _, s := range r.Spans {
			if s.Kind != Object {
				size += int(s.Hi - s.Lo)
			}
		}
	}
	body := make([]byte, 0, size)
	for _, r := range rows {
		for i := range r.Spans {
			s := &r.Spans[i]
			if s.Kind == Object {
				s.Lo, s.Hi = 0, 0 // its keys have spans of their own
				continue
			}
			begin := len(body)
			body = append(body, r.Body[s.Lo:s.Hi]...)
			s.Lo, s.Hi = uint32(begin), uint32(len(body))
		}
		r.Body = body
	}
	// The body has not grown past its size, so that all rows have the same one; those before have less
	// of it.
	for _, r := range rows {
		r.Body = body
	}
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
