package limits

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// Every alias of a document may use the same value, and each use is parsed, compared with rows or
// sent to GitLab. These bounds keep the cost of one use small. They apply to literals and
// variables.
const (
	// maxStringBytes is the longest string in the arguments of a read. Names are no longer than 255
	// characters at GitLab, global IDs with a project's full path and cursors are a little longer. The
	// values of a mutation are not bounded here: they are used once.
	maxStringBytes = 1024
	// maxItems is the longest list in an argument.
	maxItems = 500
)

var (
	stringTooLong = fmt.Sprintf("must be %d bytes at most", maxStringBytes)
	tooManyItems  = fmt.Sprintf("must have %d items at most", maxItems)
)

// boundedArguments is the name of the rule that applies these bounds to literals.
const boundedArguments = "BoundedArguments"

func checkArguments(observers *core.Events, add core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		reads := field.ObjectDefinition == nil || field.ObjectDefinition.Name != "Mutation"
		for _, argument := range field.Arguments {
			if path, problem := literalProblem(argument.Value, reads); problem != "" {
				add(core.Message("%s%s: %s", argument.Name, path, problem), core.At(argument.Position))
			}
		}
	})
}

// literalProblem returns what is wrong with a literal and the path to it below the argument.
func literalProblem(value *ast.Value, reads bool) (path, problem string) {
	switch value.Kind {
	case ast.StringValue, ast.BlockValue:
		if reads && len(value.Raw) > maxStringBytes {
			return "", stringTooLong
		}
	case ast.ListValue:
		if len(value.Children) > maxItems {
			return "", tooManyItems
		}
	}
	for i, child := range value.Children {
		below, problem := literalProblem(child.Value, reads)
		switch {
		case problem == "":
			continue
		case value.Kind == ast.ListValue:
			return fmt.Sprintf("[%d]%s", i, below), problem
		}
		return "." + child.Name + below, problem
	}
	return "", ""
}
