package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// largeLog is the length of the log that the memory test reads, and how much more memory that may
// take.
const (
	largeLog    = 200 << 20
	memoryBound = 32 << 20
)

// readings are the selections whose memory does not grow with the log.
var readings = map[string]string{
	"text(tail: 100)": `text(tail: 100)`,
	"lines(last: 50)": `lines(last: 50) { nodes { number text ansi } }`,
	"search":          `lines(last: 20, search: "[0000001234]") { nodes { number text } }`,
	"all of them":     `text(tail: 100) lines(last: 50) { nodes { number text ansi } } found: lines(last: 20, search: "[0000001234]") { nodes { number } } size`,
}

// largeLogs is a gateway before a simulator whose job 1 has a large log, of a length that GitLab
// does not tell.
func largeLogs(tb testing.TB) *harness.Gateway {
	return logOf(tb, largeLog, "-max-log-time=5m", "-request-timeout=5m")
}

// logOf is a gateway before a simulator whose job 1 has a log of so many bytes.
func logOf(tb testing.TB, size int64, flags ...string) *harness.Gateway {
	now := func() time.Time { return harness.Noon }
	gitlab := fakegitlab.New(fakegitlab.Options{Now: now, Dataset: func(b *fakegitlab.Builder) {
		user := b.User(fakegitlab.User{Username: "ada"})
		b.Token(harness.MaintainerToken, fakegitlab.Token{User: user})
		b.Project(1, "acme/app", fakegitlab.Project{}).Member(user, fakegitlab.Maintainer).
			Pipeline(1, fakegitlab.Pipeline{}).Job(1, fakegitlab.Job{Log: fakegitlab.Log{Size: size}})
	}})
	return harness.Start(tb, http.Handler(gitlab), flags...)
}

func TestReadingALargeLogTakesLittleMemory(t *testing.T) {
	g := largeLogs(t)
	added := peakMemory(func() { harness.Ask[any](t, g, ofLargeLog(readings["all of them"]), nil) })
	if added > memoryBound {
		t.Errorf("%d bytes more than before, want %d at most", added, memoryBound)
	}
}

// aliasBound is how much more memory many aliases of one log may take, with answers of 8 MiB at
// most: the log, the answer on both sides of the connection, and what the garbage collector has not
// seen yet.
const aliasBound = 192 << 20

// A log is read and converted once, whatever its aliases, and what the answer has of it is counted
// before it is made. 900 aliases of 1 MB took 2.9 GB.
func TestManyAliasesOfALogTakeLittleMemory(t *testing.T) {
	for name, field := range map[string]string{
		"raw": "raw", "rawBase64": "rawBase64", "text": "text", "a page of lines": "lines(first: 200) { nodes { text } }",
		"different pages": "lines(last: 200, search: \"%d\") { nodes { ansi } }", "different texts": "text(tail: 10%d)",
	} {
		t.Run(name, func(t *testing.T) {
			g := logOf(t, 1<<20, "-max-answer-bytes=8388608", "-max-aliases=1000")
			var aliases, objects strings.Builder
			for i := range 800 {
				fmt.Fprintf(&aliases, "a%d: %s ", i, strings.ReplaceAll(field, "%d", fmt.Sprint(i)))
			}
			for i := range 200 {
				fmt.Fprintf(&objects, "o%d: job(project: 1, id: 1) { log { %s } } ", i, strings.ReplaceAll(field, "%d", fmt.Sprint(i)))
			}
			for _, query := range []string{ofLargeLog(aliases.String()), "{ " + objects.String() + "}"} {
				var answer []byte
				added := peakMemory(func() { answer = g.Query(t, query).Body })
				if added > aliasBound {
					t.Errorf("%d bytes more than before, want %d at most", added, aliasBound)
				}
				if met := bytes.Contains(answer, []byte(`"ANSWER_TOO_LARGE"`)); !met && !strings.Contains(name, "page") || len(answer) > 9<<20 {
					t.Errorf("%d bytes, limit met: %t: %.300s", len(answer), met, answer)
				}
			}
		})
	}
}

// ofLargeLog is a query for a selection of the large log.
func ofLargeLog(selection string) string {
	return `query { job(project: "1", id: "1") { log { ` + selection + ` } } }`
}

// peakMemory is how much more memory the process held at most while do ran.
func peakMemory(do func()) uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	before := resident()
	peak := before
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, resident())
			}
		}
	}()
	do()
	close(stop)
	<-stopped
	return peak - before
}

// resident is the memory that the Go runtime holds and has not given back.
func resident() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// BenchmarkLargeLog reads a log of 200 MB through the gateway, and reports how much more memory
// that took.
func BenchmarkLargeLog(b *testing.B) {
	g := largeLogs(b)
	for name, selection := range readings {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(largeLog)
			var added uint64
			for b.Loop() {
				added = max(added, peakMemory(func() {
					harness.Ask[any](b, g, ofLargeLog(selection), nil)
				}))
			}
			b.ReportMetric(float64(added)/(1<<20), "MB-added")
			g.Upstream.Reset()
		})
	}
}
