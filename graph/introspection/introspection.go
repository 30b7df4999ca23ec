// Package introspection makes gqlgen's answers about the schema those of the specification. Clients
// that decode them strictly fail on the differences.
package introspection

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
)

// listed are the lists of a type, and the kinds of types that have them. Other kinds have null.
var listed = map[string][]string{
	"fields":        {"OBJECT", "INTERFACE"},
	"interfaces":    {"OBJECT", "INTERFACE"},
	"possibleTypes": {"INTERFACE", "UNION"},
	"enumValues":    {"ENUM"},
	"inputFields":   {"INPUT_OBJECT"},
	"isOneOf":       {"INPUT_OBJECT"},
}

// Field is a field middleware for gqlgen's executor.
func Field(ctx context.Context, next graphql.Resolver) (any, error) {
	at := graphql.GetFieldContext(ctx)
	if at.Object == "__Type" {
		return typeField(ctx, at, next)
	}
	return next(ctx)
}

func typeField(ctx context.Context, at *graphql.FieldContext, next graphql.Resolver) (any, error) {
	kinds, ok := listed[at.Field.Name]
	of, known := at.Parent.Result.(*introspection.Type)
	if ok && known && !slices.Contains(kinds, of.Kind()) {
		return nil, nil
	}
	result, err := next(ctx)
	if types, ok := result.([]introspection.Type); ok && at.Field.Name == "possibleTypes" {
		// An interface is not a possible type of an interface that it implements.
		result = slices.DeleteFunc(types, func(t introspection.Type) bool { return t.Kind() != "OBJECT" })
	}
	return result, err
}
