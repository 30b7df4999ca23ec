// Package gateway puts the parts of the program together: Handler makes the HTTP surface from a configuration, and
// Run serves it until its context ends. It reads neither flags nor environment.
package gateway

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"time"

	"jobgraph/internal/config"
	"jobgraph/internal/serving"
	"jobgraph/restclient"
)

// Process is what the gateway is given by the process that runs it.
type Process struct {
	Out io.Writer // where it prints which address it serves
	Log *slog.Logger
	Now func() time.Time
}

// minimumHeap is the size of an allocation that is never touched and so takes no memory. The collector's pace depends
// on the size of the heap; without it, the heap is so small that the collector runs dozens of times a second.
const minimumHeap = 4 << 20

// Run serves until ctx ends, and then shuts down gracefully. Without a GitLab configured it starts the embedded
// simulator and serves that.
func Run(ctx context.Context, c config.Config, p Process) error {
	upstream, err := openUpstream(&c, p.Out)
	if err != nil {
		return err
	}
	defer upstream.close()
	c.Client.BaseURL = c.GitLabURL
	client, err := restclient.New(c.Client)
	if err != nil {
		return fmt.Errorf("gitlab-url: %w", err)
	}
	health := new(serving.Health)
	h, err := Handler(c, client, health, p)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "jobgraph: %s; open http://%s/\n", upstream.name, reachable(listener.Addr()))
	if c.Demo {
		fmt.Fprintln(p.Out, demoIntroduction())
	}
	untouched := make([]byte, minimumHeap)
	defer runtime.KeepAlive(&untouched)
	return serving.Serve(ctx, listener, h, health, connections(c))
}

// connections returns the bounds of a connection. The time to write an answer starts after the time to execute it.
func connections(c config.Config) serving.Config {
	s := c.Serving
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
