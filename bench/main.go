// Command bench loads the gateway as it ships, and prints what a query costs.
//
//	go -C bench run .                            every workload, with one token and with one each
//	go -C bench run . -workloads single,wide     some of them
//	go -C bench run . -curves ../docs/img        how cost grows: an SVG for each curve
//	go -C bench run . -watchers 10000            what subscriptions cost; -each 10: ten a connection
//	go -C bench run . -day                       a company's day, of which every hour is cut to 30 s
//	go -C bench run . -soak 3m                   what is left when watchers have come and gone
//
// It builds the gateway, starts it as a process of its own for every measurement, and answers its
// REST calls from this process: from the embedded simulator on a fixed clock, whose finished
// answers are kept and replayed so that the upstream costs next to nothing. Where there are two
// CPUs or more, the gateway has the first to itself, and load and upstream share the others. Each
// answer is compared with the first one, byte for byte.
//
// It runs on Linux only: it reads the gateway's CPU time and memory from the kernel.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"jobgraph/bench/capacity"
)

// settings are what the flags say.
type settings struct {
	duration    time.Duration
	connections int
	workloads   string
	latency     time.Duration
	json        bool
	curves      string
	watchers    int
	each        int
	tokens      int
	interval    time.Duration
	soak        time.Duration

	day        bool
	developers int
	hour       time.Duration
	seed       uint64
	part       string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == relayCommand {
		return relay(ctx, args[1:])
	}
	var s settings
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.DurationVar(&s.duration, "duration", 3*time.Second, "how long each workload is measured, after a fifth of that to warm up; a point of a curve takes a third")
	f.IntVar(&s.connections, "connections", 64, "connections, each with one query at a time; a curve says for itself how many it has")
	f.StringVar(&s.workloads, "workloads", "", "comma-separated workloads, kinds of them (list, n+1, single, wide, page), or curves; empty = all")
	f.DurationVar(&s.latency, "latency", 0, "how long the upstream takes to answer a REST call")
	f.BoolVar(&s.json, "json", false, "print a JSON object a line instead of a table")
	f.StringVar(&s.curves, "curves", "", "draw the curves into this folder, and run no workloads")
	f.IntVar(&s.watchers, "watchers", 0, "measure so many WebSocket connections that watch jobs, and run no workloads")
	f.IntVar(&s.each, "each", 1, "subscriptions over each connection of -watchers")
	f.BoolVar(&s.day, "day", false, "replay a company's day, and run no workloads")
	f.IntVar(&s.developers, "developers", 1000, "developers of -day; dashboards and bots are in proportion")
	f.DurationVar(&s.hour, "hour", 30*time.Second, "how much of each of the ten hours of -day is replayed")
	f.Uint64Var(&s.seed, "seed", 1, "of the schedule of -day")
	f.StringVar(&s.part, "part", string(capacity.Whole), "part of -day: whole, pages, watches or webhooks")
	f.IntVar(&s.tokens, "tokens", 1, "tokens that the connections of -watchers share")
	f.DurationVar(&s.interval, "interval", 2*time.Second, "the gateway's -live-interval, with -watchers")
	f.DurationVar(&s.soak, "soak", 0, "let watchers come and go, with faults and slow readers, for so long, and run no workloads")
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := pinSelf(); err != nil {
		return fmt.Errorf("keep to some CPUs: %w", err)
	}
	b, err := newBench(ctx, s)
	if err != nil {
		return err
	}
	defer b.close()
	switch {
	case s.day:
		return b.runDay()
	case s.soak > 0:
		return b.runSoak()
	case s.watchers > 0:
		return b.runWatchers()
	case s.curves != "":
		return b.runCurves()
	}
	return b.runWorkloads()
}

// selected reports whether -workloads names one of these.
func (s *settings) selected(names ...string) bool {
	if s.workloads == "" {
		return true
	}
	for wanted := range strings.SplitSeq(s.workloads, ",") {
		for _, name := range names {
			if strings.TrimSpace(wanted) == name {
				return true
			}
		}
	}
	return false
}
