// Command jobgraph is a GraphQL gateway over GitLab's REST Jobs API. Without a GitLab configured it
// runs on an embedded simulator.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"jobgraph/internal/gateway"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	process := gateway.Process{
		Out: os.Stdout,
		Err: os.Stderr,
		Now: time.Now,
	}
	if err := gateway.Command(ctx, os.Args[1:], os.Environ(), process); err != nil {
		fmt.Fprintln(os.Stderr, "jobgraph:", err)
		os.Exit(1)
	}
}
