package limits

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/relay"
)

// assumedItems is the assumed length of a list whose length the client does not choose, such as the
// stages of a pipeline.
const assumedItems = 10

// complexity estimates the most values that the answer to a valid operation may hold. Each field
// counts one; the fields below a list count once for each item that the list may have. The
// arguments first and last give the size of a connection, the argument ids that of a list by IDs.
type complexity struct {
	op        *ast.OperationDefinition
	variables map[string]any
	varies    bool // a variable was used in the estimate
}

func (c *complexity) operation() int { return c.selections(c.op.SelectionSet, 1) }

// selections is the complexity of a selection set whose lists of a connection's items have items
// each.
func (c *complexity) selections(set ast.SelectionSet, items int) int {
	total := 0
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			total = plus(total, c.field(selection, items))
		case *ast.InlineFragment:
			total = plus(total, c.selections(selection.SelectionSet, items))
		case *ast.FragmentSpread:
			total = plus(total, c.selections(selection.Definition.SelectionSet, items))
		}
	}
	return total
}

func (c *complexity) field(f *ast.Field, items int) int {
	if len(f.SelectionSet) == 0 {
		return 1
	}
	if strings.HasSuffix(f.Definition.Type.NamedType, "Connection") {
		return plus(1, c.selections(f.SelectionSet, c.pageSize(f)))
	}
	below := c.selections(f.SelectionSet, 1)
	switch ids := c.ids(f.Arguments); {
	case ids >= 0:
		return plus(1, times(ids, below))
	case f.Definition.Type.Elem == nil:
		return plus(1, below)
	case strings.HasSuffix(f.ObjectDefinition.Name, "Connection"):
		return plus(1, times(items, below))
	default:
		return plus(1, times(assumedItems, below))
	}
}

// pageSize returns the page size in first or last. An invalid size is refused when the field is
// executed.
func (c *complexity) pageSize(f *ast.Field) int {
	for _, name := range [2]string{"first", "last"} {
		arg := f.Arguments.ForName(name)
		if arg == nil {
			continue
		}
		if size, ok := number(c.value(arg.Value)); ok {
			return max(size, 0)
		}
	}
	return relay.DefaultSize
}

// ids returns how many objects an argument named ids requests, at any depth of the arguments; -1 if
// there is none.
func (c *complexity) ids(args ast.ArgumentList) int {
	for _, arg := range args {
		if n := length(arg.Name, c.value(arg.Value)); n >= 0 {
			return n
		}
	}
	return -1
}

// length returns how many IDs a value of that name holds; -1 if it is not a list of IDs.
func length(name string, value any) int {
	switch value := value.(type) {
	case []any:
		if name == "ids" {
			return len(value)
		}
	case map[string]any:
		if inner, ok := value["ids"]; ok {
			return length("ids", inner)
		}
	default:
		if name == "ids" && value != nil {
			return 1
		}
	}
	return -1
}

// value returns an argument's value: a literal, a variable or its default; nil if it is not given.
func (c *complexity) value(v *ast.Value) any {
	if !holdsVariable(v) {
		literal, _ := v.Value(nil)
		return literal
	}
	c.varies = true
	if v.Kind != ast.Variable {
		literal, _ := v.Value(c.variables)
		return literal
	}
	if given, ok := c.variables[v.Raw]; ok {
		return given
	}
	if def := c.op.VariableDefinitions.ForName(v.Raw); def != nil && def.DefaultValue != nil {
		literal, _ := def.DefaultValue.Value(nil)
		return literal
	}
	return nil
}

func holdsVariable(v *ast.Value) bool {
	if v.Kind == ast.Variable {
		return true
	}
	for _, child := range v.Children {
		if holdsVariable(child.Value) {
			return true
		}
	}
	return false
}

func number(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	}
	return 0, false
}

// plus and times saturate at the largest number.
func plus(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func times(a, b int) int {
	if b != 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}
