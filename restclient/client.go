package restclient

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// Defaults of Config.
const (
	defaultUserAgent = "jobgraph"
	defaultMaxBody   = 32 << 20 // a page of 100 jobs is about 200 KB
	defaultTimeout   = 30 * time.Second
)

// apiPath is where the API begins, below the instance's address.
const apiPath = "/api/v4"

// Config is what a [Client] is made from. Only BaseURL is needed.
type Config struct {
	BaseURL       string            // the instance's address without /api/v4; may have a path prefix
	Network       Network           // how the instance is reached
	Log           *slog.Logger      // logs why calls fail, once per kind and minute; nil: off
	Transport     http.RoundTripper // nil: by Network
	UserAgent     string            // "" = "jobgraph"
	MaxBody       int64             // bytes of one JSON answer; 0 = 32 MiB
	Timeout       time.Duration     // one attempt, until its body is read, or a sixteenth longer; 0 = 30 s
	Retry         RetryPolicy       // how reads are repeated
	Breaker       BreakerPolicy     // off unless set
	Reserve       Reserve           // called before an answer's body is read; nil: nothing is reserved
	MaxConcurrent int               // calls in flight; one past it waits, within its context's deadline; 0 = no bound
}

// Reserve reserves memory for a body of so many bytes, for whoever made the call. Where there is
// none, the call ends with its error, which is returned as it is and not repeated.
type Reserve func(ctx context.Context, bytes int64) error

// Client speaks to one GitLab instance, for any number of callers. It is safe for concurrent use.
type Client struct {
	base      *url.URL // the instance, for comparing redirects with
	api       string   // base and apiPath, without a slash at the end
	prefix    string   // the path of api
	transport http.RoundTripper
	punctual  punctual // the transport, where it is one
	userAgent []string // in the form of a header's values, shared by all requests
	maxBody   int64
	bodies    bodies
	freeBody  func([]byte) // bodies.free, made once
	reserve   Reserve
	timeout   time.Duration
	retry     RetryPolicy
	retries   retrypolicy.RetryPolicy[outcome]
	gate      *gate
	throttles *throttles
	names     triggerNames
	failures  failures
	observer  Observer
	now       func() time.Time
	random    func() float64 // in [0, 1)
}

// New makes a client. The error is an [*ArgumentError] that names the setting.
func New(cfg Config) (*Client, error) {
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	retry, err := cfg.Retry.withDefaults()
	if err != nil {
		return nil, err
	}
	gate, err := newGate(cfg.Breaker, cfg.MaxConcurrent)
	if err != nil {
		return nil, err
	}
	if cfg.MaxBody < 0 || cfg.Timeout < 0 {
		return nil, &ArgumentError{Name: "config", Problem: "MaxBody and Timeout cannot be negative"}
	}
	c := &Client{
		base:      base,
		api:       base.String() + apiPath,
		prefix:    base.EscapedPath() + apiPath,
		transport: cfg.Transport,
		userAgent: []string{orDefault(cfg.UserAgent, defaultUserAgent)},
		maxBody:   orDefault(cfg.MaxBody, defaultMaxBody),
		reserve:   cfg.Reserve,
		timeout:   orDefault(cfg.Timeout, defaultTimeout),
		retry:     retry,
		retries:   retry.build(),
		gate:      gate,
		throttles: newThrottles(),
		failures:  failures{log: cfg.Log},
		now:       time.Now,
		random:    rand.Float64,
	}
	if c.transport == nil {
		if c.transport, err = cfg.Network.transport(base); err != nil {
			return nil, err
		}
	}
	c.punctual, _ = c.transport.(punctual)
	c.freeBody = c.bodies.free
	return c, nil
}

// parseBase reads the instance's address and drops the slashes at its end.
func parseBase(address string) (*url.URL, error) {
	refuse := func(problem string, cause error) (*url.URL, error) {
		return nil, &ArgumentError{Name: "BaseURL", Problem: problem, Err: cause}
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return refuse("it is not a URL", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("it does not begin with http:// or https://", nil)
	case u.Hostname() == "":
		return refuse("it names no host", nil)
	case u.User != nil:
		return refuse("it carries a user name or password", nil)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return refuse("it has a query or a fragment", nil)
	}
	trimmed := strings.TrimRight(u.EscapedPath(), "/")
	if strings.HasSuffix(trimmed, apiPath) {
		return refuse("leave "+apiPath+" out of it", nil)
	}
	if u.Path, err = url.PathUnescape(trimmed); err != nil {
		return refuse("it is not a URL", err)
	}
	u.RawPath = trimmed
	return u, nil
}

// orDefault is value, or otherwise where value is zero.
func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Fetch sends one read and returns its bytes. path is a Get's Path, or a Page's NextPath.
func (c *Client) Fetch(ctx context.Context, cred Credential, path string) (*Response, error) {
	call := call{method: http.MethodGet, path: path, cred: cred, accept: mediaJSON}
	run := c.run
	if isTriggerJobs(path) {
		run = c.runList
	}
	result := run(ctx, &call)
	return result.response, result.err
}

// Do is Fetch and Decode of one read. The response is not nil where the call itself went well.
func Do[T any](ctx context.Context, c *Client, cred Credential, g Get[T]) (T, *Response, error) {
	var zero T
	if err := g.Err(); err != nil {
		return zero, nil, err
	}
	response, err := c.Fetch(ctx, cred, g.Path())
	if err != nil {
		return zero, nil, err
	}
	v, err := Decode[T](response)
	return v, response, err
}

// Send sends one write, at most once: it is repeated only where nothing of it can have reached the
// server, because no connection could be made. After any other failure [OutcomeUnknown] reports
// whether GitLab may have acted on it. Redirects are not followed.
func (c *Client) Send(ctx context.Context, cred Credential, p Post) (*Response, error) {
	if p.invalid != nil {
		return nil, p.invalid
	}
	call := call{method: http.MethodPost, path: p.path, body: p.body, cred: cred, accept: mediaJSON}
	result := c.run(ctx, &call)
	return result.response, result.err
}
