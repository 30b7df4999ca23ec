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
	a, err := newAccess(c)
	if err != nil {
		return nil, err
	}
	p.log = newLog(c, p)
	counts := observe(&c, client, p)
	recorder := c.HTTP.Recorder
	gate, open := admission.New(c.Admission, p.Now, recorder), admission.NewStreams(c.Streams)
	c.HTTP.Budget = budget.New(budget.Of(memory(c)), p.Now)
	c.HTTP.Streams.Admit, c.HTTP.Streams.Draining = open.Admit, health.IsDraining
	c.WebSocket.Admit, c.WebSocket.AdmitStream, c.WebSocket.AllowsOrigin = gate.Admit, open.Admit, a.origins.Allow
	engine, shared, err := newEngine(c, client, p)
	if err != nil {
		return nil, err
	}
	if shared != nil {
		c.Named.Shared = shared
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
	s := &Surface{
		operations: operationsHandler(counts, health),
		streams:    streams{endpoint.WebSocket(), endpoint.Streams(), engine, shared, c.ShutdownSpread},
		trusted:    g.Trusted,
	}
	outer := http.NewServeMux()
	graphql := admission.Identify(a.proxies, recorder, gate.Guard(endpoint))
	outer.Handle("/graphql", graphql)
	outer.Handle("GET /graphql/{id}", graphql)
	if c.WebhookSecret != "" {
		hooks, err := newReceiver(c, engine, p)
		if err != nil {
			return nil, fmt.Errorf("webhook-secret: %w", err)
		}
		outer.Handle("/webhooks/gitlab", hooks)
	}
	pages, err := newPages(c, health, s.operations)
	if err != nil {
		return nil, err
	}
	outer.Handle("/", serving.IgnoreBody(pages))
	sameSite := admission.SameSite(a.origins.Allow, recorder, a.origins.Handler(outer))
	s.Handler = serving.Secure(a.hosts.Guard(recorder, sameSite))
	return s, nil
}

// access says which pages, names and proxies the gateway is reached by.
type access struct {
	origins graphqlhttp.Origins
	proxies caller.Proxies
	hosts   admission.Hosts
}

func newAccess(c config.Config) (a access, err error) {
	if a.origins, err = graphqlhttp.ParseOrigins(c.CORSOrigins, caller.Headers()); err != nil {
		return a, fmt.Errorf("cors-origins: %w", err)
	}
	if a.proxies, err = caller.ParseProxies(c.TrustedProxies); err != nil {
		return a, fmt.Errorf("trusted-proxies: %w", err)
	}
	if a.hosts, err = admission.ParseHosts(c.AllowedHosts, c.Addr); err != nil {
		return a, fmt.Errorf("allowed-hosts: %w", err)
	}
	return a, nil
}

// newPages returns what is served beside GraphQL, by GET: health, metrics, the schema, GraphiQL and
// the demo's dashboard.
func newPages(c config.Config, health *serving.Health, operations http.Handler) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	if c.MetricsAddr == "" {
		mux.Handle("GET /metrics", operations)
	}
	if c.Introspection {
		mux.HandleFunc("GET /schema.graphql", graph.ServeSDL)
	}
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
	return mux, nil
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
