// Package mapping maps the fields of REST objects to the fields of the graph.
//
// The mapping is derived: gqlgen binds a graph field to the field of the same name of a Go struct,
// whose JSON tag names the REST key; [New] follows the same rule over the same structs. So a scalar
// field that GitLab sends is added to the schema and to the struct, and to nothing else. Exceptions
// are in the tables of exceptions.go.
package mapping

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/restclient"
)

// Kind is how a value is converted from REST JSON.
type Kind uint8

const (
	Text     Kind = iota // a string
	Verbatim             // a number or a boolean
	Decimal              // a number, or a number in a string
	Word                 // one of an enum's words
	Texts                // a list of strings; empty where REST leaves it out
	Object               // an object; null where REST has none
	GlobalID             // a number, as a global ID
)

// Field is a graph field that one REST key answers.
type Field struct {
	Name     string // of the graph
	Key      string // of REST
	Kind     Kind
	Nullable bool // a key that is null or left out is null; otherwise it is not what GitLab should send
	// NeverEmpty marks a text that GitLab always sends: an empty one counts as left out.
	NeverEmpty bool
	Words      map[string][]byte         // of Word: GitLab's word to the graph's, both as JSON
	Type       *Type                     // of Object
	ID         func(number int64) string // of GlobalID
	// Lackable marks a field that a partial object may lack: if it does, the object's own REST call
	// answers it.
	Lackable bool
}

// Type is a type of the graph whose objects are REST objects.
type Type struct {
	Name       string
	Implements []string     // its name and its interfaces
	REST       reflect.Type // the struct that REST JSON is decoded into
	Fields     map[string]*Field
}

// Mapping has the types by name.
type Mapping struct {
	schema *ast.Schema
	types  map[string]*Type
}

// New derives the mapping from a schema. It panics if a table names a type or field that the schema
// does not have, which is a programming error.
func New(schema *ast.Schema) *Mapping {
	m := &Mapping{schema: schema, types: map[string]*Type{}}
	for name, o := range objects {
		definition := schema.Types[name]
		if definition == nil {
			panic("mapping: the schema has no type " + name)
		}
		m.types[name] = &Type{
			Name: name, Implements: append([]string{name}, definition.Interfaces...), REST: o.rest, Fields: map[string]*Field{},
		}
	}
	for name, t := range m.types {
		for _, definition := range schema.Types[name].Fields {
			if f := m.field(t, objects[name], definition); f != nil {
				t.Fields[f.Name] = f
			}
		}
	}
	return m
}

// Type returns a type by its name; nil if its objects are not REST objects.
func (m *Mapping) Type(name string) *Type { return m.types[name] }

// Implements returns a type's name and its interfaces.
func (m *Mapping) Implements(name string) []string {
	if t := m.types[name]; t != nil {
		return t.Implements
	}
	if d := m.schema.Types[name]; d != nil {
		return append([]string{name}, d.Interfaces...)
	}
	return []string{name}
}

// field derives how a field is read; nil if no single key answers it.
func (m *Mapping) field(t *Type, o object, d *ast.FieldDefinition) *Field {
	if len(d.Arguments) > 0 || strings.HasPrefix(d.Name, "__") {
		return nil
	}
	f := &Field{Name: d.Name, Lackable: o.partial && !d.Type.NonNull && !slices.Contains(o.carried, d.Name)}
	if id := globalIDs[t.Name]; id != nil && d.Name == "id" {
		f.Key, f.Kind, f.ID = "id", GlobalID, id
		return f
	}
	member, renamed := renamed(t, d.Name)
	if !renamed {
		member = d.Name
	}
	from, found := fieldNamed(t.REST, member)
	if !found {
		return nil
	}
	f.Key, _, _ = strings.Cut(from.Tag.Get("json"), ",")
	optional := from.Type.Kind() == reflect.Pointer || from.Type == reflect.TypeFor[json.RawMessage]()
	f.Nullable = optional && !d.Type.NonNull
	f.NeverEmpty = from.Type == reflect.TypeFor[restclient.Time]() || from.Type == reflect.TypeFor[restclient.Text]()
	named := m.schema.Types[d.Type.Name()]
	switch {
	case d.Type.Elem != nil:
		f.Kind = Texts
		if !renamed || from.Type != reflect.TypeFor[[]string]() {
			return nil
		}
	case named.Kind == ast.Enum:
		f.Kind, f.Words = Word, words(named)
		if elem(from.Type).Kind() != reflect.String {
			return nil
		}
	case named.IsCompositeType():
		f.Kind, f.Type = Object, m.types[named.Name]
		if f.Type == nil || objects[named.Name].addressed || elem(from.Type) != f.Type.REST || !optional {
			return nil
		}
	case !renamed && computed(o.model, d.Name):
		return nil
	default:
		var fits bool
		if f.Kind, fits = scalar(named.Name, elem(from.Type)); !fits {
			return nil
		}
	}
	return f
}

// scalar returns the kind of a scalar; false if the Go type is not the scalar's.
func scalar(name string, t reflect.Type) (Kind, bool) {
	switch name {
	case "String", "URL", "DateTime":
		return Text, t.Kind() == reflect.String && t != reflect.TypeFor[json.Number]()
	case "Float":
		if t == reflect.TypeFor[json.RawMessage]() {
			return Decimal, true
		}
		return Verbatim, t == reflect.TypeFor[json.Number]()
	case "BigInt", "Int":
		return Verbatim, t.Kind() == reflect.Int64
	case "Boolean":
		return Verbatim, t.Kind() == reflect.Bool
	}
	return 0, false
}

// words returns GitLab's words of an enum, which are the graph's in lower case. A word that is not
// among them is UNKNOWN.
func words(enum *ast.Definition) map[string][]byte {
	known := map[string][]byte{}
	for _, v := range enum.EnumValues {
		if v.Name != Unknown {
			known[`"`+strings.ToLower(v.Name)+`"`] = []byte(`"` + v.Name + `"`)
		}
	}
	return known
}

// Unknown is every enum's value for a word of a newer GitLab that this gateway does not have.
const Unknown = "UNKNOWN"

func renamed(t *Type, field string) (string, bool) {
	if member, ok := renames[t.Name+"."+field]; ok {
		return member, true
	}
	member, ok := renames["*."+field]
	return member, ok
}

// fieldNamed finds the struct field that gqlgen binds to a graph field: names are compared without
// case.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if f := t.Field(i); strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// computed reports whether a method of the model answers a field, instead of a key.
func computed(model reflect.Type, field string) bool {
	pointer := reflect.PointerTo(model)
	for i := range pointer.NumMethod() {
		if strings.EqualFold(pointer.Method(i).Name, field) {
			return true
		}
	}
	return false
}

func elem(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// String returns the field as a line of an explanation.
func (f *Field) String() string { return fmt.Sprintf("%s ← %s", f.Name, f.Key) }
