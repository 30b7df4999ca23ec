package limits

import (
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"jobgraph/graph/errcode"
)

// messageBytes is the maximum length of an error message: messages quote the document, which may
// hold one huge name or value.
const messageBytes = 500

// nameBytes is the longest name for which similar names are suggested. The search costs time in
// proportion to the name's length, for each name of the schema.
const nameBytes = 64

// enough is the panic value that ends a validation with the maximum number of errors.
type enough struct{}

// validate applies the specification's rules, but for the merging of fields, which [checkMerging]
// does at less cost. It stops at the given number of errors, because making each message costs
// time. Without introspection, the messages reveal nothing of the schema.
func validate(
	schema *ast.Schema,
	doc *ast.QueryDocument,
	text string,
	introspection bool,
	most int,
) (errs gqlerror.List) {
	defer func() {
		// The library has no other way to stop a walk than to unwind it.
		if cause := recover(); cause != nil && cause != any(enough{}) {
			panic(cause)
		}
	}()
	suggest := introspection && !hasLongName(text)
	set := ruleSet(introspection, suggest)
	bounded := rules.NewRules()
	for name, rule := range set.GetInner() {
		bounded.AddRule(name, func(observers *core.Events, add core.AddErrFunc) {
			rule(observers, func(options ...core.ErrorOption) {
				e := &gqlerror.Error{Rule: name}
				for _, option := range options {
					option(e)
				}
				if !suggest {
					e.Message, _, _ = strings.Cut(e.Message, " Did you mean")
				}
				e.Message = clip(e.Message)
				errs = append(errs, withCode(e, ruleCode(name)))
				if past(len(errs)+1, most) {
					panic(enough{})
				}
			})
		})
	}
	_ = validator.ValidateWithRules(schema, doc, bounded) // bounded collects the errors
	return errs
}

// ruleSet returns the library's rules without the costly one, and with this package's.
func ruleSet(introspection, suggest bool) *rules.Rules {
	set := rules.NewDefaultRules()
	set.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	if !suggest {
		for with, without := range map[string]core.Rule{
			rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
			rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
			rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
			rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		} {
			set.RemoveRule(with)
			set.AddRule(without.Name, without.RuleFunc)
		}
	}
	set.AddRule("ScalarLiterals", scalarLiterals)
	set.AddRule(boundedArguments, checkArguments)
	if !introspection {
		set.AddRule("NoIntrospection", noIntrospection)
	}
	return set
}

// ruleCode returns the error code of a rule: a value that does not fit its type is bad user input,
// all else is an invalid document.
func ruleCode(rule string) string {
	if strings.HasPrefix(rule, rules.ValuesOfCorrectTypeRule.Name) || rule == "ScalarLiterals" ||
		rule == boundedArguments {
		return errcode.BadUserInput
	}
	return errcode.ValidationFailed
}

// scalarLiterals checks what the library's rule leaves to execution: the range of integers, and
// custom scalars.
func scalarLiterals(observers *core.Events, add core.AddErrFunc) {
	observers.OnValue(func(_ *core.Walker, value *ast.Value) {
		if value.Definition == nil || value.Definition.Kind != ast.Scalar {
			return
		}
		switch value.Kind {
		case ast.Variable, ast.NullValue, ast.ListValue:
			return
		}
		if value.Definition.BuiltIn && value.Kind != ast.IntValue {
			return
		}
		literal, err := value.Value(nil)
		if err == nil {
			err = checkScalar(value.Definition.Name, literal)
		}
		if err != nil {
			add(core.Message(`%s cannot represent the value: %s.`, value.Definition.Name, err), core.At(value.Position))
		}
	})
}

// noIntrospection refuses the introspection fields.
func noIntrospection(observers *core.Events, add core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			add(core.Message("Introspection is switched off."), core.At(field.Position))
		}
	})
}

// hasLongName reports whether the text may contain a name longer than nameBytes.
func hasLongName(text string) bool {
	run := 0
	for i := range len(text) {
		c := text[i]
		if c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			if run++; run > nameBytes {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// clip truncates a long message between two characters.
func clip(message string) string {
	if len(message) <= messageBytes {
		return message
	}
	end := messageBytes
	for end > 0 && !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "…"
}
