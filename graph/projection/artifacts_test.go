package projection_test

import (
	"fmt"
	"regexp"
	"testing"

	"jobgraph/graph/projection"
	"jobgraph/graph/relay"
)

var plainArtifacts = regexp.MustCompile(`"artifacts":\[[ -\[\]-~]*"file_type":"archive"[^}]*"filename":"([ !#-\[\]-~]*)"[ -\[\]-~]*"file_type":"junit"[ -\[\]-~]*\],"runner":`)

// plainJob finds a job with three artifacts whose names are ASCII without escapes, and the name of
// its archive.
func plainJob(t *testing.T) (u *upstream, job int64, archive string) {
	t.Helper()
	for seed := range uint64(100) {
		u := &upstream{seed: seed}
		for job := int64(firstJobOfProject + 1); job <= firstJobOfProject+jobsOfProject; job++ {
			if found := plainArtifacts.FindStringSubmatch(u.job(1, job)); found != nil {
				return u, job, found[1]
			}
		}
	}
	t.Fatal("no job has plain artifacts")
	return nil, 0, ""
}

// The same document takes what each request's variables say of the artifacts.
func TestArtifactsArePlannedWithVariables(t *testing.T) {
	u, job, filename := plainJob(t)
	query := fmt.Sprintf(`query($first: Int, $after: String, $types: [String!]) {
		job(project: "1", id: "%d") {
			artifacts(first: $first, after: $after, fileTypes: $types) {
				nodes { fileType } totalCount pageInfo { hasNextPage endCursor } } }
	}`, job)
	p := newPair()
	for name, c := range map[string]struct {
		with map[string]any
		way  projection.Counts
	}{
		"none given":            {nil, projected},
		"all null":              {map[string]any{"first": nil, "after": nil, "types": nil}, projected},
		"a page":                {map[string]any{"first": 1}, projected},
		"a page after another":  {map[string]any{"first": 1, "after": relay.Cursor{List: "artifact", Key: "archive/" + filename, Offset: 0}.Encode()}, projected},
		"types":                 {map[string]any{"types": []any{"trace", "junit"}}, projected},
		"one type for a list":   {map[string]any{"types": "trace"}, projected},
		"no type":               {map[string]any{"types": []any{}}, projected},
		"another list's cursor": {map[string]any{"after": relay.NumberCursor("job", 0, 7, 0)}, fellBack},
		"too many":              {map[string]any{"first": 501}, fellBack},
	} {
		t.Run(name, func(t *testing.T) { p.goes(t, u, query, c.with, c.way, 1) })
	}
}
