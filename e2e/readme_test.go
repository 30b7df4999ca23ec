package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/graph/errcode"
	"jobgraph/internal/fakegitlab"
)

// Where the README's generated parts stand.
var (
	readmeDemo  = regexp.MustCompile(`(?s)<!-- demo -->\n(.*?)<!-- /demo -->\n`)
	readmeQuery = regexp.MustCompile("(?s)<!-- query -->\n```graphql\n(.*?)```\n.*?```json\n(.*?)```\n")
	readmeBlock = regexp.MustCompile("(?s)```graphql\n(.*?)```\n")
)

func readReadme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// putInReadme compares a part of the README with what it should be, or with -update rewrites it.
func putInReadme(t *testing.T, part *regexp.Regexp, group int, want string) {
	t.Helper()
	putInDocument(t, "README.md", part, group, want)
}

func TestTheReadmeListsTheDemosTokensAndProjects(t *testing.T) {
	var table strings.Builder
	table.WriteString("| token | whose |\n| --- | --- |\n")
	for _, d := range fakegitlab.DemoTokens() {
		fmt.Fprintf(&table, "| `%s` | %s |\n", d.Value, d.Description)
	}
	table.WriteString("\n| number | project | what it is |\n| --- | --- | --- |\n")
	for _, d := range fakegitlab.DemoProjects() {
		fmt.Fprintf(&table, "| %d | `%s` | %s |\n", d.ID, d.Path, strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(d.Description))
	}
	putInReadme(t, readmeDemo, 1, table.String())
}

func TestTheReadmeNamesEveryErrorCode(t *testing.T) {
	readme := readReadme(t)
	for _, e := range slices.Concat(errcode.Errors(), errcode.UserErrors()) {
		if !strings.Contains(readme, "`"+e.Code+"`") {
			t.Errorf("the README does not name %s", e.Code)
		}
	}
}

// checkReadme runs the README's query on the demo and compares the answer with the README's, and validates its other queries by running them too.
func checkReadme(t *testing.T, g *harness.Gateway) {
	query := readmeQuery.FindStringSubmatch(readReadme(t))
	if query == nil {
		t.Fatal("the README has no query with its answer")
	}
	var answer bytes.Buffer
	if err := json.Compact(&answer, g.Post(t, harness.Operation{Query: query[1]}, harness.As("")).Body); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	write(&text, answer.Bytes(), "")
	text.WriteByte('\n')
	putInReadme(t, readmeQuery, 2, text.String())
	for _, block := range readmeBlock.FindAllStringSubmatch(readReadme(t), -1) {
		body := g.Post(t, harness.Operation{Query: block[1]}, harness.As("")).Body
		if bytes.Contains(body, []byte(`"GRAPHQL_VALIDATION_FAILED"`)) || bytes.Contains(body, []byte(`"GRAPHQL_PARSE_FAILED"`)) {
			t.Errorf("%s\nanswered %s", block[1], body)
		}
	}
}
