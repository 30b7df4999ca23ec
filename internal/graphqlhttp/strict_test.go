package graphqlhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"jobgraph/graph/errcode"
)

// gqlgen's POST takes whatever encoding/json takes, ignores what follows the value, and quotes the
// whole body into the error.
func TestBodiesAreReadStrictlyAndNeverQuoted(t *testing.T) {
	h := newHandler(limits, answering(`{"hello":"world"}`))
	for name, body := range map[string]string{
		"text":                      "sesame",
		"bytes after the value":     `{"query":"{hello}"} sesame`,
		"a second value":            `{"query":"{hello}"}{"sesame":1}`,
		"a batch":                   `[{"query":"{sesame}"}]`,
		"a name twice":              `{"query":"{hello}","query":"{sesame}"}`,
		"a variable twice":          `{"query":"{hello}","variables":{"sesame":1,"sesame":2}}`,
		"a name twice by an escape": `{"query":"{hello}","qu\u0065ry":"{sesame}"}`,
		"a byte order mark":         "\ufeff" + `{"query":"{hello}","sesame":1}`,
		"bytes that are no UTF-8":   `{"query":"{hello} sesame` + "\xff" + `"}`,
		"half a surrogate pair":     `{"query":"{hello}","operationName":"sesame\ud800"}`,
		"a control character":       "{\"query\":\"{hello}\n\",\"sesame\":1}",
		"a number with a zero":      `{"query":"{hello}","variables":{"sesame":01}}`,
		"a comment":                 `{"query":"{hello}"/*sesame*/}`,
		"a trailing comma":          `{"query":"{hello}","sesame":1,}`,
		"an end too soon":           `{"query":"{hello}","sesame":`,
		"nothing":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			r := request{body: body}.send(t, h)
			text, codes := answerOf(t, r)
			if r.StatusCode != http.StatusBadRequest || len(codes) != 1 || codes[0] != errcode.BadRequest {
				t.Errorf("%d %s", r.StatusCode, text)
			}
			for _, inside := range []string{"sesame", "RawParams", "graphql.", "json:", "Go ", "invalid character"} {
				if strings.Contains(text, inside) {
					t.Errorf("the answer has %q in it: %s", inside, text)
				}
			}
		})
	}
}

// Numbers reach the executor as they were written; encoding/json would round what float64 does not
// hold.
func TestNumbersStayExact(t *testing.T) {
	var got map[string]any
	h := newHandler(limits, func(ctx context.Context) *graphql.Response {
		got = graphql.GetOperationContext(ctx).Extensions
		return &graphql.Response{Data: json.RawMessage(`{}`)}
	})
	request{body: `{"query":"{hello}","extensions":{"n":9007199254740993,"f":1.10,"e":-0e+3,"deep":[{"x":1}]}}`}.send(t, h)
	want := map[string]any{
		"n": json.Number("9007199254740993"), "f": json.Number("1.10"), "e": json.Number("-0e+3"),
		"deep": []any{map[string]any{"x": json.Number("1")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Nested brackets in variables would otherwise nest as deep as the body is long, in the decoder and
// in everything that walks them.
func TestNestingOfVariablesIsBounded(t *testing.T) {
	h := newHandler(Config{JSONDepth: 10}, answering(`{}`))
	for _, open := range []string{"[", `{"a":`} {
		body := `{"query":"{hello}","variables":{"a":` + strings.Repeat(open, 300_000)
		r := request{body: body}.send(t, h)
		if text, codes := answerOf(t, r); r.StatusCode != http.StatusBadRequest || codes[0] != errcode.BadRequest ||
			!strings.Contains(text, `"limit":"json-depth","value":10`) {
			t.Errorf("%d %s", r.StatusCode, text)
		}
	}
}

// FuzzDecoder holds the decoder against encoding/json: it takes nothing that encoding/json refuses,
// and reads the same from what it takes.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{a}","variables":{"n":[1,2.5e-7,true,null,"\u00e9\ud83d\ude00\n"]}}`, `{"variables":{"":{}}}`, `{"query":"\\\"\/\b\f\n\r\t"}`, `[]`, `{"a":-}`, `{"a":1 }x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		original := bytes.Clone(data)
		var got map[string]any
		d := decoder{data: data, maxDepth: 100}
		if d.parameter("value", &got) != nil {
			return
		}
		var want map[string]any
		reference := json.NewDecoder(bytes.NewReader(original))
		reference.UseNumber()
		if err := reference.Decode(&want); err != nil {
			t.Fatalf("took %q, which is no JSON: %v", original, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", original, diff)
		}
	})
}
