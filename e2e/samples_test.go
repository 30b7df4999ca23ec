package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// sampleCase is the place where the graph shows a sample of GitLab's documentation of the Jobs API.
type sampleCase struct {
	file  string
	query string   // %s is the selection
	at    []string // the place of the object, or of the list, in the answer
	rules []rule
}

// rule places what a REST path begins with in the graph. What follows is spelled in camel case, and
// an id is a databaseId.
type rule struct{ rest, graph string }

var jobRules = []rule{
	{"commit.id", "commit.sha"}, {"commit.short_id", "commit.shortSha"}, {"tag_list[]", "tags[]"}, {"artifacts[]", "artifacts.nodes[]"},
	{"artifacts", "artifacts.totalCount"}, {"pipeline.project_id", "pipeline.project.databaseId"},
}

var agentRules = []rule{
	{"allowed_agents[]", "agents[]"}, {"job.id", "jobDatabaseId"}, {"pipeline.id", "pipelineDatabaseId"}, {"project.groups[].id", "project.groupDatabaseIds[]"},
}

func sampleCases() []sampleCase {
	const write = `mutation { write: %s(input: {id: "gid://gitlab/Project/1/Job/1"}) { job { ... on Job { %%s } } } }`
	acted := []string{"write", "job"}
	return []sampleCase{
		{"project_jobs", `{ project(id: "1") { jobs { nodes { %s } } } }`, []string{"project", "jobs", "nodes"}, jobRules},
		{"pipeline_jobs", `{ pipeline(project: "1", id: "6") { jobs { nodes { %s } } } }`, []string{"pipeline", "jobs", "nodes"}, jobRules},
		{"pipeline_bridges", `{ pipeline(project: "1", id: "6") { bridges { nodes { %s } } } }`, []string{"pipeline", "bridges", "nodes"}, jobRules},
		{"job", `{ job(project: "1", id: "8") { %s } }`, []string{"job"}, jobRules},
		{"own_job", `{ currentJob { %s } }`, []string{"currentJob"}, jobRules},
		{"allowed_agents", `{ allowedAgents { %s } }`, []string{"allowedAgents"}, agentRules},
		{"cancel", fmt.Sprintf(write, "jobCancel"), acted, jobRules},
		{"retry", fmt.Sprintf(write, "jobRetry"), acted, jobRules},
		{"erase", fmt.Sprintf(write, "jobErase"), acted, jobRules},
		{"play", fmt.Sprintf(write, "jobPlay"), acted, jobRules},
	}
}

// TestEveryValueOfEverySampleIsSeenInTheGraph asks for the place of each value of a sample, and for
// nothing else, and finds each value there.
func TestEveryValueOfEverySampleIsSeenInTheGraph(t *testing.T) {
	for _, c := range sampleCases() {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("../internal/fakegitlab/testdata/samples", c.file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			objects, isList := decode(t, content).([]any)
			if !isList {
				objects = []any{decode(t, content)}
			}
			values, selection := make([]map[string]any, len(objects)), tree{}
			for i, object := range objects {
				values[i] = map[string]any{}
				leaves(values[i], "", object)
				delete(values[i], "download_url") // null, in the answer to an erase: no release sends such a key
				for rest, value := range values[i] {
					selection.add(strings.Split(index.ReplaceAllString(c.place(rest), ""), "."), value)
				}
			}
			g := harness.Start(t, fakegitlab.Samples())
			body := g.Post(t, harness.Operation{Query: fmt.Sprintf(c.query, selection)}, harness.As("any")).Body
			shown := find(decode(t, body), append([]string{"data"}, c.at...))
			for i := range objects {
				object := shown
				if isList {
					object = find(shown, []string{fmt.Sprint(i)})
				}
				c.compare(t, values[i], object)
			}
			if t.Failed() {
				t.Logf("the answer: %s", body)
			}
		})
	}
}

func (c *sampleCase) compare(t *testing.T, values map[string]any, object any) {
	t.Helper()
	for _, rest := range slices.Sorted(maps.Keys(values)) {
		place := c.place(rest)
		want := values[rest]
		if strings.HasSuffix(rest, "status") || strings.HasSuffix(rest, "runner_type") {
			want = strings.ToUpper(fmt.Sprint(want))
		}
		steps := strings.FieldsFunc(place, func(r rune) bool { return strings.ContainsRune(".[]", r) })
		if got := find(object, steps); got != want {
			t.Errorf("%s is %v, but %s is %v", rest, want, place, got)
		}
	}
}

func decode(t *testing.T, content []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// leaves collects a JSON value's strings, numbers, booleans and nulls by their paths, and of an
// empty list its length.
func leaves(into map[string]any, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			leaves(into, strings.TrimPrefix(path+"."+key, "."), v)
		}
	case []any:
		if len(value) == 0 {
			into[path] = json.Number("0")
		}
		for i, v := range value {
			leaves(into, fmt.Sprintf("%s[%d]", path, i), v)
		}
	default:
		into[path] = value
	}
}

var (
	index = regexp.MustCompile(`\[\d+\]`)
	snake = regexp.MustCompile(`_([a-z])`)
)

// place is where the graph shows what stands at a REST path.
func (c *sampleCase) place(rest string) string {
	numbers := index.FindAllString(rest, -1)
	place := index.ReplaceAllString(rest, "[]")
	for _, r := range c.rules {
		if tail, found := strings.CutPrefix(place, r.rest); found && (tail == "" || tail[0] == '.') {
			return numbered(r.graph+camel(tail), numbers)
		}
	}
	return numbered(camel(place), numbers)
}

func camel(path string) string {
	segments := strings.Split(path, ".")
	for i, s := range segments {
		if s == "id" {
			s = "databaseId"
		}
		segments[i] = snake.ReplaceAllStringFunc(s, func(m string) string { return strings.ToUpper(m[1:]) })
	}
	return strings.Join(segments, ".")
}

// numbered puts the numbers back in their brackets.
func numbered(place string, numbers []string) string {
	for _, n := range numbers {
		place = strings.Replace(place, "[]", n, 1)
	}
	return place
}

// tree is a selection set.
type tree map[string]tree

func (s tree) add(path []string, value any) {
	for _, name := range path {
		if s[name] == nil {
			s[name] = tree{}
		}
		s = s[name]
	}
	if value == nil && slices.Contains([]string{"commit", "user", "runner", "runnerManager", "environment"}, path[len(path)-1]) {
		s["__typename"] = tree{} // an object that is null
	}
}

func (s tree) String() string {
	var text []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if len(s[name]) > 0 {
			name += " { " + s[name].String() + " }"
		}
		text = append(text, name)
	}
	return strings.Join(text, " ")
}

// find follows keys and indices. It returns "missing" for what is not there, and nil for null.
func find(value any, path []string) any {
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			inner, found := v[step]
			if !found {
				return "missing"
			}
			value = inner
		case []any:
			i := number(step)
			if i >= len(v) {
				return "missing"
			}
			value = v[i]
		case nil:
			return nil
		default:
			return "missing"
		}
	}
	return value
}
