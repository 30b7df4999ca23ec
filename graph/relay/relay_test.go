package relay

import (
	"encoding/base64"
	"errors"
	"slices"
	"testing"
)

func TestCursorsAreReadBackByTheirOwnListOnly(t *testing.T) {
	for _, c := range []Cursor{
		{List: "job", Key: "7"},
		{List: "pipelinejob", Within: 6, Key: "9223372036854775807", Offset: 123},
		{List: "artifact", Key: "archive/a file with spaces.zip", Offset: 3},
	} {
		encoded := c.Encode()
		if got, err := DecodeCursor(encoded, c.List, c.Within); err != nil || got != c {
			t.Errorf("%+v is read back as %+v, %v", c, got, err)
		}
		if _, err := DecodeCursor(encoded, "bridge", c.Within); err == nil {
			t.Errorf("%+v is read as one of another kind of list", c)
		}
		if _, err := DecodeCursor(encoded, c.List, c.Within+1); err == nil {
			t.Errorf("%+v is read as one of another owner's list", c)
		}
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	raw := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for _, s := range []string{
		"", "7", "not base64!", raw("1 job 0 0 7") + "=", raw("2 job 0 0 7"), raw("1 job 0 0 "), raw("1 job 0 0"), raw("1 job 0 -1 7"), raw("1 job x! 0 7"),
		raw("1 job 0 zzzzzzzzzzzz 7"), raw(`{"id":"7","_kd":"n"}`), base64.StdEncoding.EncodeToString([]byte("arrayconnection:7")),
	} {
		if c, err := DecodeCursor(s, "job", 0); err == nil {
			t.Errorf("%q is %+v", s, c)
		}
	}
}

func TestPageArguments(t *testing.T) {
	n := func(i int) *int { return &i }
	c := func(s string) *string { return &s }
	own := NumberCursor("job", 0, 7, 0)
	at := &Cursor{List: "job", Key: "7"}
	for name, test := range map[string]struct {
		given Arguments
		want  Page
		wrong string // the argument that the error names
	}{
		"nothing is the first twenty":   {Arguments{}, Page{Size: 20}, ""},
		"first":                         {Arguments{First: n(5), After: &own}, Page{Size: 5, After: at}, ""},
		"none at all":                   {Arguments{First: n(0)}, Page{Size: 0}, ""},
		"the most":                      {Arguments{Last: n(500)}, Page{Size: 500, Backward: true}, ""},
		"before alone pages backward":   {Arguments{Before: &own}, Page{Size: 20, Backward: true, Before: at}, ""},
		"before and after page forward": {Arguments{Before: &own, After: &own}, Page{Size: 20, Before: at, After: at}, ""},
		"first before a cursor pages from the start": {Arguments{First: n(2), Before: &own}, Page{Size: 2, Before: at}, ""},
		"first with last": {Arguments{First: n(1), Last: n(1)}, Page{}, "last"},
		"negative first":  {Arguments{First: n(-1)}, Page{}, "first"},
		"negative last":   {Arguments{Last: n(-1)}, Page{}, "last"},
		"too many":        {Arguments{First: n(501)}, Page{}, "first"},
		"a foreign after": {Arguments{After: c("x")}, Page{}, "after"},
		"an empty before": {Arguments{Before: c("")}, Page{}, "before"},
	} {
		got, err := test.given.Page("job", 0)
		if wrong, ok := errors.AsType[*ArgumentError](err); (test.wrong != "") != ok || ok && wrong.Argument != test.wrong {
			t.Errorf("%s: error %v, want one about %q", name, err, test.wrong)
		}
		same := func(a, b *Cursor) bool { return a == b || a != nil && b != nil && *a == *b }
		if got.Size != test.want.Size || got.Backward != test.want.Backward || !same(got.After, test.want.After) ||
			!same(got.Before, test.want.Before) {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}

func TestSliceResumesWhereAVanishedItemStood(t *testing.T) {
	key := func(s string) string { return s }
	page := func(p Page) []string { return Slice([]string{"a", "c", "d"}, p, "letter", key).Nodes() }
	gone := &Cursor{List: "letter", Key: "b", Offset: 1}
	if got := page(Page{Size: 5, After: gone}); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("after it: %v", got)
	}
	if got := page(Page{Size: 5, Before: gone, Backward: true}); !slices.Equal(got, []string{"a"}) {
		t.Errorf("before it: %v", got)
	}
	far := &Cursor{List: "letter", Key: "z", Offset: 99}
	if got := page(Page{Size: 5, After: far}); len(got) != 0 {
		t.Errorf("after the end: %v", got)
	}
}
