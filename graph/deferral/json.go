package deferral

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/internal/incremental"
)

// What is read here is the JSON of the gateway's own answers: it is valid, has no spaces between
// tokens, and no escapes in its names. Values are parts of the text, not copies.

// walk visits the objects that a path leads to in answers to parts of one operation, through lists.
// Visit gets an object's path, and what each answer has of it.
func walk(answers []json.RawMessage, path []string, at ast.Path, visit func(at ast.Path, object []json.RawMessage)) {
	answers = slices.DeleteFunc(slices.Clone(answers), isNull)
	switch {
	case len(answers) == 0:
	case answers[0][0] == '[':
		lists := make([][]json.RawMessage, len(answers))
		longest := 0
		for i, a := range answers {
			lists[i] = slices.Collect(elements(a))
			longest = max(longest, len(lists[i]))
		}
		for i := range longest {
			var of []json.RawMessage
			for _, list := range lists {
				if i < len(list) {
					of = append(of, list[i])
				}
			}
			walk(of, path, append(slices.Clip(at), ast.PathIndex(i)), visit)
		}
	case answers[0][0] != '{':
	case len(path) == 0:
		visit(at, answers)
	default:
		walk(values(answers, path[0]), path[1:], append(slices.Clip(at), ast.PathName(path[0])), visit)
	}
}

// values returns what objects have under a name.
func values(objects []json.RawMessage, name string) []json.RawMessage {
	var found []json.RawMessage
	for _, o := range objects {
		for key, value := range fields(o) {
			if key == name {
				found = append(found, value)
				break
			}
		}
	}
	return found
}

// additions returns what an object has that the others at its place have not, below the path at.
func additions(object json.RawMessage, others []json.RawMessage, at ast.Path) []incremental.Addition {
	known := map[string][]json.RawMessage{}
	for _, o := range others {
		for name, value := range fields(o) {
			known[name] = append(known[name], value)
		}
	}
	fresh := []byte{'{'}
	var below []incremental.Addition
	for name, value := range fields(object) {
		if sent, ok := known[name]; ok {
			below = append(below, additionsBelow(value, sent, append(slices.Clip(at), ast.PathName(name)))...)
			continue
		}
		if len(fresh) > 1 {
			fresh = append(fresh, ',')
		}
		fresh = append(append(append(append(fresh, '"'), name...), `":`...), value...)
	}
	if len(fresh) == 1 {
		return below
	}
	return append([]incremental.Addition{{SubPath: at, Data: append(fresh, '}')}}, below...)
}

// additionsBelow is additions for a value of any kind.
func additionsBelow(value json.RawMessage, others []json.RawMessage, at ast.Path) []incremental.Addition {
	var found []incremental.Addition
	walk([]json.RawMessage{value}, nil, at, func(place ast.Path, object []json.RawMessage) {
		same := others
		for _, step := range place[len(at):] {
			same = nth(same, int(step.(ast.PathIndex)))
		}
		found = append(found, additions(object[0], slices.DeleteFunc(slices.Clone(same), isNull), place)...)
	})
	return found
}

// nth returns the elements of lists at one index.
func nth(lists []json.RawMessage, index int) []json.RawMessage {
	var found []json.RawMessage
	for _, list := range lists {
		if isNull(list) {
			continue
		}
		if all := slices.Collect(elements(list)); index < len(all) {
			found = append(found, all[index])
		}
	}
	return found
}

func isNull(value json.RawMessage) bool { return len(value) == 0 || value[0] == 'n' }

// fields are the fields of an object.
func fields(object json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for at := 1; object[at] != '}'; {
			if object[at] == ',' {
				at++
			}
			name := object[at+1 : at+1+bytes.IndexByte(object[at+1:], '"')]
			at += len(name) + len(`"":`)
			n := length(object[at:])
			if !yield(string(name), object[at:at+n]) {
				return
			}
			at += n
		}
	}
}

// elements are the elements of a list.
func elements(list json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		for at := 1; list[at] != ']'; {
			if list[at] == ',' {
				at++
			}
			n := length(list[at:])
			if !yield(list[at : at+n]) {
				return
			}
			at += n
		}
	}
}

// length returns the length of the value that a text begins with.
func length(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return i
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
