package run

import (
	"slices"
	"strconv"

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
	objects *[commonObjects]commonObject
}

// stretch is a part of the answer.
type stretch struct{ from, to int }

// commonObject is what was written last of an object that several rows may have in common.
type commonObject struct {
	field *plan.Field
	body  *byte // that the object is in
	lo    uint32
	stretch
}

// commonObjects is how many are remembered.
const commonObjects = 128

// common returns where an object is remembered. It has that object, or another one.
func (w *writer) common(f *plan.Field, lo uint32) *commonObject {
	if w.objects == nil {
		w.objects = new([commonObjects]commonObject)
	}
	return &w.objects[(lo*0x9E3779B1>>16+uint32(f.Slot))%commonObjects]
}

// is reports whether this is a given object.
func (o *commonObject) is(f *plan.Field, body *byte, lo uint32) bool {
	return o.field == f && o.body == body && o.lo == lo
}

// again copies a part of the answer to its end.
func (w *writer) again(s stretch) {
	if w.room(s.to - s.from) {
		w.write(w.out[s.from:s.to])
	}
}

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

// write adds bytes to the answer. Unlike append, it stores no pointer, which while the collector
// runs would cost more than the bytes.
func (w *writer) write(p []byte) {
	n := len(w.out)
	if len(p) > cap(w.out)-n {
		w.out = slices.Grow(w.out, len(p))
	}
	w.out = w.out[:n+len(p)]
	copy(w.out[n:], p)
}

func (w *writer) null()           { w.write([]byte("null")) }
func (w *writer) integer(n int64) { w.out = strconv.AppendInt(w.out, n, 10) }
func (w *writer) boolean(b bool)  { w.out = strconv.AppendBool(w.out, b) }
func (w *writer) quoted(s string) { w.out = append(append(append(w.out, '"'), s...), '"') }
func (w *writer) fail()           { w.failed = true }
func (w *writer) separate(n int) {
	if n > 0 {
		w.out = append(w.out, ',')
	}
}
