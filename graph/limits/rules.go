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

// messageBytes is the longest message: messages quote the document, and a document may hold one huge name or value.
const messageBytes = 500

// nameBytes is the longest name for which similar ones are searched, which costs as much as the name is long, for each name of the schema.
const nameBytes = 64

// enough ends a validation that has found as many errors as are told.
type enough struct{}

// validate applies the specification's rules, but for the merging of fields, which [checkMerging] does at less cost. It stops at the
// given number of errors, for each error costs the making of its message. With introspection off, it tells nothing of the schema.
func validate(schema *ast.Schema, doc *ast.QueryDocument, text string, introspection bool, most int) (errs gqlerror.List) {
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

// ruleSet is the library's rules without the costly one, with ours added.
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

// ruleCode tells what a client did wrong: a value that does not fit its type is the user's input, anything else the document.
func ruleCode(rule string) string {
	if strings.HasPrefix(rule, rules.ValuesOfCorrectTypeRule.Name) || rule == "ScalarLiterals" || rule == boundedArguments {
		return errcode.BadUserInput
	}
	return errcode.ValidationFailed
}

// scalarLiterals checks what the library's rule leaves to execution: the range of whole numbers, and custom scalars.
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

// noIntrospection refuses the fields that tell the schema.
func noIntrospection(observers *core.Events, add core.AddErrFunc) {
	observers.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Name == "__schema" || field.Name == "__type" {
			add(core.Message("Introspection is switched off."), core.At(field.Position))
		}
	})
}

// hasLongName reports whether the text has a run of letters that may be a name for which no similar one should be searched.
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

// clip shortens a message that quotes too much, between two characters.
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
