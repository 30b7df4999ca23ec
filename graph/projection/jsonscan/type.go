package jsonscan

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// valueKind is the kind of JSON value that a key must have to be decoded.
type valueKind uint8

const (
	anyValue valueKind = iota
	textValue
	numberValue
	integerValue
	booleanValue
	structValue
	textsValue   // a list of strings
	structsValue // a list of objects
)

// key is one key of an object.
type key struct {
	name   string
	text   string // the name in quotes, with a colon
	kind   valueKind
	object *Type // of structValue and of the elements of structsValue
}

// Type is a kind of object: its keys are those of a Go struct's JSON tags.
type Type struct {
	number int // among the types
	keys   []key
	index  map[string]int
	none   *Shape // the shape that selects nothing

	scanners *sync.Pool // of all types of a set
}

// Types are the types of one program. They are made once and never change.
type Types struct {
	known    map[reflect.Type]*Type
	scanners *sync.Pool // of *scanner; each knows the order of the keys in earlier bodies
}

// NewTypes returns an empty set.
func NewTypes() *Types {
	return &Types{map[reflect.Type]*Type{}, &sync.Pool{New: func() any { return new(scanner) }}}
}

// Of returns the type of a struct. It panics on a struct that has a field of a kind that is not
// known: a mistake of the programmer.
func (types *Types) Of(t reflect.Type) *Type {
	if known := types.known[t]; known != nil {
		return known
	}
	made := &Type{number: len(types.known), index: map[string]int{}, scanners: types.scanners}
	types.known[t] = made
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		k := key{name: name, text: `"` + name + `":`}
		k.kind, k.object = types.kindOf(t.Field(i).Type)
		made.index[name] = len(made.keys)
		made.keys = append(made.keys, k)
	}
	if len(types.known) > maxTypes || len(made.keys) > maxKeys {
		panic("jsonscan: too many types, or keys of one type, for the scanner's tables")
	}
	made.none = newShape(made)
	return made
}

func (types *Types) kindOf(t reflect.Type) (valueKind, *Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return anyValue, nil
	case t == reflect.TypeFor[json.Number]():
		return numberValue, nil
	case t.Kind() == reflect.String:
		return textValue, nil
	case t.Kind() == reflect.Bool:
		return booleanValue, nil
	case t.Kind() == reflect.Int64:
		return integerValue, nil
	case t.Kind() == reflect.Struct:
		return structValue, types.Of(t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return textsValue, nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return structsValue, types.Of(t.Elem())
	}
	panic("jsonscan: no kind for " + t.String())
}
