package projection_test

import (
	"testing"

	"jobgraph/graph/projection"
	"jobgraph/graph/relay"
)

// The same document takes what each request's variables say of the artifacts.
func TestArtifactsArePlannedWithVariables(t *testing.T) {
	const query = `query($first: Int, $after: String, $types: [String!]) {
		job(project: "1", id: "1083") {
			artifacts(first: $first, after: $after, fileTypes: $types) {
				nodes { fileType } totalCount pageInfo { hasNextPage endCursor } } }
	}`
	p := newPair()
	for name, c := range map[string]struct {
		with map[string]any
		way  projection.Counts
	}{
		"none given":            {nil, projected},
		"all null":              {map[string]any{"first": nil, "after": nil, "types": nil}, projected},
		"a page":                {map[string]any{"first": 1}, projected},
		"a page after another":  {map[string]any{"first": 1, "after": relay.Cursor{List: "artifact", Key: "archive/build", Offset: 0}.Encode()}, projected},
		"types":                 {map[string]any{"types": []any{"trace", "junit"}}, projected},
		"one type for a list":   {map[string]any{"types": "trace"}, projected},
		"no type":               {map[string]any{"types": []any{}}, projected},
		"another list's cursor": {map[string]any{"after": relay.NumberCursor("job", 0, 7, 0)}, fellBack},
		"too many":              {map[string]any{"first": 501}, fellBack},
	} {
		t.Run(name, func(t *testing.T) { p.goes(t, &upstream{seed: 1}, query, c.with, c.way, 1) })
	}
}
