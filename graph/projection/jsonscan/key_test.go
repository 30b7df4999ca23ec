package jsonscan

import (
	"reflect"
	"testing"

	"jobgraph/restclient"
)

// From the second body on, the keys stand where they are expected: the expectation changes no more.
func TestTheOrderOfKeysIsLearnt(t *testing.T) {
	body := []byte(`{"allow_failure":false,"archived":true,"coverage":null,"created_at":"x","duration":1.5,"id":7,"name":"a","new":[],"ref":"b",` +
		`"stage":"c","status":"d","tag":false,"tag_list":["e"],"user":{"username":"f","id":1},"web_url":"g"}`)
	l := NewLayout(NewTypes().Of(reflect.TypeFor[restclient.Job]()))
	name := l.Slot(l.Root, "name")
	var s scanner
	read := func() keyOrder {
		s.reader = reader{body: body}
		r := Row{Body: body, Spans: make([]Span, l.Size)}
		if s.next() != '{' || !s.row(l, &r) || string(r.Bytes(r.Spans[name])) != `"a"` {
			t.Fatal("not read")
		}
		return s.follows
	}
	learnt := read()
	if learnt == (keyOrder{}) {
		t.Error("nothing was learnt")
	}
	if read() != learnt {
		t.Error("the second body has surprised")
	}
}
