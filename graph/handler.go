package graph

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/generated"
	"jobgraph/graph/loader"
	"jobgraph/graph/projection"
	"jobgraph/restclient"
)

// Config is what the GraphQL side is made from.
type Config struct {
	Fetcher       loader.Fetcher        // reads GitLab
	Token         restclient.Credential // for requests without a credential of their own; reads only
	Limits        loader.Limits         // of one request
	Introspection bool                  // the schema may be asked for
	Log           *slog.Logger
}

// documentCache is how many parsed and validated documents are kept.
const documentCache = 1000

// NewHandler makes the HTTP handler of the GraphQL endpoint.
func NewHandler(c Config) *handler.Server {
	executor := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}})
	h := handler.New(projection.New(executor, documentCache))
	h.AddTransport(transport.POST{})
	h.AddTransport(transport.GET{})
	h.SetQueryCache(lru.New[*ast.QueryDocument](documentCache))
	if c.Introspection {
		h.Use(extension.Introspection{})
	}
	h.SetErrorPresenter(presentError(c.Log))
	h.SetRecoverFunc(func(_ context.Context, cause any) error {
		return fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	})
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		credential := CredentialFrom(graphql.GetOperationContext(ctx).Headers)
		if credential.IsAnonymous() {
			credential = c.Token
		}
		return next(loader.With(ctx, loader.New(c.Fetcher, credential, c.Limits)))
	})
	return h
}
