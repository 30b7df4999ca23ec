package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's program be the relay too, as the command's is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == relayCommand {
		if err := run(context.Background(), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		return
	}
	os.Exit(m.Run())
}

func startBench(t *testing.T) *bench {
	t.Helper()
	b, err := newBench(t.Context(), settings{duration: time.Millisecond, curves: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}

// One gateway answers all: what a query takes by itself does not depend on those before it.
func TestEachWorkloadIsAnsweredWithTheCallsThatItShouldTake(t *testing.T) {
	b := startBench(t)
	gateway, err := start(t.Context(), b.gateway(), "-addr", "127.0.0.1:0", "-gitlab-probe=false", "-gitlab-url", "http://"+b.upstream.address())
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Stop()
	for _, w := range workloads() {
		before := b.upstream.calls.Load()
		request, err := query(w)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.first(host(gateway), request); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
		if calls := b.upstream.calls.Load() - before; calls != int64(w.Calls) {
			t.Errorf("%s: %d REST calls, want %d", w.Name, calls, w.Calls)
		}
	}
}

func TestCurveIsMeasuredAndDrawn(t *testing.T) {
	b := startBench(t)
	b.duration = 50 * time.Millisecond // on a busy machine, enough for queries whose calls fall into it too
	c := curve{name: "rows", axis: "jobs", log: true, series: []series{along("few", rows, 1, 2), along("more", rows, 3, 4)}}
	for _, s := range c.series {
		for i := range s.points {
			if err := b.measurePoint(c, s, &s.points[i]); err != nil {
				t.Fatal(err)
			}
			r := s.points[i].result
			if r.P50 <= 0 || r.CPU <= 0 || r.Memory <= 0 || r.Calls <= 0 || r.Relay == nil || r.Relay.CPU <= 0 {
				t.Errorf("%s: %+v", r.Workload, r)
			}
		}
	}
	file := filepath.Join(b.curves, "rows.svg")
	if err := c.draw(file); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(svg), ">peak memory, MB<") || !strings.Contains(string(svg), ">few<") {
		t.Errorf("error %v, SVG %.300s", err, svg)
	}
}

// The largest document of each series must be one that the gateway takes.
func TestEachCurveEndsWithADocumentThatIsAnswered(t *testing.T) {
	b := startBench(t)
	args := append([]string{"-addr", "127.0.0.1:0", "-gitlab-probe=false", "-gitlab-url", "http://" + b.upstream.address()}, generous()...)
	gateway, err := start(t.Context(), b.gateway(), args...)
	if err != nil {
		t.Fatal(err)
	}
	defer gateway.Stop()
	for _, c := range curves() {
		for _, s := range c.series {
			last := s.points[len(s.points)-1].trial
			if c.name == "logs" {
				last = s.points[0].trial // the documents are the same, and a log of 200 MB takes its time
			}
			request, err := query(last.workload)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.first(host(gateway), request); err != nil {
				t.Errorf("%s, %s: %v", c.name, s.name, err)
			}
		}
	}
}

func TestDecadesLabelShortAxesInBetween(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{1, 10, "1 2 5 10"}, {1, 1000, "1 10 100 1k"}, {1e3, 2e8, "1k 10k 100k 1M 10M 100M"}, {0.2, 3, "0.2 0.5 1 2"},
	} {
		var labels []string
		for _, tick := range (decades{}).Ticks(c.low, c.high) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g to %g: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}
