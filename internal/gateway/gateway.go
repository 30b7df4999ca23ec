// Package gateway puts the parts of the program together: [Handler] makes the HTTP surface from a
// configuration, [Run] serves it until its context ends, and [Command] does what a command line
// asks for. Arguments, environment, output and clock are parameters.
package gateway

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"time"

	"jobgraph/internal/admission"
	"jobgraph/internal/budget"
	"jobgraph/internal/caller"
	"jobgraph/internal/config"
	"jobgraph/internal/documents"
	"jobgraph/internal/serving"
	"jobgraph/internal/tracing"
)

// Process is what the gateway is given by the process that runs it.
type Process struct {
	Out io.Writer // where it prints which address it serves
	Err io.Writer // where it logs
	Now func() time.Time

	environ []string
	log     *slog.Logger    // made from the settings
	traces  *tracing.Traces // nil where the environment asks for none
}

// minimumHeap is the size of an allocation that is never touched and so takes no memory. The
// collector's pace depends on the size of the heap; without it, the heap is so small that the
// collector runs dozens of times a second.
const minimumHeap = 8 << 20

// Command does what the command line asks for: it serves until ctx ends, or prints help, the
// version or the settings. environ is as os.Environ returns it.
func Command(ctx context.Context, args, environ []string, p Process) error {
	c, err := config.Read(args, environ)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return config.WriteHelp(p.Out)
	case err != nil:
		return err
	case c.PrintVersion:
		_, err = fmt.Fprintln(p.Out, config.Version())
		return err
	case c.Health:
		return checkHealth(ctx, c)
	case c.Check:
		return check(ctx, c, environ, p)
	}
	p.environ = environ
	return Run(ctx, c, p)
}

// Run serves until ctx ends, and then shuts down gracefully. Without a GitLab configured it starts
// the embedded simulator and serves that.
func Run(ctx context.Context, c config.Config, p Process) error {
	budget.LimitHeap(memory(c))
	p.log = newLog(c, p)
	if err := readToken(&c); err != nil {
		return err
	}
	var err error
	if p.traces, err = tracing.Open(ctx, p.environ, config.Version(), p.log); err != nil {
		return err
	}
	defer p.traces.Close()
	upstream, err := openUpstream(&c, p.Out)
	if err != nil {
		return err
	}
	defer upstream.close()
	client, err := newClient(c, p.log)
	if err != nil {
		return err
	}
	health := new(serving.Health)
	h, err := Handler(c, client, health, p)
	if err != nil {
		return err
	}
	announcement, closeOperations, err := serveOperations(c, h.operations)
	if err != nil {
		return err
	}
	defer closeOperations()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	if hosts, _ := admission.ParseHosts(c.AllowedHosts, c.Addr); hosts.Any() { // Handler has parsed them
		p.log.Warn("requests for any host name are served, so that pages of strangers can reach the gateway by a name of theirs; set -allowed-hosts")
	}
	fmt.Fprintf(p.Out, "jobgraph: serving %s; open http://%s/\n", upstream.name, reachable(listener.Addr()))
	fmt.Fprint(p.Out, announcement)
	if c.Demo {
		fmt.Fprintln(p.Out, demoIntroduction())
	}
	if c.GitLabProbe && !c.Demo {
		go logProbe(ctx, c, client, p.log)
	}
	untouched := make([]byte, minimumHeap)
	defer runtime.KeepAlive(&untouched)
	if c.Trusted != "" {
		watching, stop := context.WithCancel(ctx)
		defer stop()
		go watchDocuments(watching, h.trusted, p.log)
	}
	bounds := connections(c)
	bounds.EndStreams = h.Shutdown
	return serving.Serve(ctx, listener, h, health, bounds)
}

// documentsEvery is the interval between two checks of the file of trusted documents.
const documentsEvery = 2 * time.Second

// watchDocuments reloads the trusted documents when their file changes, until ctx ends.
func watchDocuments(ctx context.Context, t *documents.Trusted, log *slog.Logger) {
	tick := time.NewTicker(documentsEvery)
	defer tick.Stop()
	t.Watch(ctx, tick.C,
		func(n int) { log.Info("trusted documents were read again", "documents", n) },
		func(err error) { log.Error("trusted documents cannot be read: those before stay", "error", err) })
}

// reserveAnswer reserves the memory of a response of GitLab on the account of the request that
// reads it.
func reserveAnswer(ctx context.Context, bytes int64) error {
	if budget.IsUndecoded(ctx) {
		return budget.Grow(ctx, bytes)
	}
	return budget.Grow(ctx, budget.DecodedFactor*bytes)
}

// check prints the effective configuration. It builds the gateway but does not serve it.
func check(ctx context.Context, c config.Config, environ []string, p Process) error {
	name := "GitLab at " + c.GitLabURL
	if c.GitLabURL == "" {
		name, c.Demo, c.GitLabURL = demoName, true, "http://localhost"
	}
	if err := readToken(&c); err != nil {
		return err
	}
	client, err := newClient(c, nil)
	if err != nil {
		return err
	}
	if _, err := Handler(c, client, new(serving.Health), p); err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "%s would serve %s on %s\n", config.Version(), name, c.Addr)
	if c.GitLabProbe && !c.Demo {
		found, _ := probe(ctx, c, client)
		fmt.Fprintln(p.Out, found)
	}
	for _, variable := range config.Unknown(environ) {
		fmt.Fprintf(p.Out, "%s in the environment is no setting and is ignored\n", variable)
	}
	return c.WriteValues(p.Out)
}

// connections returns the bounds of a connection. The time to write an answer starts after the time
// to execute it.
func connections(c config.Config) serving.Config {
	s := c.Serving
	s.FastPath, s.CredentialHeaders = c.FastServer, caller.Headers()
	if s.WriteTimeout > 0 && c.HTTP.Timeout > 0 {
		s.WriteTimeout += c.HTTP.Timeout
	} else {
		s.WriteTimeout = 0
	}
	return s
}

// reachable returns an address as a client on this machine would write it.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err == nil && net.ParseIP(host).IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a.String()
}
