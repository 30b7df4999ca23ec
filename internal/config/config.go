// Package config holds every setting of the gateway.
//
// A setting is described once, by one line in settings.go. From that description come its flag
// (-max-depth), its environment variable (JOBGRAPH_MAX_DEPTH), its key in the configuration file
// (max-depth: 30), its line in -help and in -check, and its row in docs/settings.md.
// CONTRIBUTING.md tells how to add one.
//
// A flag overrides an environment variable, which overrides the file, which overrides the default.
// The package reads what it is given and the configuration file; only the command knows the
// process's arguments and environment.
package config

import (
	"time"

	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/internal/admission"
	"jobgraph/internal/documents"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/graphqlws"
	"jobgraph/internal/live"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Config is the configuration of the gateway.
type Config struct {
	File           string // the configuration file
	Check          bool   // print what would run
	PrintVersion   bool   // print the version
	Health         bool   // ask a running gateway whether it is alive
	Addr           string
	CORSOrigins    string
	AllowedHosts   string
	TrustedProxies string
	Introspection  bool
	Explain        bool
	GraphiQL       bool

	GitLabURL         string
	GitLabToken       string
	GitLabTokenFile   string // holds GitLabToken
	GitLabProbe       bool   // ask GitLab at start whether it can be used
	GitLabCAFile      string
	GitLabCertFile    string // the gateway's own certificate for GitLab, and its key
	GitLabKeyFile     string
	GitLabTokenWrites bool
	SimulatorAddr     string
	Demo              bool // set by the gateway when no GitLab is configured

	Client        restclient.Config
	Upstream      loader.Limits
	HTTP          graphqlhttp.Config
	Admission     admission.Limits
	Logs          logs.Limits
	Documents     limits.Limits
	LimitsProfile string
	Serving       serving.Config
	Memory        int64 // of the process
	Streams       admission.StreamLimits
	Live          live.Config

	WebhookSecret  string        // of GitLab's webhooks; "" receives none
	ShutdownSpread time.Duration // over which subscriptions end
	WebSocket      graphqlws.Config
	Named          documents.Config
	Trusted        string // the file of trusted documents

	FastQueries bool
	FastServer  bool
	FastClient  bool

	RedisURL    string
	MetricsAddr string
	LogFormat   string
	LogLevel    string
	LogRequests bool

	Settings []Group // all settings with their values, for -check
}
