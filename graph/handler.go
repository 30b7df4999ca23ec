package graph

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/generated"
	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/projection"
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
	Log           *slog.Logger
	Now           func() time.Time

	wrote func() // what is shared is out of date
}

// SharingFetcher reads GitLab. Equal reads of one caller may be shared while they are in flight, until Forget.
type SharingFetcher interface {
	loader.Fetcher
	Forget()
}

// Endpoint is the GraphQL endpoint: an HTTP handler.
type Endpoint struct {
	*handler.Server
	schema *projection.Schema
}

// Counts tells how many operations were answered in which way so far.
func (e *Endpoint) Counts() projection.Counts { return e.schema.Counts() }

// NewHandler makes the GraphQL endpoint.
func NewHandler(c Config) *Endpoint {
	executor := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}})
	schema := projection.New(executor, max(c.Documents.CachedDocuments, 1))
	h := handler.New(schema)
	c.HTTP.Errors = limits.Errors
	transport := graphqlhttp.New(c.HTTP)
	h.AddTransport(transport)
	c.wrote = func() {
		c.Fetcher.Forget()
		transport.Forget()
	}
	documents := limits.NewDocuments(c.Documents, c.Introspection)
	h.Use(documents)
	h.SetQueryCache(documents)
	if c.Introspection {
		h.Use(extension.Introspection{})
	}
	h.SetErrorPresenter(presentError(c.Log))
	h.SetRecoverFunc(func(_ context.Context, cause any) error {
		return fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	})
	h.AroundOperations(c.operation)
	h.AroundResponses(c.response)
	return &Endpoint{h, schema}
}

// operation gives each operation loaders of its own, for its caller.
func (c *Config) operation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	credential, writes := CredentialFrom(op.Headers), loader.Writes{Sender: c.Writes, Wrote: c.wrote}
	if credential.IsAnonymous() {
		credential = c.Token
		if !c.Token.IsAnonymous() && !c.TokenWrites {
			writes.Refused = errTokenReadOnly
		}
	}
	var fetcher loader.Fetcher = c.Fetcher
	if op.Operation.Operation == ast.Mutation {
		fetcher = c.Direct
	}
	l := loader.New(fetcher, credential, c.Limits)
	l.Writes, l.Logs, l.Expected = writes, c.Logs, expectedLists
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
		response.Errors = merged(response.Errors, c.Documents.Errors)
	}
	if graphql.HasOperationContext(ctx) && asksCost(graphql.GetOperationContext(ctx)) {
		response.Extensions = costed(ctx, response.Extensions)
	}
	return response
}
