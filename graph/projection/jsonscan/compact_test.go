package jsonscan

import (
	"reflect"
	"testing"

	"jobgraph/restclient"
)

func TestWhatIsSelectedSurvivesTheBody(t *testing.T) {
	body := []byte(`[{"id":7,"name":"a \u00e9","tag_list":["x", "y"],"web_url":"not selected","pipeline":{"id":3,"sha":"no","ref":null},"user":null},` +
		`{"id":8,"name":"b","pipeline":{"id":4}, "user": {"id": 5}}]`)
	l := NewLayout(NewTypes().Of(reflect.TypeFor[restclient.Job]()))
	name, tags := l.Slot(l.Root, "name"), l.Slot(l.Root, "tag_list")
	pipeline, present := l.Object(l.Root, "pipeline")
	number, ref, user := l.Slot(pipeline, "id"), l.Slot(pipeline, "ref"), l.Slot(l.Root, "user")
	var rows []*Row
	scan := func(body []byte) {
		rows = nil
		if err := ScanList(body, l, func(int) *Row { rows = append(rows, &Row{}); return rows[len(rows)-1] }); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		first, second := rows[0], rows[1]
		var texts []string
		first.Texts(first.Spans[tags], func(_ int, s Span) { texts = append(texts, first.String(s)) })
		if first.ID != 7 || first.String(first.Spans[name]) != "a é" || !reflect.DeepEqual(texts, []string{"x", "y"}) ||
			first.Spans[present].Kind != Object || first.Integer(first.Spans[number]) != 3 ||
			first.Spans[ref].Kind != Null || first.Spans[user].Kind != Null ||
			second.ID != 8 || second.String(second.Spans[name]) != "b" || second.Integer(second.Spans[number]) != 4 ||
			second.Spans[ref].Kind != Absent || second.Spans[user].Kind != Object {
			t.Errorf("%+v %+v", first, second)
		}
	}
	scan(body)
	Compact(rows)
	check()
	if n := len(rows[0].Body); n > 60 {
		t.Errorf("%d bytes are held", n)
	}
	again := JSON(rows, l)
	if want := `[{"id":7,"user":null,"pipeline":{"id":3,"ref":null},"name":"a \u00e9","tag_list":["x", "y"]},{"id":8,"user":{},"pipeline":{"id":4},"name":"b"}]`; len(again) != len(want) {
		t.Errorf("%s", again)
	}
	scan(again)
	check()
}
