package limits_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"jobgraph/graph/limits"
)

// zoo has every kind of conflict: fields of one name with other types, lists, interfaces, and
// objects that never meet.
const zoo = `
type Query { pet(id: Int, in: In): Pet dog: Dog cat: Cat x: Int }
input In { a: Int b: Int }
interface Pet { name(n: Int): String! friend: Pet tag: String }
type Dog implements Pet {
	name(n: Int): String! friend: Pet tag: String size: Int bark: String! friends: [Pet] mate: Dog
}
type Cat implements Pet {
	name(n: Int): String! friend: Cat tag: String! size: Int bark: Int! friends: [Pet!] mate: Cat
}`

// writer writes random documents for the zoo that are valid but for the merging of their fields.
type writer struct {
	*rand.Rand
	fragments map[string]string // by name, the type each is on
	out       strings.Builder
}

var fieldsOf = map[string][]string{
	"Query": {"pet:Pet", "pet(id:1):Pet", "pet(in:{a:1,b:2}):Pet", "pet(in:{b:2,a:1}):Pet", "dog:Dog", "cat:Cat", "x"},
	"Pet":   {"name", "name(n:1)", "friend:Pet", "tag"},
	"Dog":   {"name", "name(n:2)", "friend:Pet", "tag", "size", "bark", "friends:Pet", "mate:Dog"},
	"Cat":   {"name", "name(n:1)", "friend:Cat", "tag", "size", "bark", "friends:Pet", "mate:Cat"},
}

func (w *writer) set(on string, depth int) {
	w.out.WriteString("{__typename ")
	for range 1 + w.IntN(4) {
		switch {
		case depth > 0 && on != "Query" && w.IntN(5) == 0:
			kind := on
			if on == "Pet" {
				kind = []string{"Pet", "Dog", "Cat"}[w.IntN(3)]
			}
			fmt.Fprintf(&w.out, "...on %s", kind)
			w.set(kind, depth-1)
		case on != "Query" && w.IntN(6) == 0:
			if name := fmt.Sprintf("%s%d", on, w.IntN(2)); w.fragments[name] != "" {
				w.out.WriteString("..." + name + " ")
			}
		default:
			w.field(on, depth)
		}
	}
	w.out.WriteString("}")
}

func (w *writer) field(on string, depth int) {
	field := fieldsOf[on][w.IntN(len(fieldsOf[on]))]
	split := strings.LastIndexByte(field, ':')
	of, composite := "", split > strings.LastIndexByte(field, ')')
	if composite {
		field, of = field[:split], field[split+1:]
	}
	if composite && depth == 0 {
		return
	}
	if w.IntN(12) == 0 {
		w.out.WriteString([]string{"a:", "b:", "name:"}[w.IntN(3)])
	}
	w.out.WriteString(field + " ")
	if composite {
		w.set(of, depth-1)
	}
}

func (w *writer) document() string {
	w.fragments = map[string]string{"Pet0": "Pet", "Dog0": "Dog", "Cat0": "Cat"}
	w.out.WriteString("query A ")
	w.set("Query", 3)
	w.out.WriteString(" query B {pet{...Pet0} dog{...Dog0} cat{...Cat0}}") // every fragment is used
	// fragments spread nothing, so that there is no cycle
	w.fragments = nil
	for _, on := range []string{"Pet", "Dog", "Cat"} {
		fmt.Fprintf(&w.out, " fragment %s0 on %s", on, on)
		w.set(on, 2)
	}
	return w.out.String()
}

// The library's own rule, which compares each with each, is the reference: both take and refuse the
// same documents.
func TestMergingAgreesWithTheLibrary(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: zoo})
	reference := rules.NewRules(rules.OverlappingFieldsCanBeMergedRule)
	taken, refused := 0, 0
	for seed := range uint64(4_000) {
		w := writer{Rand: rand.New(rand.NewPCG(seed, 0))}
		text := w.document()
		doc, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		want := validator.ValidateWithRules(schema, doc, reference)
		got := limits.CheckMerging(schema, doc, 0)
		if (len(want) > 0) != (got != nil) {
			t.Fatalf("got %v, the library %v\n%s", got, want, text)
		}
		if got != nil {
			refused++
		} else {
			taken++
		}
	}
	if taken < 400 || refused < 400 {
		t.Errorf("%d taken, %d refused: the documents do not try enough", taken, refused)
	}
}
