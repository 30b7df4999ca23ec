package gateway

import (
	"fmt"
	"net/http"

	"jobgraph/graph"
	"jobgraph/internal/admission"
	"jobgraph/internal/caller"
	"jobgraph/internal/coalesce"
	"jobgraph/internal/config"
	"jobgraph/internal/graphiql"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/metrics"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Handler returns the gateway's HTTP surface, with client as its way to GitLab.
func Handler(c config.Config, client *restclient.Client, health *serving.Health, p Process) (http.Handler, error) {
	gate := admission.New(c.Admission, p.Now)
	endpoint := graph.NewHandler(graphConfig(c, client, p))
	outer, mux := http.NewServeMux(), http.NewServeMux()
	outer.Handle("/graphql", admission.Identify(gate.Guard(endpoint)))
	outer.Handle("/", serving.IgnoreBody(mux))
	mux.Handle("GET /metrics", metrics.Handler(endpoint.Counts))
	if c.Introspection {
		mux.HandleFunc("GET /schema.graphql", graph.ServeSDL)
	}
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	if c.GraphiQL {
		page, err := explorer(c.Demo)
		if err != nil {
			return nil, err
		}
		mux.Handle("/{$}", page)
		mux.Handle(graphiql.Assets, page)
	}
	open, err := graphqlhttp.CORS(c.CORSOrigins, caller.Headers(), outer)
	if err != nil {
		return nil, fmt.Errorf("cors-origins: %w", err)
	}
	return serving.Secure(open), nil
}

// graphConfig connects the GraphQL endpoint with its settings and with the client.
func graphConfig(c config.Config, client *restclient.Client, p Process) graph.Config {
	c.Logs.Now = p.Now
	c.Logs.RequestBytes = int64(c.Documents.AnswerBytes) // more than an answer may hold need not be kept
	g := graph.Config{
		Client:        client,
		Fetcher:       coalesce.NewFetcher(client),
		TokenWrites:   c.GitLabTokenWrites,
		Limits:        c.Upstream,
		Logs:          c.Logs,
		Documents:     c.Documents,
		HTTP:          c.HTTP,
		Introspection: c.Introspection,
		NoProjection:  !c.FastQueries,
		Log:           p.Log,
		Now:           p.Now,
	}
	if c.GitLabToken != "" {
		g.Token = restclient.Credential{Header: restclient.HeaderPrivateToken, Value: c.GitLabToken}
	}
	return g
}
