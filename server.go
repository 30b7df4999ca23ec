// Command jobgraph is a GraphQL gateway over GitLab's REST Jobs API. Without a GitLab configured it runs on an embedded simulator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/peterbourgon/ff/v3"

	"jobgraph/graph"
	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/internal/admission"
	"jobgraph/internal/coalesce"
	"jobgraph/internal/fakegitlab"
	"jobgraph/internal/graphiql"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/metrics"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// settings are what flags and environment say.
type settings struct {
	addr, simulatorAddr, gitlabURL, gitlabToken, corsOrigins string
	introspection, graphiql, gitlabTokenWrites               bool
	demo                                                     bool // no GitLab is configured
	client                                                   restclient.Config
	upstream                                                 loader.Limits
	logs                                                     logs.Limits
	documents                                                limits.Limits
	http                                                     graphqlhttp.Config
	admission                                                admission.Limits
	serving                                                  serving.Config
}

const defaultAddr = "127.0.0.1:8080"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "jobgraph:", err)
		os.Exit(1)
	}
}

// read parses flags; each can also be given as an environment variable of the same name in capitals, with _ for -.
func read(args []string, errOut io.Writer) (settings, error) {
	var s settings
	f := flag.NewFlagSet("jobgraph", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.StringVar(&s.addr, "addr", defaultAddr, "address to serve on; where it is not given, PORT in the environment is honoured, on every interface (env ADDR)")
	f.StringVar(&s.gitlabURL, "gitlab-url", "", "address of the GitLab instance, without /api/v4; empty = the embedded simulator (env GITLAB_URL)")
	f.StringVar(&s.gitlabToken, "gitlab-token", "", "personal access token for reads of callers that send no credential (env GITLAB_TOKEN)")
	f.BoolVar(&s.gitlabTokenWrites, "gitlab-token-writes", false, "use -gitlab-token for mutations too: whoever reaches the gateway can then act on jobs; always so in the demo (env GITLAB_TOKEN_WRITES)")
	f.StringVar(&s.simulatorAddr, "simulator-addr", "", "address to serve the simulator's REST API on too, for clients of it (env SIMULATOR_ADDR)")
	f.StringVar(&s.corsOrigins, "cors-origins", "", "comma-separated origins that browsers may call from; one * in each is a pattern (env CORS_ORIGINS)")
	f.BoolVar(&s.introspection, "introspection", true, "answer introspection queries (env INTROSPECTION)")
	f.BoolVar(&s.graphiql, "graphiql", true, "serve GraphiQL at / (env GRAPHIQL)")
	clientFlags(f, &s.client)
	requestFlags(f, &s)
	logFlags(f, &s.logs)
	documentFlags(f, &s.documents)
	servingFlags(f, &s.serving)
	if err := ff.Parse(f, args, ff.WithEnvVars()); err != nil {
		return settings{}, err
	}
	if port := os.Getenv("PORT"); port != "" && s.addr == defaultAddr {
		s.addr = ":" + port
	}
	return s, nil
}

// requestFlags are the limits of one request and of one caller.
func requestFlags(f *flag.FlagSet, s *settings) {
	f.IntVar(&s.upstream.Calls, "max-upstream-calls", 500, "upstream calls of one request; 0 = no limit (env MAX_UPSTREAM_CALLS)")
	f.IntVar(&s.upstream.Parallel, "max-upstream-parallel", 32, "upstream calls of one request at the same time; 0 = no limit (env MAX_UPSTREAM_PARALLEL)")
	f.DurationVar(&s.http.Timeout, "request-timeout", 30*time.Second, "how long one request may take to execute; 0 = no limit (env REQUEST_TIMEOUT)")
	f.IntVar(&s.http.BodyBytes, "max-body-bytes", 1<<20, "length of a request; 0 = no limit (env MAX_BODY_BYTES)")
	f.IntVar(&s.http.JSONDepth, "max-json-depth", 50, "nesting of variables and extensions; 0 = no limit (env MAX_JSON_DEPTH)")
	f.IntVar(&s.http.AnswerBytes, "max-answer-bytes", 64<<20, "length of an answer; 0 = no limit (env MAX_ANSWER_BYTES)")
	f.IntVar(&s.admission.InFlight, "max-in-flight", 0, "requests of one credential, or of one address where there is none, at the same time; 0 = no limit (env MAX_IN_FLIGHT)")
	f.Float64Var(&s.admission.Rate, "max-rate", 0, "requests per second of one credential, or of one address where there is none; 0 = no limit (env MAX_RATE)")
	f.IntVar(&s.admission.Burst, "max-burst", 50, "requests of one caller at once that -max-rate lets pass after a pause (env MAX_BURST)")
}

// clientFlags say how GitLab is called.
func clientFlags(f *flag.FlagSet, c *restclient.Config) {
	f.DurationVar(&c.Timeout, "upstream-timeout", 15*time.Second, "how long one upstream call may take, its body included, or a sixteenth longer (env UPSTREAM_TIMEOUT)")
	f.Int64Var(&c.MaxBody, "max-upstream-body-bytes", 32<<20, "length of one answer of GitLab's, logs excepted (env MAX_UPSTREAM_BODY_BYTES)")
	f.IntVar(&c.MaxConcurrent, "max-upstream-concurrent", 1024, "upstream calls of all requests at the same time; more wait; 0 = no limit (env MAX_UPSTREAM_CONCURRENT)")
	f.IntVar(&c.Retry.MaxAttempts, "upstream-attempts", 3, "attempts of one read, the first included; a write has one (env UPSTREAM_ATTEMPTS)")
	f.DurationVar(&c.Retry.MaxRetryAfter, "max-retry-after", 5*time.Second, "the longest Retry-After of GitLab's that a read waits for; a longer one is told to the caller (env MAX_RETRY_AFTER)")
	f.Float64Var(&c.Breaker.FailureRate, "breaker-failure-rate", 0.8, "share of failing upstream calls within -breaker-period that stops all calls for a while; 0 = never (env BREAKER_FAILURE_RATE)")
	f.DurationVar(&c.Breaker.Period, "breaker-period", 10*time.Second, "what -breaker-failure-rate looks back on (env BREAKER_PERIOD)")
	f.DurationVar(&c.Breaker.Delay, "breaker-delay", 5*time.Second, "how long calls are stopped before one is let through to see (env BREAKER_DELAY)")
}

// logFlags are the limits of one reading of a job's log.
func logFlags(f *flag.FlagSet, l *logs.Limits) {
	f.Int64Var(&l.Bytes, "max-log-bytes", 256<<20, "length of a log that is read to its end; 0 = no limit (env MAX_LOG_BYTES)")
	f.Int64Var(&l.RawBytes, "max-log-raw-bytes", 10<<20, "length of a log, or of its text, that is answered in one field; 0 = no limit (env MAX_LOG_RAW_BYTES)")
	f.DurationVar(&l.Time, "max-log-time", 20*time.Second, "how long one reading of a log may take; 0 = no limit (env MAX_LOG_TIME)")
}

// documentFlags are the limits of one document.
func documentFlags(f *flag.FlagSet, l *limits.Limits) {
	d := limits.Default()
	f.IntVar(&l.QueryBytes, "max-query-bytes", d.QueryBytes, "length of a document; 0 = no limit (env MAX_QUERY_BYTES)")
	f.IntVar(&l.Tokens, "max-tokens", d.Tokens, "lexical tokens of a document; 0 = no limit (env MAX_TOKENS)")
	f.IntVar(&l.Depth, "max-depth", d.Depth, "nesting of fields, through fragments; 0 = no limit (env MAX_DEPTH)")
	f.IntVar(&l.Aliases, "max-aliases", d.Aliases, "aliases of an operation, wherever fragments spread them; 0 = no limit (env MAX_ALIASES)")
	f.IntVar(&l.RootFields, "max-root-fields", d.RootFields, "top-level fields of an operation; 0 = no limit (env MAX_ROOT_FIELDS)")
	f.IntVar(&l.Directives, "max-directives", d.Directives, "directives of a document; 0 = no limit (env MAX_DIRECTIVES)")
	f.IntVar(&l.Fragments, "max-fragments", d.Fragments, "fragments that a document defines; 0 = no limit (env MAX_FRAGMENTS)")
	f.IntVar(&l.Spreads, "max-spreads", d.Spreads, "fragment spreads and inline fragments of a document; 0 = no limit (env MAX_SPREADS)")
	f.IntVar(&l.Variables, "max-variables", d.Variables, "variables that an operation declares; 0 = no limit (env MAX_VARIABLES)")
	f.IntVar(&l.Fields, "max-fields", d.Fields, "fields of a document, wherever fragments spread them; 0 = no limit (env MAX_FIELDS)")
	f.IntVar(&l.Complexity, "max-complexity", d.Complexity, "values that an answer may hold, by the page sizes asked for; 0 = no limit (env MAX_COMPLEXITY)")
	f.IntVar(&l.Errors, "max-errors", d.Errors, "errors that one answer tells; 0 = no limit (env MAX_ERRORS)")
	f.IntVar(&l.CachedDocuments, "document-cache-entries", d.CachedDocuments, "documents kept parsed and validated; 0 = none (env DOCUMENT_CACHE_ENTRIES)")
	f.IntVar(&l.CachedBytes, "document-cache-bytes", d.CachedBytes, "memory of the documents kept, estimated; 0 = no limit (env DOCUMENT_CACHE_BYTES)")
}

// servingFlags are the limits of one connection, and of the end.
func servingFlags(f *flag.FlagSet, c *serving.Config) {
	f.DurationVar(&c.ReadHeaderTimeout, "read-header-timeout", 10*time.Second, "how long a request's headers may take; 0 = no limit (env READ_HEADER_TIMEOUT)")
	f.DurationVar(&c.ReadTimeout, "read-timeout", 30*time.Second, "how long a request may take to arrive, body included; 0 = no limit (env READ_TIMEOUT)")
	f.DurationVar(&c.WriteTimeout, "write-timeout", 30*time.Second, "how long an answer may take to leave, after -request-timeout; 0 = no limit (env WRITE_TIMEOUT)")
	f.DurationVar(&c.IdleTimeout, "idle-timeout", 2*time.Minute, "how long a connection is kept between two requests; 0 = no limit (env IDLE_TIMEOUT)")
	f.IntVar(&c.HeaderBytes, "max-header-bytes", 64<<10, "length of a request's headers and address (env MAX_HEADER_BYTES)")
	f.IntVar(&c.Connections, "max-connections", 10_000, "connections at the same time; more wait; 0 = no limit (env MAX_CONNECTIONS)")
	f.DurationVar(&c.DrainDelay, "drain-delay", 0, "how long /readyz tells of the end before it begins, for load balancers to notice (env DRAIN_DELAY)")
	f.DurationVar(&c.ShutdownTimeout, "shutdown-timeout", 15*time.Second, "how long requests in flight may take to finish at shutdown (env SHUTDOWN_TIMEOUT)")
}

// minimumHeap is memory that is never touched, so that it costs none. The collector sets its pace by the heap in use, of which there is so little that it
// would run dozens of times a second.
const minimumHeap = 4 << 20

// run serves until ctx ends.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	s, err := read(args, errOut)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(errOut, nil))
	upstream, err := openUpstream(&s, out)
	if err != nil {
		return err
	}
	defer upstream.close()
	s.client.BaseURL = s.gitlabURL
	client, err := restclient.New(s.client)
	if err != nil {
		return fmt.Errorf("gitlab-url: %w", err)
	}
	health := new(serving.Health)
	h, err := handler(&s, client, health, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "jobgraph: %s; open http://%s/\n", upstream.name, reachable(listener.Addr()))
	if s.demo {
		fmt.Fprintln(out, demoIntroduction())
	}
	untouched := make([]byte, minimumHeap)
	defer runtime.KeepAlive(&untouched)
	return serving.Serve(ctx, listener, h, health, connections(&s))
}

// upstream is the GitLab that the gateway stands before.
type upstream struct {
	name  string
	close func()
}

// openUpstream starts the simulator where no GitLab is configured, or it is asked for by itself.
func openUpstream(s *settings, out io.Writer) (upstream, error) {
	if s.gitlabURL != "" && s.simulatorAddr == "" {
		return upstream{"serving GitLab at " + s.gitlabURL, func() {}}, nil
	}
	addr := s.simulatorAddr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return upstream{}, err
	}
	server := &http.Server{Handler: fakegitlab.New(fakegitlab.Options{}), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	name := "serving GitLab at " + s.gitlabURL
	if s.gitlabURL == "" {
		name = "serving the demo on the embedded simulator"
		s.demo = true
		s.gitlabURL, s.gitlabTokenWrites = "http://"+reachable(listener.Addr()), true
		if s.gitlabToken == "" {
			s.gitlabToken = fakegitlab.TokenMaintainer
		}
	}
	if s.simulatorAddr != "" {
		fmt.Fprintf(out, "jobgraph: the simulator's REST API is at http://%s/api/v4\n", reachable(listener.Addr()))
	}
	return upstream{name, func() { _ = server.Close() }}, nil
}

// demoIntroduction names what there is to play with in the demo.
func demoIntroduction() string {
	var projects, tokens []string
	for _, p := range fakegitlab.DemoProjects() {
		projects = append(projects, p.Path)
	}
	for _, t := range fakegitlab.DemoTokens() {
		tokens = append(tokens, t.Value)
	}
	return "jobgraph: demo projects " + strings.Join(projects, ", ") + "\njobgraph: demo tokens (none is needed) " + strings.Join(tokens, ", ")
}

// explorer is GraphiQL; in the demo with examples and tokens to try. The token of a job is not among those, for it goes into a header of its own.
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

// credentialHeaders are the headers that carry a caller's credential to GitLab.
func credentialHeaders() []string {
	return []string{restclient.HeaderPrivateToken, restclient.HeaderAuthorization, restclient.HeaderJobToken}
}

// handler puts the HTTP surface together.
func handler(s *settings, client *restclient.Client, health *serving.Health, log *slog.Logger) (http.Handler, error) {
	s.logs.Now, s.logs.RequestBytes = time.Now, int64(s.http.AnswerBytes) // what would make too long an answer need not be kept
	s.http.Caller = whole
	c := graph.Config{Fetcher: coalesce.NewFetcher(client), Direct: client, Limits: s.upstream, Documents: s.documents, HTTP: s.http, Introspection: s.introspection, Log: log, Now: time.Now}
	c.Writes, c.TokenWrites, c.Logs = client, s.gitlabTokenWrites, loader.Logs{Tracer: client, Limits: s.logs}
	if s.gitlabToken != "" {
		c.Token = restclient.Credential{Header: restclient.HeaderPrivateToken, Value: s.gitlabToken}
	}
	gate := admission.New(s.admission, caller, time.Now)
	endpoint := graph.NewHandler(c)
	mux := http.NewServeMux()
	mux.Handle("/graphql", admission.Credentials(credentialHeaders(), gate.Guard(endpoint)))
	mux.Handle("GET /metrics", metrics.Handler(endpoint.Counts))
	if s.introspection {
		mux.HandleFunc("GET /schema.graphql", graph.ServeSDL)
	}
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	if s.graphiql {
		page, err := explorer(s.demo)
		if err != nil {
			return nil, err
		}
		mux.Handle("/", page)
	}
	open, err := graphqlhttp.CORS(s.corsOrigins, credentialHeaders(), mux)
	if err != nil {
		return nil, fmt.Errorf("cors-origins: %w", err)
	}
	return serving.Secure(open), nil
}

// whole is all of a request's headers that its answer depends on.
func whole(h http.Header) string {
	credential := restclient.CredentialFrom(h)
	return credential.Header + ": " + credential.Value
}

// caller says whose request it is: its credential's, or its address's where it has none.
func caller(r *http.Request) string {
	if credential := restclient.CredentialFrom(r.Header); !credential.IsAnonymous() {
		return credential.Header + ": " + credential.Value
	}
	return admission.Network(r.RemoteAddr)
}

// connections bounds connections. An answer has its own time to leave after the time to execute it.
func connections(s *settings) serving.Config {
	c := s.serving
	if c.WriteTimeout > 0 && s.http.Timeout > 0 {
		c.WriteTimeout += s.http.Timeout
	} else {
		c.WriteTimeout = 0
	}
	return c
}

// reachable is an address as a client on this machine would write it.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err == nil && net.ParseIP(host).IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a.String()
}
