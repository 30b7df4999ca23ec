package projection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// left are the fields that the fast engine leaves to the executor, and why. Everything else that a
// query can select has to be covered.
var left = map[string]string{
	"Query.allowedAgents": "a route of its own, for job tokens only",
	"Query.__schema":      "introspection",
	"Query.__type":        "introspection",
	"Job.log":             "read from another route, and parsed",
}

// Every field of the schema is answered by a plan, or the list above says why not: so a new field
// that REST JSON answers is not forgotten.
func TestThePlanCoversTheSchema(t *testing.T) {
	p := newPair()
	schema := p.schema.Schema()
	used := map[string]bool{}
	for _, at := range places() {
		for _, f := range schema.Types[at.typeName].Fields {
			name := at.typeName + "." + f.Name
			if strings.HasPrefix(f.Name, "__") && at.typeName != "Query" || name == "Query.__typename" {
				continue
			}
			query, ok := at.query(schema, f)
			if !ok {
				continue
			}
			before := p.schema.Counts()
			if _, valid := p.projected.run(&upstream{seed: 1}, query, nil); !valid {
				t.Errorf("%s: invalid: %s", name, query)
				continue
			}
			executed := p.schema.Counts().Executed > before.Executed
			switch _, listed := left[name]; {
			case executed && !listed:
				t.Errorf("%s is not covered by plans: cover it, or say in the list why not\n%s", name, query)
			case !executed && listed:
				t.Errorf("%s is covered by plans: take it off the list\n%s", name, query)
			}
			used[name] = true
		}
	}
	for name := range left {
		if !used[name] && !strings.HasPrefix(name, "Query.__") {
			t.Errorf("%s is on the list, but is not in the schema", name)
		}
	}
	if len(used) < 130 {
		t.Errorf("only %d fields were looked at", len(used))
	}
}

// place is where the fields of a type can be selected.
type place struct {
	typeName string
	format   string
}

func places() []place {
	const job = `{ job(project: "1", id: "1050") { %s } }`
	const pipeline = `{ pipeline(project: "1", id: "103") { %s } }`
	return []place{
		{"Query", `{ %s }`},
		{"Job", job},
		{"Commit", fmt.Sprintf(job, "commit { %s }")},
		{"User", fmt.Sprintf(job, "user { %s }")},
		{"Runner", fmt.Sprintf(job, "runner { %s }")},
		{"RunnerManager", fmt.Sprintf(job, "runnerManager { %s }")},
		{"ArtifactsFile", fmt.Sprintf(job, "artifactsFile { %s }")},
		{"ArtifactConnection", fmt.Sprintf(job, "artifacts { %s }")},
		{"Artifact", fmt.Sprintf(job, "artifacts { nodes { %s } }")},
		{"Pipeline", pipeline},
		{"Stage", fmt.Sprintf(pipeline, "stages { %s }")},
		{"JobStatusCount", fmt.Sprintf(pipeline, "jobCounts { %s }")},
		{"JobConnection", fmt.Sprintf(pipeline, "jobs { %s }")},
		{"JobEdge", fmt.Sprintf(pipeline, "jobs { edges { %s } }")},
		{"PageInfo", fmt.Sprintf(pipeline, "jobs { pageInfo { %s } }")},
		{"Bridge", fmt.Sprintf(pipeline, "bridges { nodes { %s } }")},
		{"Project", `{ project(id: "1") { %s } }`},
		{"PipelineConnection", `{ project(id: "1") { pipelines { %s } } }`},
		{"PipelineEdge", `{ project(id: "1") { pipelines { edges { %s } } } }`},
		{"CommitTrailer", fmt.Sprintf(job, "commit { trailers { %s } }")},
		{"Processable", fmt.Sprintf(pipeline, "stages { jobs { %s } }")},
		{"Node", `{ node(id: "gid://gitlab/Project/1") { %s } }`},
	}
}

// query selects one field, with what it must have.
func (at place) query(schema *ast.Schema, f *ast.FieldDefinition) (string, bool) {
	text := f.Name
	var arguments []string
	for _, a := range f.Arguments {
		value, known := map[string]string{"id": `"1050"`, "ids": `["gid://gitlab/Project/1"]`, "project": `"1"`}[a.Name]
		switch {
		case a.Type.NonNull && !known:
			return "", false
		case at.typeName == "Query" && f.Name != "job" && f.Name != "pipeline" && a.Name == "id":
			value = `"gid://gitlab/Project/1"`
		}
		if known {
			arguments = append(arguments, a.Name+": "+value)
		}
	}
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	if schema.Types[f.Type.Name()].IsCompositeType() {
		text += " { __typename }"
	}
	return strings.ReplaceAll(at.format, "%s", text), true
}
