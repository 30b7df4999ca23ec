package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/process"
	"jobgraph/graph/errcode"
)

// peakOf returns the most memory that a process has taken so far, in MB.
func peakOf(t *testing.T, p *process.Process) int64 {
	t.Helper()
	bytes, err := p.Peak()
	if err != nil {
		t.Skip(err)
	}
	return bytes >> 20
}

// An answer is measured while it is made: a short query for much text takes no more memory than an
// answer of the limit would.
func TestAnAnswerThatIsTooLongIsGivenUpWhileItIsMade(t *testing.T) {
	var list bytes.Buffer
	for i := range 100 {
		fmt.Fprintf(&list, `%c{"id":%d,"name":"job","stage":"test","status":"success","pipeline":{"id":1,"project_id":1},"commit":{"id":"c","message":"%s"}}`,
			"[,"[min(i, 1)], 1000-i, strings.Repeat("m", 200_000))
	}
	list.WriteByte(']')
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(list.Bytes())
	})
	aliases := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, query := range map[string]string{
		"by a plan":       `{ project(id: "1") { jobs(first: 100) { nodes { commit {` + aliases(" a%d: message", 40) + ` } } } } }`,
		"by the executor": `{ project(id: "1") { jobs(first: 100) { nodes { commit {` + aliases(" a%d: message", 40) + ` trailers { key } } } } } }`,
		"as one list":     `{` + aliases(` a%d: project(id: "1") { jobs(first: 100) { nodes { commit { message } } } }`, 40) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			g, p := harness.StartApart(t, upstream, "-max-upstream-body-bytes=32MiB", "-memory=1GiB")
			before := peakOf(t, p)
			answer := g.Query(t, query)
			if len(answer.Errors) != 1 || answer.Code() != errcode.AnswerTooLarge {
				t.Fatalf("%.300s", answer)
			}
			peak := peakOf(t, p)
			t.Logf("%d bytes of query: from %d to %d MB", len(query), before, peak)
			if peak > 160 {
				t.Errorf("the process took %d MB", peak)
			}
		})
	}
}
