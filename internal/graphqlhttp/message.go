package graphqlhttp

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Decode reads a GraphQL request from JSON that did not come in an HTTP body, as strictly as one.
func (t *Transport) Decode(data []byte) (*graphql.RawParams, *gqlerror.Error) {
	params := &graphql.RawParams{}
	d := decoder{data: data, maxDepth: t.config.JSONDepth}
	if fault := d.request(params); fault != nil {
		return nil, &fault.error
	}
	return params, nil
}

// Deadline returns a context that ends when the time of a request is up.
func (t *Transport) Deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return t.deadline(ctx)
}

// TimedOut returns the error of a request that timed out, or nil.
func TimedOut(ctx context.Context) *gqlerror.Error {
	if late, ok := errors.AsType[*TimeoutError](context.Cause(ctx)); ok {
		return &tookTooLong(late).error
	}
	return nil
}
