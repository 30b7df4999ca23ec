package config

import (
	"time"

	"jobgraph/graph/limits"
	"jobgraph/internal/documents"
)

// Group is a group of settings, as help and documents show them.
type Group struct {
	Title    string
	Settings []Setting
}

// groups declares all settings and sets c to their defaults. Those of a document's limits are the
// profile's.
func groups(c *Config, profile limits.Limits) []Group {
	return []Group{
		{"Command", command(c)},
		{"Server", server(c)},
		{"GitLab", gitlab(c)},
		{"Network to GitLab", network(c)},
		{"Calls to GitLab", upstream(c)},
		{"Requests", requests(c)},
		{"Documents", documentLimits(c, profile)},
		{"Named documents", named(c)},
		{"Job logs", logSettings(c)},
		{"Connections", connections(c)},
		{"Subscriptions", streams(c)},
		{"Operations", operations(c)},
		{"Fast paths", fastPaths(c)},
	}
}

func command(c *Config) []Setting {
	return []Setting{
		text("config", &c.File, "", "file to read settings from, in YAML: one setting a line, by its flag's name"),
		toggle("check", &c.Check, false, "print every setting with its value and source, and exit; mistakes are named").
			command(),
		toggle("version", &c.PrintVersion, false, "print version and commit, and exit").command(),
		toggle("health", &c.Health, false, "ask the gateway that runs with these settings on this machine "+
			"whether it is alive, and exit: with 0 if it is").command(),
	}
}

func server(c *Config) []Setting {
	return []Setting{
		text("addr", &c.Addr, "127.0.0.1:8080", "address to serve on; PORT means every interface").
			envAs("PORT", func(port string) string { return ":" + port }),
		text("cors-origins", &c.CORSOrigins, "", "comma-separated origins that browsers may call from; "+
			"one * in each may stand for subdomains or for the port"),
		text("allowed-hosts", &c.AllowedHosts, "", "comma-separated names that requests may be for, without ports; empty = "+
			"localhost and the addresses of this machine's loopback where -addr is one of those, and otherwise any"),
		text("trusted-proxies", &c.TrustedProxies, "", "comma-separated addresses and networks of proxies, whose "+
			"X-Forwarded-For names the client that is limited"),
		toggle("compression", &c.HTTP.Compression, true, "compress answers over 1 KiB with gzip for clients that accept it; "+
			"streams are never compressed"),
		toggle("introspection", &c.Introspection, true, "answer introspection queries and serve /schema.graphql"),
		toggle("graphiql", &c.GraphiQL, true, "serve GraphiQL at /"),
	}
}

func gitlab(c *Config) []Setting {
	return []Setting{
		text("gitlab-url", &c.GitLabURL, "", "address of the GitLab instance, without /api/v4; "+
			"empty = the embedded simulator").env("GITLAB_URL"),
		text("gitlab-token", &c.GitLabToken, "", "access token for reads of callers that send no credential").
			env("GITLAB_TOKEN").secret(),
		text("gitlab-token-file", &c.GitLabTokenFile, "", "file that holds -gitlab-token, read at start"),
		toggle("gitlab-token-writes", &c.GitLabTokenWrites, false, "use -gitlab-token for mutations too: "+
			"whoever reaches the gateway can then act on jobs; always true in the demo"),
		toggle("gitlab-probe", &c.GitLabProbe, true, "ask GitLab for its release at start, and log whether it can be "+
			"reached and is trusted"),
		text("simulator-addr", &c.SimulatorAddr, "", "address to serve the simulator's REST API on"),
	}
}

func network(c *Config) []Setting {
	n := &c.Client.Network
	return []Setting{
		text("gitlab-ca-file", &c.GitLabCAFile, "", "certificates in PEM of private authorities to trust beside "+
			"the system's, for a GitLab at https://"),
		text("gitlab-client-cert", &c.GitLabCertFile, "", "the gateway's own certificate in PEM, for a GitLab that "+
			"asks for one"),
		text("gitlab-client-key", &c.GitLabKeyFile, "", "key in PEM of -gitlab-client-cert"),
		text("https-proxy", &n.HTTPSProxy, "", "proxy to a GitLab at https://, by CONNECT: it sees no token").
			env("HTTPS_PROXY").env("https_proxy").secret(),
		text("http-proxy", &n.HTTPProxy, "", "proxy to a GitLab at http://: it sees tokens, so HTTP_PROXY in the "+
			"environment is not honoured").secret(),
		text("no-proxy", &n.NoProxy, "", "comma-separated hosts, domains and networks that no proxy is used for; "+
			"the loopback never is").env("NO_PROXY").env("no_proxy"),
		text("upstream-gzip", (*string)(&n.Compression), "auto", "ask GitLab for compressed answers: `auto` = over "+
			"https://, `always`, `never`"),
	}
}

func upstream(c *Config) []Setting {
	r := &c.Client
	return []Setting{
		duration("upstream-timeout", &r.Timeout, 15*time.Second, "time of one upstream call, body included; "+
			"calls end at most 6 % later").positive().past("`UPSTREAM_TIMEOUT`"),
		bytes("max-upstream-body-bytes", &r.MaxBody, 8<<20, "length of one response of GitLab, logs excepted").
			positive().past("`UPSTREAM_INVALID`"),
		integer("max-upstream-concurrent", &r.MaxConcurrent, 1024, "concurrent upstream calls of all requests").
			limit("they wait"),
		integer("upstream-attempts", &r.Retry.MaxAttempts, 3, "attempts of one read, the first included; "+
			"a write has one").positive().past("the error of the last attempt"),
		duration("max-retry-after", &r.Retry.MaxRetryAfter, 5*time.Second, "longest Retry-After of GitLab that a "+
			"read waits for").past("`RATE_LIMITED` with `retryAfter`"),
		fraction("breaker-failure-rate", &r.Breaker.FailureRate, 0.8, "share of failing upstream calls within "+
			"-breaker-period that stops all calls for -breaker-delay; 0 = never").
			past("`UPSTREAM_UNAVAILABLE` with `retryAfter`"),
		duration("breaker-period", &r.Breaker.Period, 10*time.Second, "period that -breaker-failure-rate is "+
			"measured over").positive(),
		duration("breaker-delay", &r.Breaker.Delay, 5*time.Second, "time until one call is let through as a trial").positive(),
	}
}

func requests(c *Config) []Setting {
	h, a := &c.HTTP, &c.Admission
	return []Setting{
		bytes("memory", &c.Memory, 0, "memory of the process, of which all requests together may take a quarter; 0 = the "+
			"container's limit, or 512 MiB where it has none").past("503 `SERVER_OVERLOADED` with `Retry-After`"),
		bytes("max-body-bytes", &h.BodyBytes, 256<<10, "length of a request's body, or of a GET request's query").
			limit("413 `PAYLOAD_TOO_LARGE`"),
		integer("max-json-depth", &h.JSONDepth, 50, "nesting of variables and extensions").limit("400 `BAD_REQUEST`"),
		duration("request-timeout", &h.Timeout, 30*time.Second, "time to execute one request").
			limit("`REQUEST_TIMEOUT`"),
		integer("max-upstream-calls", &c.Upstream.Calls, 500, "upstream calls of one request").
			limit("`UPSTREAM_BUDGET_EXCEEDED`"),
		integer("max-upstream-parallel", &c.Upstream.Parallel, 32, "concurrent upstream calls of one request").
			limit("they wait"),
		integer("max-in-flight", &a.InFlight, 256, "concurrent requests of one caller: of one credential, or of one "+
			"address where there is none").limit("429 `RATE_LIMITED` with `Retry-After`"),
		number("max-rate", &a.Rate, 0, "requests per second of one caller").
			limit("429 `RATE_LIMITED` with `Retry-After`"),
		integer("max-address-in-flight", &a.AddressInFlight, 1024, "concurrent requests of all callers at one address").
			limit("429 `RATE_LIMITED` with `Retry-After`"),
		number("max-address-rate", &a.AddressRate, 0, "requests per second of all callers at one address; 0 = as "+
			"-max-rate").past("429 `RATE_LIMITED` with `Retry-After`"),
		integer("max-burst", &a.Burst, 50, "requests of one caller at once that -max-rate allows after a pause").
			positive().past("429 `RATE_LIMITED` with `Retry-After`"),
	}
}

func documentLimits(c *Config, profile limits.Limits) []Setting {
	const past = "`QUERY_TOO_COMPLEX`"
	l, p := &c.Documents, profile
	return []Setting{
		limitsProfile(c),
		bytes("max-query-bytes", &l.QueryBytes, p.QueryBytes, "length of a document").limit(past),
		integer("max-tokens", &l.Tokens, p.Tokens, "lexical tokens of a document").limit(past),
		integer("max-depth", &l.Depth, p.Depth, "nesting of fields, through fragments").limit(past),
		integer("max-aliases", &l.Aliases, p.Aliases, "aliases of an operation, wherever fragments spread them").
			limit(past),
		integer("max-root-fields", &l.RootFields, p.RootFields, "top-level fields of an operation").limit(past),
		integer("max-mutations", &l.Mutations, p.Mutations, "mutations of an operation").limit(past),
		integer("max-directives", &l.Directives, p.Directives, "directives of a document").limit(past),
		integer("max-fragments", &l.Fragments, p.Fragments, "fragments that a document defines").limit(past),
		integer("max-spreads", &l.Spreads, p.Spreads, "fragment spreads and inline fragments of a document").
			limit(past),
		integer("max-variables", &l.Variables, p.Variables, "variables that an operation declares").limit(past),
		integer("max-deferred", &l.Deferred, p.Deferred, "deferred fragments of an operation, wherever fragments spread "+
			"them").limit(past),
		integer("max-fields", &l.Fields, p.Fields, "fields of a document, wherever fragments spread them").limit(past),
		integer("max-complexity", &l.Complexity, p.Complexity, "values that an answer may hold, by the page sizes "+
			"asked for").limit(past),
		integer("max-errors", &l.Errors, p.Errors, "errors of one answer").
			limit("`TOO_MANY_ERRORS` stands for the rest"),
		bytes("max-answer-bytes", &l.AnswerBytes, p.AnswerBytes, "length of an answer's data").
			limit("`ANSWER_TOO_LARGE`"),
		integer("document-cache-entries", &l.CachedDocuments, p.CachedDocuments, "documents kept parsed, validated "+
			"and compiled; 0 = none"),
		bytes("document-cache-bytes", &l.CachedBytes, p.CachedBytes, "estimated memory of the documents kept and of "+
			"their plans; 0 = no limit"),
	}
}

func named(c *Config) []Setting {
	return []Setting{
		text("trusted-documents", &c.Trusted, "", "manifest of documents that requests may name by their ID, as "+
			"Relay, GraphQL Code Generator or Apollo write it; read again when it changes"),
		choice("unlisted-documents", &c.Named.Mode, documents.Allow, "what becomes of a document that the manifest "+
			"does not list", documents.Allow, documents.Log, documents.Refuse),
		bytes("registered-documents-bytes", &c.Named.RegisteredBytes, 4<<20, "memory of documents that clients "+
			"register by their hash (automatic persisted queries); 0 = none"),
	}
}

func logSettings(c *Config) []Setting {
	l := &c.Logs
	return []Setting{
		bytes("max-log-bytes", &l.Bytes, 256<<20, "length of a log that is read").limit("`LOG_TOO_LARGE`"),
		bytes("max-log-raw-bytes", &l.RawBytes, 4<<20, "length of a log, or of its text, that is answered in one "+
			"field").limit("`LOG_TOO_LARGE`"),
		duration("max-log-time", &l.Time, 20*time.Second, "time of reading a log once").limit("`LOG_TIMEOUT`"),
	}
}

func connections(c *Config) []Setting {
	s := &c.Serving
	return []Setting{
		duration("read-header-timeout", &s.ReadHeaderTimeout, 10*time.Second, "time to receive a request's headers").
			limit("the connection is closed"),
		duration("read-timeout", &s.ReadTimeout, 30*time.Second, "time to receive a request, body included").
			limit("408, and the connection is closed"),
		duration("write-timeout", &s.WriteTimeout, 30*time.Second, "time to send an answer, after -request-timeout").
			limit("the connection is closed"),
		duration("idle-timeout", &s.IdleTimeout, 2*time.Minute, "time that a connection is kept between requests").
			limit("the connection is closed"),
		bytes("max-header-bytes", &s.HeaderBytes, 32<<10, "length of a request's headers and address").positive().past("431"),
		integer("max-connections", &s.Connections, 10_000, "concurrent connections").limit("they wait"),
		integer("max-anonymous-connections", &s.Anonymous, 1000, "concurrent connections that have not sent a "+
			"credential in a complete head").limit("the one that has been without an answer longest is closed"),
		bytes("send-buffer-bytes", &s.SendBuffer, 64<<10, "send buffer of a connection in the kernel, of which "+
			"Linux keeps twice as much; 0 = the system's"),
		duration("drain-delay", &s.DrainDelay, 0, "time that /readyz answers 503 before a graceful shutdown begins, "+
			"for load balancers to notice"),
		duration("shutdown-timeout", &s.ShutdownTimeout, 15*time.Second, "time that requests in flight have to "+
			"finish during a graceful shutdown"),
	}
}

func streams(c *Config) []Setting {
	const refused = "`RATE_LIMITED`"
	s, w := &c.HTTP.Streams, &c.WebSocket
	return []Setting{
		integer("max-streams", &c.Streams.Total, 20_000, "concurrent subscriptions of all callers").limit(refused),
		integer("max-streams-per-caller", &c.Streams.Caller, 2000, "concurrent subscriptions of one caller").
			limit(refused),
		duration("live-interval", &c.Live.MinInterval, 2*time.Second, "time between two polls of what is watched while "+
			"it changes; it grows while nothing does"),
		duration("live-log-interval", &c.Live.LogInterval, 3*time.Second, "time between two polls of a log that moves "+
			"all the time; runners push every 3 to 60 s, and the polls follow them"),
		integer("live-calls-per-minute", &c.Live.CallsPerMinute, 300, "calls to GitLab with one credential for "+
			"its subscriptions; past it they are told of changes later"),
		text("webhook-secret", &c.WebhookSecret, "", "secret token, or signing secret (whsec_…), of the GitLab webhooks that "+
			"are received at /webhooks/gitlab; empty = none are received").secret(),
		duration("live-outage", &c.Live.Outage, 5*time.Minute, "time that GitLab may fail before a subscription "+
			"ends").limit("the code of the last failure"),
		bytes("live-state-bytes", &c.Live.StateBytes, 64<<20, "memory for the states of all that is watched").
			limit(refused),
		bytes("live-log-bytes", &c.Live.LogBytes, 32<<20, "memory for parts of logs that are followed"),
		duration("shutdown-spread", &c.ShutdownSpread, 5*time.Second, "time over which a shutdown ends subscriptions, "+
			"so that not all clients come again at once"),
		duration("stream-heartbeat", &s.Heartbeat, 15*time.Second, "time between two signs of life of a quiet "+
			"event stream or multipart answer; 0 = none"),
		duration("stream-write-timeout", &s.WriteTimeout, 15*time.Second, "time to send one response of a "+
			"stream").limit("the connection is closed"),
		integer("max-ws-connections", &w.Connections, 20_000, "concurrent WebSocket connections").limit("503"),
		integer("max-ws-operations", &w.Operations, 200, "concurrent operations of one WebSocket connection").
			limit(refused),
		bytes("max-ws-message-bytes", &w.MessageBytes, 256<<10, "length of a message from a WebSocket client").
			limit("close code 1009"),
		duration("ws-init-timeout", &w.InitTimeout, 10*time.Second, "time until connection_init").
			limit("close code 4408"),
		duration("ws-ping-interval", &w.PingInterval, 25*time.Second, "silence of a WebSocket client after which "+
			"it is pinged; 0 = never"),
		duration("ws-pong-timeout", &w.PongTimeout, 15*time.Second, "time to answer a ping").
			limit("the connection is closed"),
		duration("ws-write-timeout", &w.WriteTimeout, 15*time.Second, "time to send one message").
			limit("the connection is closed"),
		duration("ws-idle-timeout", &w.IdleTimeout, 5*time.Minute, "time without an operation").
			limit("close code 1000"),
		duration("ws-lifetime", &w.Lifetime, 12*time.Hour, "age of a WebSocket connection").
			limit("close code 1012, on which clients connect again"),
	}
}

func operations(c *Config) []Setting {
	return []Setting{
		text("metrics-addr", &c.MetricsAddr, "", "address of /metrics, /healthz and /readyz for operators; "+
			"empty = /metrics is served on -addr"),
		text("redis-url", &c.RedisURL, "", "Redis or Valkey that replicas share wake-ups, leases and registered documents by, as "+
			"redis://user:password@host:6379/0 or rediss://; several hosts with commas are a cluster, with "+
			"?master_name= sentinels; empty = this replica is alone").secret(),
		choice("log-format", &c.LogFormat, "text", "how the log is written to standard error", "text", "json"),
		choice("log-level", &c.LogLevel, "info", "least level that is logged", "debug", "info", "warn", "error"),
		toggle("log-requests", &c.LogRequests, false, "log one line for each operation: its name, outcome, calls, "+
			"duration and request ID, and nothing of its text, variables or credential"),
	}
}

// fastPaths are optimisations: each can be switched off, and no answer changes.
func fastPaths(c *Config) []Setting {
	return []Setting{
		toggle("explain", &c.Explain, false, "answer requests with `\"extensions\": {\"plan\": true}` with the plan of the query; always true in the demo"),
		toggle("fast-queries", &c.FastQueries, true, "answer queries by copying from GitLab's JSON where possible "+
			"(graph/projection); false = the resolvers answer every query"),
		toggle("fast-server", &c.FastServer, true, "serve plain HTTP/1.1 requests without net/http (internal/http1); "+
			"false = net/http serves every connection"),
		toggle("fast-client", &c.FastClient, true, "call a GitLab at http:// by the client's own HTTP/1.1 "+
			"transport (restclient/internal/http1) unless a proxy or compression is set; false = by net/http's"),
	}
}
