// Command jobgraph is a GraphQL gateway over GitLab's REST Jobs API. Without a GitLab configured it runs on an embedded
// simulator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"jobgraph/internal/config"
	"jobgraph/internal/gateway"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "jobgraph:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := config.Read(os.Args[1:], os.Stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	return gateway.Run(ctx, c, gateway.Process{Out: os.Stdout, Log: log, Now: time.Now})
}
