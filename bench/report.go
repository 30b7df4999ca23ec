package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// runWorkloads measures what -workloads names, with one token and with a token per request, and
// prints it. What fails does not keep the others from being measured.
func (b *bench) runWorkloads() error {
	out := newReport(os.Stdout, b.json, 17)
	var failed []error
	for _, w := range workloads() {
		if !b.selected(w.Name, w.Kind) {
			continue
		}
		for _, private := range []bool{false, true} {
			result, err := b.measureBeside(trial{
				workload: w, connections: b.connections, private: private,
				latency: b.latency, duration: b.duration, enough: int64(4 * b.connections),
			})
			if err != nil {
				failed = append(failed, err)
				continue
			}
			out.add(result)
		}
	}
	added, err := b.measureAdded()
	if err == nil {
		out.end(added)
	}
	return errors.Join(append(failed, err)...)
}

// measureBeside measures a query and, where nothing is shared, the relay that does the same REST
// calls.
func (b *bench) measureBeside(t trial) (result, error) {
	result, err := b.measure(t)
	if err != nil || !t.private {
		return result, err
	}
	relayed, err := b.measureRelay(t, result)
	result.Relay = &relayed
	return result, err
}

// report prints results as they come: a JSON object a line, or a table.
type report struct {
	out   io.Writer
	json  *json.Encoder // nil for the table
	width int           // of the first column
}

func newReport(out io.Writer, asJSON bool, width int) *report {
	if asJSON {
		return &report{out: out, json: json.NewEncoder(out)}
	}
	fmt.Fprintf(out, "%-*s %-5s %10s %8s %8s %8s %7s %6s %7s %9s %8s %9s\n",
		width, "workload", "token", "queries/s", "p50 ms", "p99 ms", "CPU ms", "RSS MB", "REST", "loaded", "bytes", "relay/s", "relay CPU")
	return &report{out: out, width: width}
}

func (r *report) add(v result) {
	if r.json != nil {
		_ = r.json.Encode(v) // to the terminal, as below
		return
	}
	fmt.Fprintf(r.out, "%-*s %-5s %10.0f %8.2f %8.2f %8.3f %7.0f %6d %7.2f %9d",
		r.width, v.Workload, v.Tokens, v.PerSecond, v.P50, v.P99, v.CPU, v.Memory, v.CallsAlone, v.Calls, v.AnswerBytes)
	if v.Relay != nil {
		fmt.Fprintf(r.out, " %8.0f %9.3f", v.Relay.PerSecond, v.Relay.CPU)
	}
	fmt.Fprintln(r.out)
}

// end finishes the report with what the gateway adds to a REST call.
func (r *report) end(a added) {
	if r.json != nil {
		_ = r.json.Encode(a)
		return
	}
	fmt.Fprintf(r.out, "\none REST call, idle, ms: direct p50 %.3f p99 %.3f, through the gateway p50 %.3f p99 %.3f, added p50 %.3f p99 %.3f\n",
		a.Direct50, a.Direct99, a.Through50, a.Through99, a.Through50-a.Direct50, a.Through99-a.Direct99)
}
