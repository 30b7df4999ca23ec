// Package incremental describes an answer that comes in several parts, as @defer asks for:
// graph/deferral makes the parts, a transport sends them in the [Format] that its client accepts.
package incremental

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Part is what one part of an answer has besides its data and errors.
type Part struct {
	Pending []*Pending // what is deferred from here on
	Results []Result   // of what was deferred
	HasNext bool
}

// Pending is an object for which a fragment is deferred.
type Pending struct {
	ID    string
	Path  ast.Path // of the object
	Label string
}

// Result is the answer to a deferred fragment on one object.
type Result struct {
	Of     *Pending
	Data   json.RawMessage // nil if the fragment failed, or is not on this object's type
	New    []Addition      // what of Data no part before has
	Errors gqlerror.List
}

// Failed reports whether the fragment has an error in place of data.
func (r *Result) Failed() bool { return r.Data == nil && len(r.Errors) > 0 }

// Addition is an object with fields that were not sent before.
type Addition struct {
	SubPath ast.Path // below the object of the fragment
	Data    json.RawMessage
}

type allowedKey struct{}

// Allow returns a context for an operation that may be answered in parts.
func Allow(ctx context.Context) context.Context { return context.WithValue(ctx, allowedKey{}, true) }

// Allowed reports whether the context's operation may be answered in parts.
func Allowed(ctx context.Context) bool { return ctx.Value(allowedKey{}) != nil }

// key is that of the extension in which a response carries its part from the executor to the
// transport.
const key = "incremental"

// Attach makes the response a part of an answer.
func Attach(response *graphql.Response, p *Part) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[key] = p
}

// Detach returns the part that a response is, and removes it from the extensions; nil if the
// response is a complete answer.
func Detach(response *graphql.Response) *Part {
	p, _ := response.Extensions[key].(*Part)
	if p != nil {
		delete(response.Extensions, key)
	}
	return p
}
