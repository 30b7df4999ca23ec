package jsonscan

// Shape is an object with what is selected of it: for each key the slot of its span, if any.
type Shape struct {
	of    *Type
	slots []int16
	inner []*Shape // what is selected of the objects inside; nil if nothing is

	around   *Shape  // nil for the shape of a row
	selected []int16 // all slots, of the objects inside too
}

const noSlot = -1

func newShape(t *Type) *Shape {
	s := &Shape{of: t, slots: make([]int16, len(t.keys))}
	for i := range s.slots {
		s.slots[i] = noSlot
	}
	return s
}

// Layout assigns the slots of a row: those of an object and of the objects inside it.
type Layout struct {
	Root   *Shape
	Size   int // slots
	hasID  bool
	shapes int // shapes and keys of them, for Bytes
}

// IDSlot is the slot in which every row of a layout with IDs has its own id.
const IDSlot = 0

// NewLayout returns the layout of objects that have an id.
func NewLayout(t *Type) *Layout {
	l := NewElementLayout(t)
	l.hasID = true
	l.Slot(l.Root, "id")
	return l
}

// NewElementLayout returns the layout of objects that need not have an id.
func NewElementLayout(t *Type) *Layout { return &Layout{Root: newShape(t), shapes: len(t.keys)} }

// Slot returns the slot of a key's spans. It selects the key if it was not selected yet.
func (l *Layout) Slot(s *Shape, key string) int {
	i, known := s.of.index[key]
	if !known {
		panic("jsonscan: no key " + key)
	}
	if s.slots[i] == noSlot {
		s.slots[i] = int16(l.Size)
		for at := s; at != nil; at = at.around {
			at.selected = append(at.selected, int16(l.Size))
		}
		l.Size++
	}
	return int(s.slots[i])
}

// Object returns the shape of the object at a key, and the slot that has the object's own span.
func (l *Layout) Object(s *Shape, key string) (*Shape, int) {
	slot := l.Slot(s, key)
	i := s.of.index[key]
	if s.inner == nil {
		s.inner = make([]*Shape, len(s.of.keys))
		l.shapes += 4 * len(s.of.keys)
	}
	if s.inner[i] == nil {
		s.inner[i] = newShape(s.of.keys[i].object)
		s.inner[i].around = s
		l.shapes += len(s.of.keys[i].object.keys)
	}
	return s.inner[i], slot
}

// Bytes estimates the memory that the layout takes.
func (l *Layout) Bytes() int { return 150 + 2*l.shapes }

// ElementsOf returns the type of the objects in the list at a key.
func (s *Shape) ElementsOf(key string) *Type { return s.of.keys[s.of.index[key]].object }

// below returns what is selected of the object at a key.
func (s *Shape) below(i int) *Shape {
	if s.inner != nil && s.inner[i] != nil {
		return s.inner[i]
	}
	return s.of.keys[i].object.none
}

// Has reports whether the object's type has a key.
func (s *Shape) Has(key string) bool {
	_, known := s.of.index[key]
	return known
}

// InnerHas reports whether the type of the object at a key has another key.
func (s *Shape) InnerHas(object, key string) bool {
	i, known := s.of.index[object]
	if !known || s.of.keys[i].object == nil {
		return false
	}
	_, known = s.of.keys[i].object.index[key]
	return known
}
