package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"jobgraph/bench/capacity"
)

// printPoint prints what a day took and, for a whole day, what the model predicts.
func printPoint(out io.Writer, p capacity.Point) {
	for _, kind := range capacity.Kinds {
		if n := p.Requests[kind]; n > 0 {
			fmt.Fprintf(out, "%8d requests: %s\n", n, kind)
		}
	}
	for _, route := range slices.Sorted(maps.Keys(p.Calls)) {
		if n := p.Calls[route]; n > 0 {
			fmt.Fprintf(out, "%8d calls to GitLab: %s\n", n, route)
		}
	}
	fmt.Fprintf(out, "%8d polls and %d events of %d subscriptions at most\n", p.Polls, p.Events, p.MostWatches)
	fmt.Fprintf(out, "in %.0f s: CPU %.2f s (%.3f cores), memory %.1f MB (%.1f MB when idle), p50 %.1f ms, p99 %.1f ms\n",
		p.Seconds, p.CPU, p.CPU/p.Seconds, p.Memory/1e6, p.Idle/1e6, p.P50, p.P99)
	points, err := capacity.Measured()
	if err != nil || p.Part != capacity.Whole {
		return
	}
	m, err := capacity.New(points)
	if err != nil {
		return
	}
	predicted := m.Predict(p.Company, p.Seconds)
	fmt.Fprintf(out, "the model predicts %.0f requests, %.0f calls, CPU %.2f s, memory %.1f MB; measured were %d, %d, %.2f s, %.1f MB\n",
		predicted.Requests, predicted.Calls, predicted.CPU, predicted.Memory/1e6,
		p.AllRequests(), p.AllCalls(), p.CPU, p.Memory/1e6)
}
