package graph

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

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
	Fetcher       loader.Fetcher        // reads GitLab; equal reads of one caller may be shared
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
}

// NewHandler makes the HTTP handler of the GraphQL endpoint.
func NewHandler(c Config) *handler.Server {
	executor := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}})
	h := handler.New(projection.New(executor, c.Documents.CachedDocuments))
	c.HTTP.Errors = limits.Errors
	h.AddTransport(graphqlhttp.New(c.HTTP))
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
	h.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(ctx)
		if response != nil && len(response.Errors) > 0 {
			response.Errors = merged(response.Errors, c.Documents.Errors)
		}
		return response
	})
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		credential, writes := CredentialFrom(graphql.GetOperationContext(ctx).Headers), loader.Writes{Sender: c.Writes}
		if credential.IsAnonymous() {
			credential = c.Token
			if !c.Token.IsAnonymous() && !c.TokenWrites {
				writes.Refused = errTokenReadOnly
			}
		}
		fetcher := c.Fetcher
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			fetcher = c.Direct
		}
		l := loader.New(fetcher, credential, c.Limits)
		l.Writes, l.Logs, l.Expected = writes, c.Logs, expectedLists
		return next(loader.With(ctx, l))
	})
	return h
}
