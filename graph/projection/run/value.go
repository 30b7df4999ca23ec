package run

import (
	"jobgraph/graph/gid"
	"jobgraph/graph/mapping"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
)

// value writes a field that one key of the row answers.
func (w *writer) value(f *plan.Field, r *row) {
	s := r.Spans[f.Slot]
	if s.Missing() || f.NeverEmpty && s.Empty() {
		if !f.Nullable {
			w.fail() // the executor reports the error
		}
		w.null()
		return
	}
	switch f.Op {
	case plan.WriteText:
		w.text(r, s)
	case plan.WriteVerbatim:
		w.write(r.Bytes(s))
	case plan.WriteDecimal:
		w.decimal(r, s)
	case plan.WriteWord:
		w.word(f, r, s)
	case plan.WriteGlobalID:
		w.quoted(f.ID(r.Integer(s)))
	}
}

// byStatus writes what follows from a job's status; of an archived job nothing can be retried.
func (w *writer) byStatus(f *plan.Field, r *row) {
	status := r.Spans[f.Slot]
	value, known := f.Words[string(r.Bytes(status))]
	switch {
	case known:
	case status.Kind == jsonscan.Escaped:
		w.fail()
		return
	default:
		value = f.Text
	}
	if f.Other != plan.None && r.Spans[f.Other].Kind == jsonscan.True || f.Also != nil && !passes(f.Also, r) {
		value = []byte("false")
	}
	w.write(value)
}

// word writes one of an enum's words.
func (w *writer) word(f *plan.Field, r *row, s jsonscan.Span) {
	word, known := f.Words[string(r.Bytes(s))]
	switch {
	case known:
		w.write(word)
	case s.Kind == jsonscan.Escaped:
		w.fail() // it may be a word that is known
	default:
		w.quoted(mapping.Unknown)
	}
}

func (w *writer) jobID(f *plan.Field, r *row) {
	o, _ := ownerOf(f.Owner, r)
	switch {
	case o.project == 0:
		w.fail()
	case f.Op == plan.WriteBridgeID:
		w.quoted(gid.Bridge(o.project, r.owner.pipeline, r.ID))
	default:
		w.quoted(gid.Job(o.project, r.ID))
	}
}

// projectNumber returns the number of the project around. If the project was addressed by its path,
// the number comes from the project itself; if a row lacks it, the executor answers.
func (w *writer) projectNumber(f *plan.Field, r *row) int64 {
	o, _ := ownerOf(f.Owner, r)
	switch {
	case o.project != 0:
		return o.project
	case f.Self:
		return r.ID
	case f.Step != nil:
		return w.single(f.Step, r).ID
	}
	w.fail()
	return 0
}

// texts writes a list of strings; an empty one where REST leaves it out.
func (w *writer) texts(r *row, list jsonscan.Span) {
	w.out = append(w.out, '[')
	r.Texts(list, func(i int, s jsonscan.Span) {
		w.separate(i)
		w.text(r, s)
	})
	w.out = append(w.out, ']')
}
