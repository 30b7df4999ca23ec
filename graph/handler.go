package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/generated"
	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/presenter"
	"jobgraph/graph/projection"
	"jobgraph/graph/selection"
	"jobgraph/internal/caller"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/restclient"
)

// Config is what the GraphQL side is made from.
type Config struct {
	Fetcher       SharingFetcher        // reads GitLab
	Direct        loader.Fetcher        // reads GitLab for a request that writes: a shared read might have begun before the write
	Writes        loader.Sender         // writes to GitLab
	Logs          loader.Logs           // reads logs
	Token         restclient.Credential // for requests without a credential of their own
	TokenWrites   bool                  // Token may be used for writes too
	Limits        loader.Limits         // of one request's upstream calls
	Documents     limits.Limits         // of one document
	HTTP          graphqlhttp.Config    // of one request and its answer; Errors is set here
	Introspection bool                  // the schema may be asked for
	NoProjection  bool                  // the resolvers answer every query
	Log           *slog.Logger
	Now           func() time.Time

	wrote func() // what is shared is out of date
}

// SharingFetcher reads GitLab. Equal reads of one caller may be shared while they are in flight, until Forget.
type SharingFetcher interface {
	loader.Fetcher
	Forget()
}

// Endpoint is the GraphQL endpoint: an HTTP handler. It is gqlgen's executor behind one transport, without gqlgen's server between them, which would copy
// each request.
type Endpoint struct {
	transport *graphqlhttp.Transport
	executor  *executor.Executor
	schema    *projection.Schema
}

// ServeHTTP answers one request. A panic is answered as an error that tells nothing of it.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		cause := recover()
		switch {
		case cause == nil:
			return
		case cause == http.ErrAbortHandler:
			panic(cause)
		}
		shown, _ := errors.AsType[*gqlerror.Error](e.executor.PresentRecoveredError(r.Context(), cause))
		graphqlhttp.Refuse(w, http.StatusInternalServerError, shown)
	}()
	e.transport.Do(w, r, e.executor)
}

// Counts tells how many operations were answered in which way so far.
func (e *Endpoint) Counts() projection.Counts { return e.schema.Counts() }

// NewHandler makes the GraphQL endpoint.
func NewHandler(c Config) *Endpoint {
	documents := limits.NewDocuments(c.Documents, c.Introspection)
	var plans projection.Cache
	if !c.NoProjection {
		plans = documents
	}
	schema := projection.New(generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}}), plans)
	e := executor.New(schema)
	c.HTTP.Errors = limits.Errors
	transport := graphqlhttp.New(c.HTTP)
	c.wrote = func() {
		c.Fetcher.Forget()
		transport.Forget()
	}
	e.Use(documents)
	e.SetQueryCache(documents)
	e.Use(limits.AnswerLimit{Bytes: c.Documents.AnswerBytes})
	if c.Introspection {
		e.Use(extension.Introspection{})
	}
	e.SetErrorPresenter(presenter.New(c.Log))
	e.SetRecoverFunc(func(_ context.Context, cause any) error {
		return fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	})
	e.AroundOperations(c.operation)
	e.AroundResponses(c.response)
	return &Endpoint{transport, e, schema}
}

// operation gives each operation loaders of its own, for its caller.
func (c *Config) operation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	from, _ := caller.From(ctx)
	credential, writes := from.Credential, loader.Writes{Sender: c.Writes, Wrote: c.wrote}
	if credential.IsAnonymous() {
		credential = c.Token
		if !c.Token.IsAnonymous() && !c.TokenWrites {
			writes.Refused = loader.ErrTokenReadOnly
		}
	}
	var fetcher loader.Fetcher = c.Fetcher
	if op.Operation.Operation == ast.Mutation {
		fetcher = c.Direct
	}
	l := loader.New(fetcher, credential, c.Limits)
	l.Writes, l.Logs, l.Expected = writes, c.Logs, selection.JobLists
	if asksCost(op) {
		l.Now = c.Now
	}
	return next(loader.With(ctx, l))
}

// response merges what one failing call did to many fields, and tells the cost where it was asked for.
func (c *Config) response(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil {
		return nil
	}
	if len(response.Errors) > 0 {
		response.Errors = presenter.Merge(response.Errors, c.Documents.Errors)
	}
	if graphql.HasOperationContext(ctx) && asksCost(graphql.GetOperationContext(ctx)) {
		response.Extensions = costed(ctx, response.Extensions)
	}
	return response
}
