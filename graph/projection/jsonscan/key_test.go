package jsonscan

import (
	"reflect"
	"testing"

	"jobgraph/restclient"
)

// From the second body on, the keys stand where they are expected.
func TestTheOrderOfKeysIsLearnt(t *testing.T) {
	body := []byte(`{"allow_failure":false,"archived":true,"coverage":null,"created_at":"x","duration":1.5,"id":7,"name":"a","new":[],"ref":"b",` +
		`"stage":"c","status":"d","tag":false,"tag_list":["e"],"user":{"username":"f","id":1},"web_url":"g"}`)
	l := NewLayout(NewTypes().Of(reflect.TypeFor[restclient.Job]()))
	name := l.Slot(l.Root, "name")
	var misses []int
	for range 2 {
		s := newScanner(body, l)
		r := Row{Body: body, Spans: make([]Span, l.Size)}
		if s.next() != '{' || !s.row(l, &r) || string(r.Bytes(r.Spans[name])) != `"a"` {
			t.Fatal("not read")
		}
		s.learn(l)
		misses = append(misses, s.misses)
	}
	if misses[0] != 16 || misses[1] != 0 { // after "new", which is not known, nothing is expected
		t.Errorf("misses %v", misses)
	}
}
