package limits_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/limits"
)

// derive passes a query and derives something from it; it reports whether that had to be made.
func derive(t *testing.T, d *limits.Documents, query, key string, bytes int) bool {
	t.Helper()
	op := &graphql.OperationContext{}
	ctx := graphql.WithOperationContext(context.Background(), op)
	params := &graphql.RawParams{Query: query}
	if err := d.MutateOperationParameters(ctx, params); err != nil {
		t.Fatal(err)
	}
	op.RawQuery = params.Query
	made := false
	value := d.Derived(op, key, func() (any, int) {
		made = true
		return key, bytes
	})
	if value != key {
		t.Errorf("derived %v for %q", value, key)
	}
	return made
}

func TestWhatIsDerivedIsKeptAndEvictedWithItsDocument(t *testing.T) {
	l := limits.Default()
	l.CachedBytes = 100_000
	d := documents(t, l, true)
	query := func(n int) string { return fmt.Sprintf(`query Q%d { currentJob { name } }`, n) }

	if !derive(t, d, query(0), "a", 10_000) || derive(t, d, query(0), "a", 10_000) {
		t.Error("what was derived for a key is made once")
	}
	if !derive(t, d, query(0), "b", 10_000) {
		t.Error("another key is another value")
	}
	for n := 1; n <= 10; n++ {
		derive(t, d, query(n), "a", 10_000)
	}
	if !derive(t, d, query(0), "a", 10_000) {
		t.Error("what is derived from other documents does not evict it")
	}
	for range 2 {
		if !derive(t, d, query(0), "huge", 1_000_000) {
			t.Error("a value past the bound is kept")
		}
	}
	if derive(t, d, query(0), "a", 10_000) {
		t.Error("a value past the bound evicts others")
	}
}

func TestWithoutACacheNothingDerivedIsKept(t *testing.T) {
	l := limits.Default()
	l.CachedDocuments = 0
	d := documents(t, l, true)
	for range 2 {
		if !derive(t, d, `{ currentJob { name } }`, "a", 1) {
			t.Error("something is kept")
		}
	}
}
