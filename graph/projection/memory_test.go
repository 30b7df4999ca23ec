package projection_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/restclient"
)

// heap is the memory in use.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// constant is a GitLab with one answer to everything.
type constant struct{ response *restclient.Response }

func (c constant) Fetch(context.Context, restclient.Credential, string) (*restclient.Response, error) {
	return c.response, nil
}

// largeDocument is a document of so many aliases, different for each number.
func largeDocument(number, aliases int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "query Q%d {", number)
	for i := range aliases {
		fmt.Fprintf(&b, ` a%d: job(project: "1", id: "1001") { id name status commit { message } user { username } }`, i)
	}
	b.WriteString("}")
	return b.String()
}

// However many large documents are sent, what is kept of them is bounded: by -document-cache-bytes,
// plans included.
func TestPlansAreKeptNoLongerThanTheirDocuments(t *testing.T) {
	p := newPair()
	u := &upstream{seed: 1}
	gitlab := constant{u.one(u.job(1, 1001))}
	before := heap()
	for i := range 90 {
		query := largeDocument(i, 950)
		if n := len(query); n < 80_000 || n > 110_000 {
			t.Fatalf("a document has %d bytes", n)
		}
		if _, valid := p.projected.execute(gitlab, query, nil); !valid {
			t.Fatal("the document is refused")
		}
	}
	after := heap()
	t.Logf("90 documents leave %d MB", (after-before)>>20)
	if after-before > 32<<20 {
		t.Errorf("90 documents leave %d MB in memory, want 32 at most", (after-before)>>20)
	}
	if p.schema.Counts().Projected != 90 {
		t.Errorf("the documents have no plans: %+v", p.schema.Counts())
	}
	runtime.KeepAlive(p)
}

// hoard is a cache that drops nothing.
type hoard struct {
	values []any
	bytes  int
}

func (h *hoard) Derived(_ *graphql.OperationContext, _ string, make func() (any, int)) any {
	value, bytes := make()
	h.values, h.bytes = append(h.values, value), h.bytes+bytes
	return value
}

// The size that a plan reports is the memory that it takes.
func TestPlansTakeTheMemoryThatIsEstimated(t *testing.T) {
	for name, query := range map[string]string{
		"many jobs":  largeDocument(0, 300),
		"one list":   `{ project(id: "1") { jobs { nodes { id name status stage ref tag duration webUrl commit { sha title } user { username } runner { id status } pipeline { id } } } } }`,
		"many lists": `{ pipeline(project: "1", id: "101") {` + repeated(60, ` l%d: jobs(first: 1) { edges { cursor node { name } } }`) + `} }`,
		"artifacts":  `{ job(project: "1", id: "1001") {` + repeated(60, ` l%d: artifacts { nodes { filename size } }`) + `} }`,
	} {
		h := &hoard{}
		p := newPairWith(h)
		p.projected.execute(&upstream{seed: 1}, query, nil)
		h.values = make([]any, 0, 1000)
		h.bytes = 0
		n := min(100, 1+2_000_000/len(query))
		before := heap()
		for range n {
			p.projected.execute(&upstream{seed: 1}, query, nil)
		}
		took := heap() - before
		t.Logf("%s: %d bytes each, estimated as %d", name, took/n, h.bytes/n)
		if took > h.bytes*3/2 || took < h.bytes/3 {
			t.Errorf("%s: %d plans take %d bytes, estimated as %d", name, n, took, h.bytes)
		}
		runtime.KeepAlive(h)
	}
}

func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
