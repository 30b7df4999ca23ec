package projection

import (
	"encoding/json"
	"reflect"
	"strings"
)

// kind is what JSON a key of a REST object must hold for restclient to decode it.
type kind uint8

const (
	kindAny kind = iota
	kindText
	kindNumber
	kindInteger
	kindBoolean
	kindObject
	kindTexts   // a list of strings
	kindObjects // a list of objects
)

// restKey is one key that restclient knows of a REST object.
type restKey struct {
	name   string
	kind   kind
	object *restType // of kindObject and of the elements of kindObjects
}

// restType is a REST object as restclient decodes it.
type restType struct {
	number int // among the types
	keys   []restKey
	index  map[string]int
	ignore *shape  // the shape that selects nothing
	memory *memory // that of all types together
}

// restTypes reads the shapes of REST's objects off restclient's types, once.
type restTypes struct {
	known  map[reflect.Type]*restType
	memory *memory
}

func newRestTypes() restTypes { return restTypes{map[reflect.Type]*restType{}, &memory{}} }

func typeFor[T any](types restTypes) *restType { return types.of(reflect.TypeFor[T]()) }

func (types restTypes) of(t reflect.Type) *restType {
	if known := types.known[t]; known != nil {
		return known
	}
	rest := &restType{number: len(types.known), index: map[string]int{}, memory: types.memory}
	types.known[t] = rest
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		key := restKey{name: name}
		key.kind, key.object = types.kindOf(t.Field(i).Type)
		rest.index[name] = len(rest.keys)
		rest.keys = append(rest.keys, key)
	}
	if len(types.known) > maxTypes || len(rest.keys) > maxKeys {
		panic("projection: too many keys or types for the scanner's tables")
	}
	rest.ignore = newShape(rest)
	return rest
}

func (types restTypes) kindOf(t reflect.Type) (kind, *restType) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return kindAny, nil
	case t == reflect.TypeFor[json.Number]():
		return kindNumber, nil
	case t.Kind() == reflect.String:
		return kindText, nil
	case t.Kind() == reflect.Bool:
		return kindBoolean, nil
	case t.Kind() == reflect.Int64:
		return kindInteger, nil
	case t.Kind() == reflect.Struct:
		return kindObject, types.of(t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return kindTexts, nil
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return kindObjects, types.of(t.Elem())
	}
	panic("projection: no kind for " + t.String())
}

// shape is a REST object with what is selected of it: for each key the slot that its span goes to, or none.
type shape struct {
	rest    *restType
	slots   []int16
	objects []*shape
}

const noSlot = -1

func newShape(rest *restType) *shape {
	s := &shape{rest: rest, slots: make([]int16, len(rest.keys)), objects: make([]*shape, len(rest.keys))}
	for i := range s.slots {
		s.slots[i] = noSlot
	}
	return s
}

// layout hands out the slots of a row: those of an object and of the objects inside it.
type layout struct {
	root *shape
	size int
}

// rowIDSlot is where every row of a source has its own id.
const rowIDSlot = 0

// newLayout is the layout of a source's rows.
func newLayout(rest *restType) *layout {
	l := newLayoutWithoutID(rest)
	l.slot(l.root, "id")
	return l
}

func newLayoutWithoutID(rest *restType) *layout { return &layout{root: newShape(rest)} }

// slot is where the spans of a key go.
func (l *layout) slot(s *shape, key string) int {
	i := s.rest.index[key]
	if s.slots[i] == noSlot {
		s.slots[i] = int16(l.size)
		l.size++
	}
	return int(s.slots[i])
}

// object is the shape of an object inside another, and the slot that tells whether it is there.
func (l *layout) object(s *shape, key string) (*shape, int) {
	i := s.rest.index[key]
	if s.objects[i] == nil {
		s.objects[i] = newShape(s.rest.keys[i].object)
	}
	return s.objects[i], l.slot(s, key)
}

// inner is what is selected of the object at a key.
func (s *shape) inner(i int) *shape {
	if s.objects[i] != nil {
		return s.objects[i]
	}
	return s.rest.keys[i].object.ignore
}
