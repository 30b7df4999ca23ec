package projection_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files of plans")

// Plans print themselves: a file of testdata/plans for each query has its plan. They are the fast
// engine's documentation, so keep the queries short. To add one, write the query and run: go test
// ./graph/projection -run Printed -update
func TestPlansArePrinted(t *testing.T) {
	queries, err := filepath.Glob("testdata/plans/*.graphql")
	if err != nil || len(queries) < 8 {
		t.Fatalf("%d queries, %v", len(queries), err)
	}
	p := newPair()
	p.schema.Explain()
	for _, file := range queries {
		query, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := p.explain(t, string(query))
		golden := strings.TrimSuffix(file, ".graphql") + ".plan"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden)
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

// explain executes a query and returns the plan that its answer's extensions have.
func (p *pair) explain(t *testing.T, query string) string {
	t.Helper()
	p.projected.fetcher = &upstream{seed: 1}
	ctx := graphql.StartOperationTrace(context.Background())
	oc, errs := p.projected.executor.CreateOperationContext(ctx,
		&graphql.RawParams{Query: query, Extensions: map[string]any{"plan": true}})
	if errs != nil {
		t.Fatal(errs)
	}
	next, ctx := p.projected.executor.DispatchOperation(ctx, oc)
	text, _ := next(ctx).Extensions["plan"].(string)
	return text
}
