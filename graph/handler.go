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

	"jobgraph/graph/deferral"
	"jobgraph/graph/generated"
	"jobgraph/graph/introspection"
	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/graph/presenter"
	"jobgraph/graph/projection"
	"jobgraph/graph/selection"
	"jobgraph/graph/subscription"
	"jobgraph/internal/budget"
	"jobgraph/internal/caller"
	"jobgraph/internal/documents"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/graphqlws"
	"jobgraph/internal/incremental"
	"jobgraph/internal/live"
	"jobgraph/restclient"
)

// Config is what the GraphQL endpoint is made from.
type Config struct {
	Client        Client                // calls GitLab
	Fetcher       SharingFetcher        // reads GitLab for requests that only read
	Token         restclient.Credential // for callers without a credential of their own
	TokenWrites   bool                  // Token may be used for writes too
	PathPrefix    string                // see loader.Config
	Limits        loader.Limits         // of one request's upstream calls
	Logs          logs.Limits           // of one reading of a log
	Documents     limits.Limits         // of one document
	HTTP          graphqlhttp.Config    // of one request; Errors is set here
	WebSocket     graphqlws.Config      // of one connection; how its operations are executed is set here
	Live          *live.Engine          // watches what subscriptions are about
	Named         documents.Config      // which documents may be named, and sent
	Trusted       *documents.Trusted    // nil if there are none
	Introspection bool                  // introspection queries are allowed
	Explain       bool                  // requests may ask for the plan of their query
	NoProjection  bool                  // the resolvers answer every query
	Log           *slog.Logger
	Now           func() time.Time
}

// Client calls GitLab; *restclient.Client is one.
type Client interface {
	loader.Fetcher
	loader.Sender
	loader.Tracer
}

// SharingFetcher is a Fetcher that may answer equal reads in flight by one call. Reads after Forget
// are not answered by calls that began before it.
type SharingFetcher interface {
	loader.Fetcher
	Forget()
}

// Endpoint is the GraphQL endpoint. It joins gqlgen's executor and the transport without gqlgen's
// server, which copies each request.
type Endpoint struct {
	config    Config
	transport *graphqlhttp.Transport
	websocket *graphqlws.Server
	streams   *subscription.Broadcaster
	executor  *executor.Executor
	documents *limits.Documents
	schema    *projection.Schema
	named     *documents.Extension
}

// NewHandler returns the GraphQL endpoint.
func NewHandler(c Config) *Endpoint {
	c.HTTP.Errors = limits.Errors
	checked := limits.NewDocuments(c.Documents, c.Introspection)
	var plans projection.Cache
	if !c.NoProjection {
		plans = checked
	}
	schema := projection.New(generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}}), plans)
	if c.Explain {
		schema.Explain()
	}
	e := &Endpoint{config: c, transport: graphqlhttp.New(c.HTTP), executor: executor.New(schema), schema: schema}
	e.documents, e.named = checked, documents.New(c.Named, c.Trusted)
	e.executor.Use(e.named) // first: all others see the text of a document that was named
	e.executor.Use(checked)
	e.executor.SetQueryCache(checked)
	e.executor.Use(limits.AnswerLimit{Bytes: c.Documents.AnswerBytes})
	if c.Introspection {
		e.executor.Use(extension.Introspection{})
		e.executor.AroundFields(introspection.Field)
	}
	present := presenter.New(c.Log)
	e.executor.SetErrorPresenter(present)
	e.executor.SetRecoverFunc(func(_ context.Context, cause any) error {
		return fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	})
	e.executor.AroundOperations(e.operation)
	e.executor.AroundResponses(e.response)
	e.streams = subscription.New(subscription.Config{
		Live: c.Live, Dispatch: e.executor.DispatchOperation, Credential: e.credential,
		Request: e.eventRequest, Present: present, Timeout: c.HTTP.Timeout, Now: c.Now,
	})
	e.websocket = graphqlws.New(e.webSocketConfig(), e.executor)
	return e
}

// webSocketConfig returns the configuration of the WebSocket transport: requests are read, timed
// and refused as those over HTTP are.
func (e *Endpoint) webSocketConfig() graphqlws.Config {
	c := e.config.WebSocket
	c.Decode, c.Deadline, c.TimedOut = e.transport.Decode, e.transport.Deadline, graphqlhttp.TimedOut
	c.Reserve, c.Overloaded = e.transport.Reserve, graphqlhttp.Overloaded
	c.Errors, c.Recovered, c.Now = limits.Errors, e.recovered, e.config.Now
	c.Subscribe = func(ctx context.Context, ready func()) graphqlws.Stream { return e.streams.Subscribe(ctx, ready) }
	return c
}

// Prepare checks documents and compiles their plans, so that the first request for one is as fast
// as the second.
func (e *Endpoint) Prepare(m documents.Manifest) error {
	for id, text := range m {
		doc, err := e.documents.Check(text)
		if err != nil {
			return fmt.Errorf("document %q: %w", id, err)
		}
		for _, op := range doc.Operations {
			e.schema.Prepare(&graphql.OperationContext{
				RawQuery: text, Doc: doc, Operation: op, OperationName: op.Name, Variables: map[string]any{},
			})
		}
	}
	return nil
}

// recovered returns the error that a client reads of a panic, and logs the cause.
func (e *Endpoint) recovered(ctx context.Context, cause any) *gqlerror.Error {
	shown, _ := errors.AsType[*gqlerror.Error](e.executor.PresentRecoveredError(ctx, cause))
	return shown
}

// WebSocket returns the server of the endpoint's WebSocket connections.
func (e *Endpoint) WebSocket() *graphqlws.Server { return e.websocket }

// ServeHTTP answers one request. The answer to a request that panics is an error without its cause.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		cause := recover()
		switch {
		case cause == nil:
			return
		case cause == http.ErrAbortHandler:
			panic(cause)
		}
		graphqlhttp.Refuse(w, http.StatusInternalServerError, e.recovered(r.Context(), cause))
	}()
	if graphqlws.IsUpgrade(r) {
		e.websocket.ServeHTTP(w, r)
		return
	}
	e.transport.Do(w, r, e.executor)
}

// Counts returns how many operations each engine has answered so far.
func (e *Endpoint) Counts() projection.Counts { return e.schema.Counts() }

// Reasons returns why operations had no plan.
func (e *Endpoint) Reasons() projection.Reasons { return e.schema.Reasons() }

// Documents returns how many documents are cached, and their size.
func (e *Endpoint) Documents() limits.Size { return e.documents.Size() }

// Streams returns the subscriptions of the endpoint.
func (e *Endpoint) Streams() *subscription.Broadcaster { return e.streams }

// operation gives each operation a loader.Request of its own; a subscription gives one to each
// event. The parts of a query share one.
func (e *Endpoint) operation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return e.streams.Operation(ctx, next)
	}
	if _, part := loader.Lookup(ctx); part {
		return next(ctx)
	}
	if split := e.split(ctx, op); split != nil {
		c := e.loaderConfig(ctx, op)
		c.Parts = true
		shared := limits.AnswerLimit{Bytes: e.config.Documents.AnswerBytes}.Share(ctx)
		by := deferral.Config{Dispatch: e.executor.DispatchOperation, Recovered: e.recovered}
		return split.Run(shared, loader.New(c), by)
	}
	return next(loader.With(ctx, loader.New(e.loaderConfig(ctx, op))))
}

// split returns the parts of a query that is answered in parts; nil if it is not.
func (e *Endpoint) split(ctx context.Context, op *graphql.OperationContext) *deferral.Split {
	if !incremental.Allowed(ctx) || op.Operation.Operation != ast.Query {
		return nil
	}
	deferred := e.documents.Deferred(op)
	if deferred == nil {
		return nil
	}
	return deferral.New(op, deferred)
}

// credential returns the credential of an operation's calls to GitLab.
func (e *Endpoint) credential(ctx context.Context) restclient.Credential {
	from, _ := caller.From(ctx)
	if from.Credential.IsAnonymous() {
		return e.config.Token
	}
	return from.Credential
}

// eventRequest returns the loader.Request of one event of a subscription. Reads that the poll which
// found the event already made are answered from that poll. Its calls are always counted.
func (e *Endpoint) eventRequest(
	ctx context.Context,
	op *graphql.OperationContext,
	brought subscription.Brought,
) *loader.Request {
	c := e.loaderConfig(ctx, op)
	c.Now = e.config.Now
	if brought != nil {
		c.Fetcher = broughtFetcher{brought, c.Fetcher}
	}
	return loader.New(c)
}

// broughtFetcher answers the paths that were read already, and sends the other reads to another
// Fetcher.
type broughtFetcher struct {
	brought subscription.Brought
	next    loader.Fetcher
}

// Fetch reads a path.
func (f broughtFetcher) Fetch(
	ctx context.Context,
	credential restclient.Credential,
	path string,
) (*restclient.Response, error) {
	if response, ok := f.brought(path); ok {
		restclient.CostFrom(ctx).AddShared()
		return response, nil
	}
	return f.next.Fetch(ctx, credential, path)
}

// loaderConfig returns the configuration of an operation's loaders.
func (e *Endpoint) loaderConfig(ctx context.Context, op *graphql.OperationContext) loader.Config {
	from, _ := caller.From(ctx)
	c := loader.Config{
		Credential: e.credential(ctx),
		Fetcher:    e.config.Fetcher,
		Sender:     e.config.Client,
		Tracer:     e.config.Client,
		PathPrefix: e.config.PathPrefix,
		Limits:     e.config.Limits,
		LogLimits:  e.config.Logs,
		LogMemory:  budget.NewMeter(budget.From(ctx)).Add,
		AfterWrite: e.forgetShared,
		JobLists:   selection.JobLists,

		ProjectsByPath: selection.ProjectsByPath,
	}
	if from.Credential.IsAnonymous() {
		c.ReadOnly = !e.config.Token.IsAnonymous() && !e.config.TokenWrites
	}
	if op.Operation.Operation == ast.Mutation { // a shared read may have begun before the write
		c.Fetcher = e.config.Client
	}
	if billSelected(op) {
		c.Now = e.config.Now
	}
	return c
}

// forgetShared is called after a write: a shared read that began before the write may answer the
// state before it.
func (e *Endpoint) forgetShared() {
	e.config.Fetcher.Forget()
	e.transport.Forget()
}

// response merges the errors of a response, and adds the bill if the request asks for it.
func (e *Endpoint) response(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil {
		return nil
	}
	if len(response.Errors) > 0 {
		response.Errors = presenter.Merge(response.Errors, e.config.Documents.Errors)
	}
	if graphql.HasOperationContext(ctx) && billSelected(graphql.GetOperationContext(ctx)) {
		response.Extensions = withBill(ctx, response.Extensions)
	}
	return response
}
