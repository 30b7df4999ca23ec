package limits

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync/atomic"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
)

// AnswerLimit is an extension that bounds the length of an answer's data while the answer is made.
// The executor's fields are counted when they are resolved, before they are written. An engine that
// writes its answers itself gets the count from [AnswerFor].
//
// The keys and the strings are counted as they will be written, so the count is never more than the
// length of the answer. Over the limit, nullable fields are no longer resolved, strings are
// dropped, lists are truncated, and the answer is an error.
type AnswerLimit struct{ Bytes int }

var _ interface {
	graphql.HandlerExtension
	graphql.FieldInterceptor
	graphql.ResponseInterceptor
} = AnswerLimit{}

// ExtensionName is the extension's name for gqlgen.
func (AnswerLimit) ExtensionName() string { return "AnswerLimit" }

// Validate accepts every schema.
func (AnswerLimit) Validate(graphql.ExecutableSchema) error { return nil }

// Answer counts the bytes of one answer.
type Answer struct {
	limit   int64
	counted atomic.Int64
	sent    atomic.Int64 // of parts that were made already
	memory  *budget.Meter
}

// The memory of one of the executor's fields: the field itself, and its value in the tree and in
// the text made from it.
const (
	fieldMemory = 128
	valueFactor = 3
)

// count counts n bytes of the answer, and reserves the memory to make them. If there is none, the
// answer is abandoned.
func (a *Answer) count(n int64) {
	a.counted.Add(n)
	if a.memory.Add(fieldMemory+valueFactor*n) != nil {
		a.Exceed()
	}
}

type answerKey struct{}

// AnswerFor returns the count of the current request's answer, or nil if it has no limit.
func AnswerFor(ctx context.Context) *Answer {
	a, _ := ctx.Value(answerKey{}).(*Answer)
	return a
}

// Limit returns the most bytes that the answer, or the next part of it, may have.
func (a *Answer) Limit() int { return int(max(a.limit-a.sent.Load(), 1)) }

// Exceed records that the answer is longer than its limit.
func (a *Answer) Exceed() { a.counted.Add(a.limit + 1) }

func (a *Answer) exceeded() bool { return a.counted.Load() > a.limit }

// InterceptResponse counts the answer's bytes and replaces an answer that is too long.
func (l AnswerLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if l.Bytes <= 0 {
		return next(ctx)
	}
	a := AnswerFor(ctx)
	if a == nil {
		ctx = l.Share(ctx)
		a = AnswerFor(ctx)
	}
	response := next(ctx)
	if response != nil && (a.sent.Add(int64(len(response.Data))) > a.limit || a.exceeded()) {
		response.Data = json.RawMessage("null")
		response.Errors = gqlerror.List{l.tooLong()}
	}
	return response
}

// Share returns a context whose responses are parts of one answer, which is bounded as a whole.
func (l AnswerLimit) Share(ctx context.Context) context.Context {
	if l.Bytes <= 0 {
		return ctx
	}
	a := &Answer{limit: int64(l.Bytes), memory: budget.NewMeter(budget.From(ctx))}
	return context.WithValue(ctx, answerKey{}, a)
}

func (l AnswerLimit) tooLong() *gqlerror.Error {
	return &gqlerror.Error{
		Message:    fmt.Sprintf("the answer is longer than %d bytes; ask for smaller pages or fewer fields", l.Bytes),
		Extensions: map[string]any{"code": errcode.AnswerTooLarge, "limit": "answer-bytes", "value": l.Bytes},
	}
}

// InterceptField counts one of the executor's fields.
func (AnswerLimit) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	a := AnswerFor(ctx)
	if a == nil {
		return next(ctx)
	}
	field := graphql.GetFieldContext(ctx).Field
	if a.exceeded() && field.Definition != nil && !field.Definition.Type.NonNull {
		return nil, nil
	}
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	a.count(int64(len(field.Alias)+len(`"":,`)) + valueLength(value))
	if a.exceeded() {
		return emptied(value), nil
	}
	return value, nil
}

// shortest is the length of the shortest values that are not strings: a digit, or an object without
// fields.
const shortest = 1

// valueLength returns the minimum length of a resolved value when it is written, without the fields
// below it.
func valueLength(value any) int64 {
	switch value := value.(type) {
	case string:
		return quotedLength(value)
	case *string:
		if value != nil {
			return quotedLength(*value)
		}
		return int64(len("null"))
	case []string:
		total := int64(len("[]"))
		for _, s := range value {
			total += quotedLength(s)
		}
		return total
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.String { // a time, a number as sent, a status
		return int64(v.Len())
	}
	return shortest
}

// quotedLength is the length of a string as gqlgen writes it, without the quotes.
func quotedLength(s string) int64 {
	n := len(s)
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '\t' || c == '\r' || c == '\n':
			n++
		case c < 0x20:
			n += len(`\u0000`) - 1
		case c >= utf8.RuneSelf:
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
			continue
		}
		i++
	}
	return int64(n)
}

// emptied returns a value of the same type with its strings and lists emptied.
func emptied(value any) any {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.String:
		return reflect.Zero(v.Type()).Interface()
	case reflect.Slice:
		return reflect.MakeSlice(v.Type(), 0, 0).Interface()
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.String {
			return reflect.Zero(v.Type()).Interface()
		}
	}
	return value
}
