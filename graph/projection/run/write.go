package run

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
	"jobgraph/graph/mapping"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/internal/budget"
)

// writer writes the answer.
type writer struct {
	out     []byte
	vars    map[string]any      // the operation's variables
	limit   int                 // of the answer's bytes; 0 is none
	tooLong bool                // the answer is past its limit, or no memory is left: nothing more is written
	account *budget.Account     // what the request may take
	paid    int                 // bytes reserved for out
	failed  bool                // the executor has to answer; what was written is discarded
	written map[*result]stretch // the lists that stand in the answer already
}

// stretch is a part of the answer.
type stretch struct{ from, to int }

// room reports whether n more bytes fit the answer's limit; if not, writing ends.
func (w *writer) room(n int) bool {
	w.tooLong = w.tooLong || w.limit > 0 && len(w.out)+n > w.limit || !w.pay(cap(w.out))
	return !w.tooLong
}

// allocate makes the buffer of the answer.
func (w *writer) allocate(size int) {
	if w.pay(size) {
		w.out = make([]byte, 0, size)
	}
}

// pay reserves the memory of a buffer of so many bytes, and reports whether there is enough.
func (w *writer) pay(size int) bool {
	if size <= w.paid {
		return true
	}
	more := int64(size - w.paid)
	w.paid = size
	return w.account.Grow(more) == nil
}

func (w *writer) null()           { w.out = append(w.out, "null"...) }
func (w *writer) integer(n int64) { w.out = strconv.AppendInt(w.out, n, 10) }
func (w *writer) boolean(b bool)  { w.out = strconv.AppendBool(w.out, b) }
func (w *writer) quoted(s string) { w.out = append(append(append(w.out, '"'), s...), '"') }
func (w *writer) fail()           { w.failed = true }
func (w *writer) separate(n int) {
	if n > 0 {
		w.out = append(w.out, ',')
	}
}

// object writes a selection on a row.
func (w *writer) object(object plan.Object, r *row) {
	if !w.room(2) {
		return
	}
	w.out = append(w.out, '{')
	for i := range object {
		w.separate(i)
		w.out = append(w.out, object[i].Key...)
		w.field(&object[i], r)
	}
	w.out = append(w.out, '}')
}

// field writes the value of a field.
func (w *writer) field(f *plan.Field, r *row) {
	switch f.Op {
	case plan.WriteText, plan.WriteVerbatim, plan.WriteWord, plan.WriteGlobalID:
		w.value(f, r)
	case plan.WriteLiteral:
		w.out = append(w.out, f.Text...)
	case plan.WriteObject:
		if r.Spans[f.Slot].Kind != jsonscan.Object {
			w.null()
		} else {
			w.object(f.Object, r)
		}
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
		w.object(f.Object, w.single(f.Step, r))
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
		w.out = append(w.out, r.Bytes(s)...)
	case plan.WriteWord:
		if word, known := f.Words[string(r.Bytes(s))]; known {
			w.out = append(w.out, word...)
		} else {
			w.quoted(mapping.Unknown)
		}
	case plan.WriteGlobalID:
		w.quoted(f.ID(r.Integer(s)))
	}
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
		if w.room(s.to - s.from) {
			w.out = append(w.out, w.out[s.from:s.to]...)
		}
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

// byStatus writes what follows from a job's status; of an archived job nothing can be retried.
func (w *writer) byStatus(f *plan.Field, r *row) {
	value, known := f.Words[string(r.Bytes(r.Spans[f.Slot]))]
	if !known {
		w.fail()
		return
	}
	if f.Other != plan.None {
		switch r.Spans[f.Other].Kind {
		case jsonscan.False:
		case jsonscan.True:
			value = []byte("false")
		default:
			if !f.Nullable {
				w.fail()
			}
		}
	}
	w.out = append(w.out, value...)
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

// text copies a string. One with escapes is written again, because GitLab escapes other characters
// than GraphQL's executor.
func (w *writer) text(r *row, s jsonscan.Span) {
	raw := r.Bytes(s)
	if !w.room(len(raw)) {
		return
	}
	if s.Kind == jsonscan.Text || bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		w.out = append(w.out, raw...)
		return
	}
	decoded, err := r.Decode(s)
	if err != nil {
		w.fail()
		return
	}
	w.string(decoded)
}

// string writes a string as the executor writes it.
func (w *writer) string(s string) {
	buffer := bytes.NewBuffer(w.out)
	graphql.MarshalString(s).MarshalGQL(buffer)
	w.out = buffer.Bytes()
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
