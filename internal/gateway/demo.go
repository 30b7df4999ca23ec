package gateway

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"jobgraph/internal/config"
	"jobgraph/internal/fakegitlab"
	"jobgraph/internal/graphiql"
)

// upstream is the GitLab that the gateway serves.
type upstream struct {
	name  string
	close func()
}

const demoName = "the demo on the embedded simulator"

// openUpstream starts the simulator if no GitLab is configured or if the simulator has an address
// of its own. Without a GitLab it makes c the demo's configuration.
func openUpstream(c *config.Config, out io.Writer) (upstream, error) {
	name := "GitLab at " + c.GitLabURL
	if c.GitLabURL != "" && c.SimulatorAddr == "" {
		return upstream{name, func() {}}, nil
	}
	addr := c.SimulatorAddr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return upstream{}, err
	}
	simulator := fakegitlab.New(fakegitlab.Options{
		Dataset:     fakegitlab.WorkingDemo,
		LogInterval: fakegitlab.WatchedLogInterval,
	})
	server := &http.Server{Handler: simulator, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	if c.GitLabURL == "" {
		name = demoName
		c.Demo = true
		c.GitLabURL, c.GitLabTokenWrites = "http://"+reachable(listener.Addr()), true
		if c.GitLabToken == "" {
			c.GitLabToken = fakegitlab.TokenMaintainer
		}
	}
	if c.SimulatorAddr != "" {
		fmt.Fprintf(out, "jobgraph: the simulator's REST API is at http://%s/api/v4\n", reachable(listener.Addr()))
	}
	return upstream{name, func() { _ = server.Close() }}, nil
}

// demoIntroduction lists the demo's projects and tokens.
func demoIntroduction() string {
	var projects, tokens []string
	for _, p := range fakegitlab.DemoProjects() {
		projects = append(projects, p.Path)
	}
	for _, t := range fakegitlab.DemoTokens() {
		tokens = append(tokens, t.Value)
	}
	return "jobgraph: demo projects " + strings.Join(projects, ", ") +
		"\njobgraph: demo tokens (none is needed) " + strings.Join(tokens, ", ")
}

// explorer returns GraphiQL; in the demo with example queries and tokens. The job token is left
// out, because it is sent in a header of its own.
func explorer(demo bool) (http.Handler, error) {
	o := graphiql.Options{Endpoint: "/graphql"}
	if demo {
		var err error
		if o.Examples, err = graphiql.Examples(); err != nil {
			return nil, err
		}
		for _, t := range fakegitlab.DemoTokens() {
			if t.Value != fakegitlab.TokenJob {
				o.DemoTokens = append(o.DemoTokens, graphiql.DemoToken{Name: t.Description, Value: t.Value})
			}
		}
	}
	return graphiql.Handler(o), nil
}
