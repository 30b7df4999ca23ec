package graphqlhttp

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/internal/caller"
	"jobgraph/internal/coalesce"
	"jobgraph/restclient"
)

// sharing executes equal queries that are in flight at the same time once.
type sharing struct {
	flights coalesce.Group[question, executed]
}

// executed is a response, and the operation that it belongs to.
type executed struct {
	response  *graphql.Response
	operation *ast.OperationDefinition
}

// question is everything that an answer depends on: the caller's credential, and the body with its
// document, operation name, variables and extensions. The media type only frames the answer.
type question struct {
	credential restclient.Credential
	body       string
}

// question returns the key of a request; false if its caller is not known, so that it cannot be
// shared.
func (s *sharing) question(r *http.Request, body []byte) (question, bool) {
	c, ok := caller.From(r.Context())
	if !ok {
		return question{}, false
	}
	return question{c.Credential, string(body)}, true
}

// await returns the response to an equal query that is being executed, or none if there is no such
// query or its own client has gone.
func (s *sharing) await(ctx context.Context, q question) executed {
	e, _, err := s.flights.Wait(ctx, q)
	if err != nil {
		return executed{}
	}
	return e
}

// Forget makes every later query execute anew. It is called after a write, because a query that
// began before the write may return the old state.
func (t *Transport) Forget() { t.sharing.flights.Forget() }

// execution is one operation to be executed, and the context that the executor gave it.
type execution struct {
	exec      graphql.GraphExecutor
	operation *graphql.OperationContext
	context   context.Context
}

func (e *execution) run(ctx context.Context) (executed, error) {
	responses, inner := e.exec.DispatchOperation(ctx, e.operation)
	e.context = inner
	return executed{responses(inner), e.operation.Operation}, ctx.Err()
}

// dispatch executes an operation, once for all equal requests in flight. Only queries are shared:
// each mutation is executed.
func (a *answer) dispatch(
	op *graphql.OperationContext, exec graphql.GraphExecutor,
) (*graphql.Response, context.Context) {
	e := &execution{exec: exec, operation: op, context: a.ctx}
	var result executed
	if a.shared && op.Operation.Operation == ast.Query {
		var shared bool
		if result, shared, _ = a.transport.sharing.flights.Do(a.ctx, a.question, e.run); shared {
			a.recorded.Share(op.Operation)
		}
	} else {
		result, _ = e.run(a.ctx)
	}
	return result.response, e.context
}
