// Package config reads what the gateway is told by flags and environment.
package config

import (
	"flag"
	"io"
	"os"
	"time"

	"github.com/peterbourgon/ff/v3"

	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/internal/admission"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Config is everything that can be set.
type Config struct {
	Addr, SimulatorAddr, GitLabURL, GitLabToken, CORSOrigins string
	Introspection, GraphiQL, GitLabTokenWrites               bool
	Demo                                                     bool // set by the gateway where no GitLab is configured
	Client                                                   restclient.Config
	Upstream                                                 loader.Limits
	Logs                                                     logs.Limits
	Documents                                                limits.Limits
	HTTP                                                     graphqlhttp.Config
	Admission                                                admission.Limits
	Serving                                                  serving.Config
}

const defaultAddr = "127.0.0.1:8080"

// Read parses flags; each can also be given as an environment variable of the same name in capitals, with _ for -.
func Read(args []string, errOut io.Writer) (Config, error) {
	var s Config
	f := flag.NewFlagSet("jobgraph", flag.ContinueOnError)
	f.SetOutput(errOut)
	f.StringVar(&s.Addr, "addr", defaultAddr, "address to serve on; where it is not given, PORT in the environment is honoured, on every interface (env ADDR)")
	f.StringVar(&s.GitLabURL, "gitlab-url", "", "address of the GitLab instance, without /api/v4; empty = the embedded simulator (env GITLAB_URL)")
	f.StringVar(&s.GitLabToken, "gitlab-token", "", "personal access token for reads of callers that send no credential (env GITLAB_TOKEN)")
	f.BoolVar(&s.GitLabTokenWrites, "gitlab-token-writes", false, "use -gitlab-token for mutations too: whoever reaches the gateway can then act on jobs; always so in the demo (env GITLAB_TOKEN_WRITES)")
	f.StringVar(&s.SimulatorAddr, "simulator-addr", "", "address to serve the simulator's REST API on too, for clients of it (env SIMULATOR_ADDR)")
	f.StringVar(&s.CORSOrigins, "cors-origins", "", "comma-separated origins that browsers may call from; one * in each is a pattern (env CORS_ORIGINS)")
	f.BoolVar(&s.Introspection, "introspection", true, "answer introspection queries (env INTROSPECTION)")
	f.BoolVar(&s.GraphiQL, "graphiql", true, "serve GraphiQL at / (env GRAPHIQL)")
	clientFlags(f, &s.Client)
	requestFlags(f, &s)
	logFlags(f, &s.Logs)
	documentFlags(f, &s.Documents)
	servingFlags(f, &s.Serving)
	if err := ff.Parse(f, args, ff.WithEnvVars()); err != nil {
		return Config{}, err
	}
	if port := os.Getenv("PORT"); port != "" && s.Addr == defaultAddr {
		s.Addr = ":" + port
	}
	return s, nil
}

// requestFlags are the limits of one request and of one caller.
func requestFlags(f *flag.FlagSet, s *Config) {
	f.IntVar(&s.Upstream.Calls, "max-upstream-calls", 500, "upstream calls of one request; 0 = no limit (env MAX_UPSTREAM_CALLS)")
	f.IntVar(&s.Upstream.Parallel, "max-upstream-parallel", 32, "upstream calls of one request at the same time; 0 = no limit (env MAX_UPSTREAM_PARALLEL)")
	f.DurationVar(&s.HTTP.Timeout, "request-timeout", 30*time.Second, "how long one request may take to execute; 0 = no limit (env REQUEST_TIMEOUT)")
	f.IntVar(&s.HTTP.BodyBytes, "max-body-bytes", 1<<20, "length of a request; 0 = no limit (env MAX_BODY_BYTES)")
	f.IntVar(&s.HTTP.JSONDepth, "max-json-depth", 50, "nesting of variables and extensions; 0 = no limit (env MAX_JSON_DEPTH)")
	f.IntVar(&s.Documents.AnswerBytes, "max-answer-bytes", limits.Default().AnswerBytes, "length of an answer; 0 = no limit (env MAX_ANSWER_BYTES)")
	f.IntVar(&s.Admission.InFlight, "max-in-flight", 0, "requests of one credential, or of one address where there is none, at the same time; 0 = no limit (env MAX_IN_FLIGHT)")
	f.Float64Var(&s.Admission.Rate, "max-rate", 0, "requests per second of one credential, or of one address where there is none; 0 = no limit (env MAX_RATE)")
	f.IntVar(&s.Admission.Burst, "max-burst", 50, "requests of one caller at once that -max-rate lets pass after a pause (env MAX_BURST)")
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
	f.IntVar(&l.CachedDocuments, "document-cache-entries", d.CachedDocuments, "documents kept parsed, validated and compiled; 0 = none (env DOCUMENT_CACHE_ENTRIES)")
	f.IntVar(&l.CachedBytes, "document-cache-bytes", d.CachedBytes, "memory of the documents kept and of their plans, estimated; 0 = no limit (env DOCUMENT_CACHE_BYTES)")
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
