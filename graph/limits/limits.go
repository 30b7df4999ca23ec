// Package limits refuses GraphQL documents that would cost too much, before they are executed.
//
// A document passes, in this order: the length of its text, its tokens (while parsing), its
// structure (depth, aliases, fields where they are spread, …), the validation rules, the merging of
// its fields, the request's variables, and its complexity. Each step is linear in the size that the
// steps before it allow, so that no document costs more than a few tens of milliseconds to check.
// Documents that pass are cached, within a bound; checking them again costs a lookup.
//
// [Documents] is gqlgen's extension and its query cache, so that it protects every transport.
package limits

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// Limits are the bounds of one document. 0 is no bound.
type Limits struct {
	QueryBytes int // length of the document's text
	Tokens     int // lexical tokens
	Depth      int // nesting of fields, through fragments
	Aliases    int // aliased fields of one operation, counted wherever fragments spread them
	RootFields int // top-level fields of one operation
	Mutations  int // top-level fields of one mutation
	Directives int // directives in the document
	Fragments  int // fragment definitions
	Spreads    int // fragment spreads and inline fragments
	Variables  int // variable definitions of one operation
	Deferred   int // deferred fragments of one operation, counted wherever fragments spread them
	Fields     int // fields of all operations and fragments, counted wherever fragments spread them
	Complexity int // most values that the answer may hold, estimated from the page sizes requested
	Errors     int // errors returned for one document

	AnswerBytes int // length of an answer's data

	CachedDocuments int // documents kept
	CachedBytes     int // their memory, estimated
}

// Default returns limits for 512 MB of memory. They allow GraphiQL's introspection, two hundred
// aliases, and five hundred jobs with all their fields.
func Default() Limits {
	return Limits{
		QueryBytes: 256 << 10, Tokens: 30_000, Depth: 30, Aliases: 200, RootFields: 1000,
		Mutations: 20, Directives: 500, Fragments: 200, Spreads: 1000,
		Variables: 200, Deferred: 20, Fields: 20_000, Complexity: 500_000, Errors: 50,
		AnswerBytes:     8 << 20,
		CachedDocuments: 1000, CachedBytes: 16 << 20,
	}
}

// exceeded returns the error of a document over a limit.
func exceeded(limit, what string, value int) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("the document has too %s: %d at most", what, value),
		Extensions: map[string]any{"code": errcode.TooComplex, "limit": limit, "value": value},
	}
}

func past(n, limit int) bool { return limit > 0 && n > limit }

func located(code string, line, column int, format string, args ...any) *gqlerror.Error {
	e := gqlerror.ErrorLocf("", line, column, format, args...)
	return withCode(e, code)
}

func withCode(e *gqlerror.Error, code string) *gqlerror.Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	if e.Extensions["code"] == nil {
		e.Extensions["code"] = code
	}
	return e
}
