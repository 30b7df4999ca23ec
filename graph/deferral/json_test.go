package deferral

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

func raw(texts ...string) (list []json.RawMessage) {
	for _, text := range texts {
		list = append(list, json.RawMessage(text))
	}
	return list
}

func TestWalkVisitsTheObjectsOfAllAnswers(t *testing.T) {
	answers := raw(
		`{"a":"]\"}{","p":{"l":[{"x":1},null,{"x":[{},[2]]}],"m":{}}}`,
		`{"p":{"l":[{"y":"\\"},{"y":null}]}}`,
		`null`,
	)
	for path, want := range map[string]string{
		"":    `@ ` + string(answers[0]) + ` ` + string(answers[1]),
		"p.l": `@p.l[0] {"x":1} {"y":"\\"}@p.l[1] {"y":null}@p.l[2] {"x":[{},[2]]}`,
		"p.m": `@p.m {}`,
		"a":   "", "p.none": "", "p.l.x": "@p.l[2].x[0] {}",
	} {
		var got strings.Builder
		names := strings.FieldsFunc(path, func(r rune) bool { return r == '.' })
		walk(answers, names, nil, func(at ast.Path, object []json.RawMessage) {
			got.WriteString("@" + at.String())
			for _, o := range object {
				got.WriteString(" " + string(o))
			}
		})
		if got.String() != want {
			t.Errorf("%s: %s, want %s", path, got.String(), want)
		}
	}
}

func TestAdditionsAreWhatWasNotSentBefore(t *testing.T) {
	object := `{"a":1,"b":{"c":2,"d":3},"l":[{"x":1,"y":2},null,{"x":3}],"n":null,"e":""}`
	for _, c := range []struct {
		before []string
		want   string
	}{
		{nil, `@ ` + object},
		{[]string{object}, ``},
		{[]string{`{"a":1,"n":null,"e":""}`, `{"l":[{"y":2},null,{"x":3}],"b":{"d":3}}`}, `@b {"c":2}@l[0] {"x":1}`},
		{[]string{`{"b":null,"l":[]}`}, `@ {"a":1,"n":null,"e":""}@b {"c":2,"d":3}@l[0] {"x":1,"y":2}@l[2] {"x":3}`},
	} {
		var got strings.Builder
		for _, a := range additions(json.RawMessage(object), raw(c.before...), nil) {
			got.WriteString("@" + a.SubPath.String() + " " + string(a.Data))
		}
		if got.String() != c.want {
			t.Errorf("after %q: %s, want %s", c.before, got.String(), c.want)
		}
	}
}

// FuzzLength compares the ends of values with those that the standard library finds.
func FuzzLength(f *testing.F) {
	for _, seed := range []string{`[1,"a\"]",{"b":[]},null,-1.5e3]`, `[[["\\"]],{},""]`, `[true]`, `[]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want []json.RawMessage
		if json.Unmarshal([]byte(text), &want) != nil || len(text) == 0 || text[0] != '[' {
			return
		}
		compact, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(compact, &want); err != nil {
			t.Fatal(err)
		}
		got := slices.Collect(elements(compact))
		if !slices.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%s: %q", compact, got)
		}
	})
}
