package run

import (
	"slices"

	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
)

// passes reports whether a row meets a condition.
func passes(t *plan.Test, r *row) bool {
	if t.Reason != plan.None && slices.Contains(t.Final, r.String(r.Spans[t.Reason])) {
		return false
	}
	return len(t.Present) == 0 || slices.ContainsFunc(t.Present, func(slot int) bool {
		s := r.Spans[slot]
		return s.Kind == jsonscan.Object || !r.IsEmpty(s)
	})
}

// decimal writes a number that GitLab sends as such or in a string.
func (w *writer) decimal(r *row, s jsonscan.Span) {
	raw := r.Bytes(s)
	if s.Kind == jsonscan.Text {
		raw = raw[1 : len(raw)-1]
	}
	if !jsonscan.IsNumber(raw) {
		w.fail() // the executor reports the error
		return
	}
	w.write(raw)
}
