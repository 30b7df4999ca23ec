package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"jobgraph/examples/dashboard"
	"jobgraph/graph"
	"jobgraph/internal/admission"
	"jobgraph/internal/budget"
	"jobgraph/internal/caller"
	"jobgraph/internal/coalesce"
	"jobgraph/internal/config"
	"jobgraph/internal/documents"
	"jobgraph/internal/graphiql"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/live"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Surface is the gateway's HTTP surface.
type Surface struct {
	http.Handler
	operations http.Handler // the operator's endpoints: metrics and health
	streams    streams
	trusted    *documents.Trusted
}

// Shutdown ends the subscriptions, and the hijacked connections that the HTTP server does not
// track.
func (s *Surface) Shutdown(ctx context.Context) error { return s.streams.shutdown(ctx) }

// Handler returns the gateway's HTTP surface, which reads GitLab through client.
func Handler(c config.Config, client *restclient.Client, health *serving.Health, p Process) (*Surface, error) {
	origins, err := graphqlhttp.ParseOrigins(c.CORSOrigins, caller.Headers())
	if err != nil {
		return nil, fmt.Errorf("cors-origins: %w", err)
	}
	proxies, err := caller.ParseProxies(c.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("trusted-proxies: %w", err)
	}
	hosts, err := admission.ParseHosts(c.AllowedHosts, c.Addr)
	if err != nil {
		return nil, fmt.Errorf("allowed-hosts: %w", err)
	}
	gate, open := admission.New(c.Admission, p.Now), admission.NewStreams(c.Streams)
	c.HTTP.Budget = budget.New(budget.Of(memory(c)), p.Now)
	c.HTTP.Streams.Admit, c.HTTP.Streams.Draining = open.Admit, health.IsDraining
	c.WebSocket.Admit, c.WebSocket.AdmitStream, c.WebSocket.AllowsOrigin = gate.Admit, open.Admit, origins.Allow
	p.log = newLog(c, p.Err)
	counts := observe(&c, client, p)
	engine, shared, err := newEngine(c, client, p)
	if err != nil {
		return nil, err
	}
	fetcher := coalesce.NewFetcher(client, c.Client.Timeout)
	c.Named.Unlisted = func(operation string) {
		p.log.Warn("a document that is not listed was executed", "operation", operation)
	}
	g := graphConfig(c, client, fetcher, engine, p)
	g.Trusted = documents.Open(c.Trusted)
	endpoint := graph.NewHandler(g)
	if c.Trusted != "" {
		if err := g.Trusted.Load(endpoint.Prepare); err != nil {
			return nil, fmt.Errorf("trusted-documents: %w", err)
		}
	}
	measure(counts, endpoint, fetcher, engine, open)
	if shared != nil {
		counts.Store(shared.IsFailing)
		health.Detail = shared.Status
	}
	counts.Budget(c.HTTP.Budget.Used, c.HTTP.Budget.Size)
	outer, mux := http.NewServeMux(), http.NewServeMux()
	graphql := admission.Identify(proxies, gate.Guard(endpoint))
	outer.Handle("/graphql", graphql)
	outer.Handle("GET /graphql/{id}", graphql)
	outer.Handle("/", serving.IgnoreBody(mux))
	if c.WebhookSecret != "" {
		hooks, err := newReceiver(c, engine, p)
		if err != nil {
			return nil, fmt.Errorf("webhook-secret: %w", err)
		}
		outer.Handle("/webhooks/gitlab", hooks)
	}
	operations := operationsHandler(counts, health)
	if c.MetricsAddr == "" {
		mux.Handle("GET /metrics", operations)
	}
	if c.Introspection {
		mux.HandleFunc("GET /schema.graphql", graph.ServeSDL)
	}
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	if c.Demo {
		mux.Handle("GET "+dashboard.Path, dashboard.Handler())
	}
	if c.GraphiQL {
		page, err := explorer(c.Demo)
		if err != nil {
			return nil, err
		}
		mux.Handle("/{$}", page)
		mux.Handle(graphiql.Assets, page)
	}
	ends := streams{endpoint.WebSocket(), endpoint.Streams(), engine, shared, c.ShutdownSpread}
	surface := hosts.Guard(admission.SameSite(origins.Allow, origins.Handler(outer)))
	return &Surface{serving.Secure(surface), operations, ends, g.Trusted}, nil
}

// memory returns how much memory the process may use.
func memory(c config.Config) int64 {
	if c.Memory > 0 {
		return c.Memory
	}
	return budget.ContainerMemory()
}

// graphConfig connects the GraphQL endpoint with its settings and with the client.
func graphConfig(
	c config.Config, client *restclient.Client, fetcher *coalesce.Fetcher, engine *live.Engine, p Process,
) graph.Config {
	c.Logs.Now = p.Now
	c.Logs.RequestBytes = int64(c.Documents.AnswerBytes) // more than an answer may hold need not be kept
	g := graph.Config{
		Client:        wakingClient{client, engine},
		Live:          engine,
		Fetcher:       fetcher,
		TokenWrites:   c.GitLabTokenWrites,
		PathPrefix:    pathPrefix(c.GitLabURL),
		Limits:        c.Upstream,
		Logs:          c.Logs,
		Documents:     c.Documents,
		HTTP:          c.HTTP,
		WebSocket:     c.WebSocket,
		Named:         c.Named,
		Introspection: c.Introspection,
		Explain:       c.Explain || c.Demo,
		NoProjection:  !c.FastQueries,
		Log:           p.log,
		Now:           p.Now,
	}
	if c.GitLabToken != "" {
		g.Token = restclient.Credential{Header: restclient.HeaderPrivateToken, Value: c.GitLabToken}
	}
	return g
}

// pathPrefix returns the path of a GitLab's address, as gitlab/; "" where there is none.
func pathPrefix(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return ""
	}
	return strings.Trim(u.Path, "/") + "/"
}
