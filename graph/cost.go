package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
)

// billExtension is the extension of a request that asks for the bill (by true), and that of the
// response that has it.
const billExtension = "upstream"

// billSelected reports whether a request asks for the bill.
func billSelected(op *graphql.OperationContext) bool { return op.Extensions[billExtension] == true }

// withBill returns a response's extensions with the bill: the calls that were sent to GitLab, how
// many of them were retries and redirects, the reads that were answered by a call of another
// request, and the milliseconds waited for GitLab, where calls at the same time count each.
func withBill(ctx context.Context, extensions map[string]any) map[string]any {
	l, ok := loader.Lookup(ctx)
	if !ok {
		return extensions // the request was refused before it cost anything
	}
	cost := l.Cost()
	all := map[string]any{billExtension: map[string]any{
		"calls": cost.Calls, "retries": cost.Retries, "redirects": cost.Redirects, "coalesced": cost.Shared,
		"milliseconds": cost.Time.Milliseconds(),
	}}
	maps.Copy(all, extensions)
	return all
}
