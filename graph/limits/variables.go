package limits

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/model"
)

// checkScalar returns why a value is not valid for a scalar. Scalars that are not listed accept any
// value. The library's own coercion accepts quoted numbers for Int and Float, numbers for String,
// and numbers of more than 32 bits for Int.
func checkScalar(name string, v any) error {
	var err error
	switch name {
	case "Int":
		_, err = model.UnmarshalInt(v)
	case "Float":
		_, err = model.UnmarshalFloat(v)
	case "String", "URL":
		_, err = model.UnmarshalString(v)
	case "Boolean":
		_, err = model.UnmarshalBoolean(v)
	case "BigInt":
		_, err = model.UnmarshalBigInt(v)
	case "DateTime":
		_, err = model.UnmarshalDateTime(v)
	case "ID":
		err = checkID(v)
	}
	return err
}

// checkID accepts strings and integers, as the specification requires.
func checkID(v any) error {
	switch v := v.(type) {
	case string:
		return nil
	case json.Number:
		if _, whole := new(big.Int).SetString(string(v), 10); whole {
			return nil
		}
	case int64, int:
		return nil
	}
	return fmt.Errorf("must be a string or a whole number")
}

// checkVariables checks the variables of a request against their declared types, strictly, before
// anything is executed.
func checkVariables(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	for _, def := range op.VariableDefinitions {
		value, given := variables[def.Variable]
		if !given {
			if def.Type.NonNull && def.DefaultValue == nil {
				return badVariable(def, "$"+def.Variable, "is required")
			}
			continue
		}
		c := coercion{schema: schema, reads: op.Operation != ast.Mutation}
		if problem := c.check(def.Type, value); problem != "" {
			return badVariable(def, "$"+def.Variable+c.where(), problem)
		}
	}
	return nil
}

func badVariable(def *ast.VariableDefinition, where, problem string) *gqlerror.Error {
	message := clip(where + " of type " + def.Type.String() + ": " + problem)
	e := located(errcode.BadUserInput, def.Position.Line, def.Position.Column, "%s", message)
	e.Extensions["variable"] = def.Variable
	return e
}

// coercion checks one value; path is the path to the wrong value, innermost step first.
type coercion struct {
	schema *ast.Schema
	reads  bool // the operation is not a mutation
	path   []string
}

func (c *coercion) where() string {
	where := ""
	for _, step := range c.path {
		where = step + where
	}
	return where
}

// within adds a step to the path, if there is a problem.
func (c *coercion) within(step, problem string) string {
	if problem != "" {
		c.path = append(c.path, step)
	}
	return problem
}

// check returns what is wrong with a value for a type, or "".
func (c *coercion) check(t *ast.Type, value any) string {
	if value == nil {
		if t.NonNull {
			return "must not be null"
		}
		return ""
	}
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return c.check(t.Elem, value) // a single value is coerced to a list of one
		}
		if len(list) > maxItems {
			return tooManyItems
		}
		for i, item := range list {
			if problem := c.check(t.Elem, item); problem != "" {
				return c.within("["+strconv.Itoa(i)+"]", problem)
			}
		}
		return ""
	}
	def := c.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		if name, ok := value.(string); !ok || def.EnumValues.ForName(name) == nil {
			return "must be one of the values of the enum " + def.Name
		}
	case ast.InputObject:
		return c.object(def, value)
	default:
		if err := checkScalar(def.Name, value); err != nil {
			return err.Error()
		}
		if text, ok := value.(string); ok && c.reads && len(text) > maxStringBytes {
			return stringTooLong
		}
	}
	return ""
}

func (c *coercion) object(def *ast.Definition, value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		return "must be an object of type " + def.Name
	}
	known := 0
	for _, field := range def.Fields {
		v, given := object[field.Name]
		if given {
			known++
		}
		if !given {
			if field.Type.NonNull && field.DefaultValue == nil {
				return c.within("."+field.Name, "is required")
			}
			continue
		}
		if problem := c.check(field.Type, v); problem != "" {
			return c.within("."+field.Name, problem)
		}
	}
	if known != len(object) {
		return "has a field that " + def.Name + " does not have"
	}
	if def.Directives.ForName("oneOf") != nil && len(object) != 1 {
		return "must have exactly one field"
	}
	return ""
}
