package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/loader"
)

// costExtension is the request's extension that asks for the upstream bill (true), and the response's that tells it.
const costExtension = "upstream"

// asksCost tells whether a request wants to know what it has cost.
func asksCost(op *graphql.OperationContext) bool { return op.Extensions[costExtension] == true }

// costed adds the bill to a response's extensions: the calls that were sent to GitLab, how many of them
// were retries and redirects, the reads that joined another request's call, and the milliseconds spent
// waiting, with concurrent calls counted each.
func costed(ctx context.Context, extensions map[string]any) map[string]any {
	l, ok := loader.Lookup(ctx)
	if !ok {
		return extensions // refused before it cost anything
	}
	cost := l.Cost()
	all := map[string]any{costExtension: map[string]any{
		"calls": cost.Calls, "retries": cost.Retries, "redirects": cost.Redirects, "coalesced": cost.Shared, "milliseconds": cost.Time.Milliseconds(),
	}}
	for name, value := range extensions {
		all[name] = value
	}
	return all
}
