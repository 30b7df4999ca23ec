package projection

import (
	"testing"

	"jobgraph/restclient"
)

// TestTheOrderOfKeysIsRemembered: from the second body on, the keys stand where they are expected.
func TestTheOrderOfKeysIsRemembered(t *testing.T) {
	body := []byte(`{"allow_failure":false,"archived":true,"coverage":null,"created_at":"x","duration":1.5,"id":7,"name":"a","new":[],"ref":"b",` +
		`"stage":"c","status":"d","tag":false,"tag_list":["e"],"user":{"username":"f","id":1},"web_url":"g"}`)
	l := newLayout(typeFor[restclient.Job](newRestTypes()))
	name := l.slot(l.root, "name")
	var misses []int
	for range 2 {
		s := newScanner(body, l)
		r := row{body: body, spans: make([]span, l.size)}
		if s.next() != '{' || !s.row(l, &r) || string(r.bytes(r.spans[name])) != `"a"` {
			t.Fatal("not read")
		}
		s.remember(l)
		misses = append(misses, s.misses)
	}
	if misses[0] != 16 || misses[1] != 0 { // after "new", which is no key that is known, nothing is expected
		t.Errorf("misses %v", misses)
	}
}
