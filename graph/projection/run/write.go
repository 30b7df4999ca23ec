package run

import (
	"jobgraph/graph/gid"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
)

// object writes a selection on a row.
func (w *writer) object(object plan.Object, r *row) {
	if !w.room(2) {
		return
	}
	w.out = append(w.out, '{')
	for i := range object {
		w.write(object[i].Key)
		w.field(&object[i], r)
	}
	w.out = append(w.out, '}')
}

// field writes the value of a field.
func (w *writer) field(f *plan.Field, r *row) {
	switch f.Op {
	case plan.WriteText, plan.WriteVerbatim, plan.WriteDecimal, plan.WriteWord, plan.WriteGlobalID:
		w.value(f, r)
	case plan.WriteLiteral:
		w.write(f.Text)
	case plan.WriteObject:
		w.inner(f, r)
	case plan.WriteAround:
		w.object(f.Object, r)
	case plan.WriteTexts:
		w.texts(r, r.Spans[f.Slot])
	case plan.WriteBoolean:
		w.byStatus(f, r)
	case plan.WriteArtifacts:
		w.artifacts(f, r)
	case plan.WriteDownloadURL:
		w.downloadURL(r)
	case plan.WriteConnection:
		w.step(f, r, func(got *result) { w.connection(f.Page, pageOf(got)) })
	case plan.WriteRows:
		w.step(f, r, func(got *result) { w.each(len(got.rows), func(i int) { w.object(f.Object, got.rows[i]) }) })
	case plan.WriteSingle:
		if rows := r.of.below[f.Step.Place][r.at].rows; len(rows) > 0 {
			w.object(f.Object, rows[0])
		} else {
			w.null()
		}
	case plan.WriteCompleted:
		w.completed(f, r)
	case plan.WriteByID:
		w.byID(f, r)
	default:
		w.more(f, r)
	}
}

// more writes the values that are rarer.
func (w *writer) more(f *plan.Field, r *row) {
	switch f.Op {
	case plan.WriteJobID, plan.WriteBridgeID:
		w.jobID(f, r)
	case plan.WritePipelineID:
		o, _ := ownerOf(f.Owner, r)
		if o.pipeline <= 0 {
			w.fail()
			return
		}
		w.quoted(gid.Pipeline(w.projectNumber(f, r), o.pipeline))
	case plan.WritePipelineNumber:
		o, _ := ownerOf(f.Owner, r)
		w.integer(o.pipeline)
	case plan.WriteProjectID:
		w.quoted(gid.Project(w.projectNumber(f, r)))
	case plan.WriteProjectNumber:
		w.integer(w.projectNumber(f, r))
	case plan.WriteStageName:
		w.string(r.computed.name)
	case plan.WriteStageStatus, plan.WriteCountStatus:
		w.quoted(string(r.computed.status))
	case plan.WriteCount:
		w.integer(int64(r.computed.count))
	case plan.WriteRetried, plan.WriteAttempts:
		w.attempts(f, r)
	case plan.WriteTrailers:
		w.trailers(f, r)
	case plan.WriteTrailerKey:
		w.string(r.computed.name)
	case plan.WriteTrailerValues:
		w.each(len(r.computed.texts), func(i int) { w.string(r.computed.texts[i]) })
	case plan.WriteStageJobs:
		jobs := r.of.below[f.Step.Place][r.at].rows
		w.each(len(jobs), func(i int) {
			if jobs[i].kind == plan.BridgeRows {
				w.object(f.Second, jobs[i])
			} else {
				w.object(f.Object, jobs[i])
			}
		})
	}
}

// inner writes an object inside a row. If an earlier row has the same one, what was written of it
// is copied.
func (w *writer) inner(f *plan.Field, r *row) {
	s := r.Spans[f.Slot]
	switch {
	case s.Kind != jsonscan.Object:
		w.null()
		return
	case !f.Closed || r.of == nil || len(r.of.rows) == 1:
		w.object(f.Object, r)
		return
	}
	body, known := &r.Body[0], w.common(f, s.Lo)
	if known.is(f, body, s.Lo) {
		w.again(known.stretch)
		return
	}
	from := len(w.out)
	w.object(f.Object, r)
	// An object inside this one may be remembered in the same place: nothing of it must remain.
	*known = commonObject{f, body, s.Lo, stretch{from, len(w.out)}}
}

// step writes what a step has yielded for a row: null if nothing. Several rows may lead to the same
// result; as it belongs to one field of the query, it is written the same way each time, and so
// copied.
func (w *writer) step(f *plan.Field, r *row, write func(*result)) {
	got := r.of.below[f.Step.Place][r.at]
	if got == nil {
		w.null()
		return
	}
	if s, ok := w.written[got]; ok {
		w.again(s)
		return
	}
	from := len(w.out)
	write(got)
	if w.written == nil {
		w.written = map[*result]stretch{}
	}
	w.written[got] = stretch{from, len(w.out)}
}

// single returns the one row that a step has yielded for a row.
func (w *writer) single(s *plan.Step, r *row) *row { return r.of.below[s.Place][r.at].rows[0] }

// each writes a list of n elements.
func (w *writer) each(n int, element func(int)) {
	w.out = append(w.out, '[')
	for i := range n {
		if w.tooLong {
			return
		}
		w.separate(i)
		element(i)
	}
	w.out = append(w.out, ']')
}

// completed writes what the row may lack: then the object's own call answers it.
func (w *writer) completed(f *plan.Field, r *row) {
	if lacks(f.Missing, r) {
		w.field(&f.Second[0], w.single(f.Step, r))
	} else {
		w.field(&f.Object[0], r)
	}
}

func (w *writer) byID(f *plan.Field, r *row) {
	rows := r.of.below[f.Step.Place][r.at].rows
	one := func(r *row) {
		field := f.Step.ByKind[r.owner.kind()]
		w.field(&field, r)
	}
	if f.Name == "node" {
		one(rows[0])
	} else {
		w.each(len(rows), func(i int) { one(rows[i]) })
	}
}
