package projection

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/gid"
)

// writer writes the answer. Once it has stepped aside what it wrote is worthless.
type writer struct {
	out     []byte
	vars    map[string]any // the operation's variables
	stepped bool
	limit   int                 // of the answer's bytes; 0 is none
	tooLong bool                // the answer is past its limit: nothing more is written
	written map[*result]stretch // the lists that stand in the answer already
}

// stretch is a part of the answer.
type stretch struct{ from, to int }

// aside leaves the operation to the executor.
func (w *writer) aside() { w.stepped = true }

// room reports whether n more bytes keep the answer within its limit; if not, the answer is given up.
func (w *writer) room(n int) bool {
	w.tooLong = w.tooLong || w.limit > 0 && len(w.out)+n > w.limit
	return !w.tooLong
}

func (w *writer) null() { w.out = append(w.out, "null"...) }

func (w *writer) nullOrAside(nullable bool) {
	if !nullable {
		w.aside()
	}
	w.null()
}

func (w *writer) integer(n int64) { w.out = strconv.AppendInt(w.out, n, 10) }
func (w *writer) boolean(b bool)  { w.out = strconv.AppendBool(w.out, b) }
func (w *writer) quoted(s string) { w.out = append(append(append(w.out, '"'), s...), '"') }
func literal(json string) emit    { return func(w *writer, _ *row) { w.out = append(w.out, json...) } }
func (w *writer) separate(n int) {
	if n > 0 {
		w.out = append(w.out, ',')
	}
}

// object writes a selection on a row.
func (w *writer) object(plan objectPlan, r *row) {
	if !w.room(2) {
		return
	}
	w.out = append(w.out, '{')
	for i := range plan {
		w.separate(i)
		w.out = append(w.out, plan[i].key...)
		plan[i].emit(w, r)
	}
	w.out = append(w.out, '}')
}

// once writes a list that several rows may lead to: after the first time, by copying what stands in the answer already. A list belongs to one field of the
// query, so it is written the same way each time.
func (w *writer) once(got *result, write func()) {
	if s, ok := w.written[got]; ok {
		if !w.room(s.to - s.from) {
			return
		}
		w.out = append(w.out, w.out[s.from:s.to]...)
		return
	}
	from := len(w.out)
	write()
	if w.written == nil {
		w.written = map[*result]stretch{}
	}
	w.written[got] = stretch{from, len(w.out)}
}

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

// verbatim copies a number or a boolean.
func (w *writer) verbatim(r *row, s span) { w.out = append(w.out, r.bytes(s)...) }

// text copies a string. One with escapes is written again, for GitLab escapes other characters than GraphQL's executor does.
func (w *writer) text(r *row, s span) {
	raw := r.bytes(s)
	if !w.room(len(raw)) {
		return
	}
	if s.what == text || bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		w.out = append(w.out, raw...)
		return
	}
	decoded, err := r.decoded(s)
	if err != nil {
		w.aside()
		return
	}
	buffer := bytes.NewBuffer(w.out)
	graphql.MarshalString(decoded).MarshalGQL(buffer)
	w.out = buffer.Bytes()
}

// decoded is the value of a span that holds a string.
func (r *row) decoded(s span) (string, error) {
	var value string
	err := json.Unmarshal(r.bytes(s), &value)
	return value, err
}

// single writes the one thing that a source fetched.
func single(s *source, object objectPlan) emit {
	return func(w *writer, r *row) { w.object(object, r.of.below[s.place][r.at].rows[0]) }
}

// Global IDs, for whose project a number must be known.

func processableID(at *scope) emit {
	return func(w *writer, r *row) {
		o, _ := at.owner(r)
		switch {
		case o.project == 0:
			w.aside()
		case at.typeName == "Bridge":
			w.quoted(gid.Bridge(o.project, r.owner.pipeline, r.id))
		default:
			w.quoted(gid.Job(o.project, r.id))
		}
	}
}

func (c *compiler) pipelineID(at *scope, f graphql.CollectedField) emit {
	number := c.projectNumber(at, f)
	return func(w *writer, r *row) {
		o, _ := at.owner(r)
		if o.pipeline <= 0 {
			w.aside()
			return
		}
		w.quoted(gid.Pipeline(number(w, r), o.pipeline))
	}
}

// idField is the global ID of what is known by its number alone: a runner, its manager, a user.
func (c *compiler) idField(at *scope, f graphql.CollectedField) emit {
	if f.Name != "id" {
		return c.uncovered()
	}
	id := map[string]func(int64) string{"Runner": gid.Runner, "RunnerManager": gid.RunnerManager, "User": gid.User}[at.typeName]
	return c.leaf(at, leaf{key: "id", write: func(w *writer, r *row, s span) { w.quoted(id(r.integer(s))) }})
}

// texts is a list of strings, empty where REST leaves it out.
func (c *compiler) texts(at *scope, key string) emit {
	slot := at.source.layout.slot(at.shape, key)
	return func(w *writer, r *row) {
		s := r.spans[slot]
		if s.what != listValue {
			w.out = append(w.out, "[]"...)
			return
		}
		scan := scanner{body: r.body, at: int(s.lo) + 1}
		w.out = append(w.out, '[')
		for n := 0; scan.next() != ']'; n++ {
			if n > 0 {
				scan.at++ // ,
				scan.next()
			}
			w.separate(n)
			begin := scan.at
			kind, _ := scan.text()
			w.text(r, span{uint32(begin), uint32(scan.at), kind})
		}
		w.out = append(w.out, ']')
	}
}
