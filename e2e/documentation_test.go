package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/graph/errcode"
	"jobgraph/internal/config"
	"jobgraph/internal/fakegitlab"
)

// Parts of the documents that are compared with the code.
var (
	settingsTable = regexp.MustCompile(`(?s)<!-- settings -->\n(.*?)<!-- /settings -->\n`)
	limitsTable   = regexp.MustCompile(`(?s)<!-- limits -->\n(.*?)<!-- /limits -->\n`)
	demoTable     = regexp.MustCompile(`(?s)<!-- demo -->\n(.*?)<!-- /demo -->\n`)
	firstQuery    = regexp.MustCompile("(?s)<!-- query -->\n```graphql\n(.*?)```\n.*?```json\n(.*?)```\n")
	graphQLBlock  = regexp.MustCompile("(?s)```graphql\n(.*?)```\n")
	link          = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
)

// documents returns the paths of all documents, from the top of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for i := range names {
		names[i], _ = filepath.Rel("..", names[i])
	}
	if len(names) < 15 {
		t.Errorf("%d documents: are they looked for in the right places?", len(names))
	}
	return names
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// putInDocument compares a part of a document with what it should be, or with -update rewrites it.
func putInDocument(t *testing.T, name string, part *regexp.Regexp, group int, want string) {
	t.Helper()
	document := readDocument(t, name)
	at := part.FindStringSubmatchIndex(document)
	if at == nil {
		t.Fatalf("%s has no part %s", name, part)
	}
	from, to := at[2*group], at[2*group+1]
	if *update {
		if err := os.WriteFile(filepath.Join("..", name), []byte(document[:from]+want+document[to:]), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if document[from:to] != want {
		t.Errorf("%s says:\n%s\nbut it is:\n%s\n(go test ./e2e -update rewrites it)", name, document[from:to], want)
	}
}

func TestTheDocumentsListEverySetting(t *testing.T) {
	var table strings.Builder
	for _, group := range config.Groups("default") {
		fmt.Fprintf(&table, "\n## %s\n\n| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n", group.Title)
		for _, s := range group.Settings {
			fmt.Fprintf(&table, "| `-%s` | %s | %s | %s |\n", s.Name, code(strings.Join(s.Variables(), "`, `")), code(s.Default), cell(s.Meaning))
		}
	}
	putInDocument(t, "docs/settings.md", settingsTable, 1, table.String()+"\n")
}

func TestTheDocumentsListEveryLimit(t *testing.T) {
	var table strings.Builder
	table.WriteString("| limit | flag | default | strict | past it |\n| --- | --- | --- | --- | --- |\n")
	strict := config.Groups("strict")
	for i, group := range config.Groups("default") {
		for j, s := range group.Settings {
			if s.Past == "" {
				continue
			}
			stricter := ""
			if other := strict[i].Settings[j]; other.Default != s.Default {
				stricter = other.Default
			}
			fmt.Fprintf(&table, "| %s | `-%s` | %s | %s | %s |\n", cell(s.Meaning), s.Name, code(s.Default), code(stricter), s.Past)
		}
	}
	putInDocument(t, "docs/limits.md", limitsTable, 1, table.String())
}

func TestTheDocumentsListTheDemosTokensAndProjects(t *testing.T) {
	var table strings.Builder
	table.WriteString("| token | whose |\n| --- | --- |\n")
	for _, d := range fakegitlab.DemoTokens() {
		fmt.Fprintf(&table, "| `%s` | %s |\n", d.Value, d.Description)
	}
	table.WriteString("\n| number | project | what it is |\n| --- | --- | --- |\n")
	escape := strings.NewReplacer("<", "&lt;", ">", "&gt;")
	for _, d := range fakegitlab.DemoProjects() {
		fmt.Fprintf(&table, "| %d | `%s` | %s |\n", d.ID, d.Path, escape.Replace(d.Description))
	}
	putInDocument(t, "docs/demo.md", demoTable, 1, table.String())
}

func TestTheDocumentsNameEveryErrorCode(t *testing.T) {
	errors := readDocument(t, "docs/errors.md")
	for _, e := range slices.Concat(errcode.Errors(), errcode.UserErrors()) {
		if !strings.Contains(errors, "`"+e.Code+"`") {
			t.Errorf("docs/errors.md does not name %s", e.Code)
		}
	}
}

func TestTheLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	for _, name := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(readDocument(t, name), -1) {
			if _, err := os.Stat(filepath.Join("..", filepath.Dir(name), found[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestTheReadmeTellsWhyEachModuleIsNeeded(t *testing.T) {
	readme := readDocument(t, "README.md")
	direct := regexp.MustCompile(`(?m)^\t(?:github\.com/)?(\S+?)(?:/v\d+)? v\S+$`)
	modules := direct.FindAllStringSubmatch(readDocument(t, "go.mod"), -1)
	if len(modules) < 10 {
		t.Errorf("%d modules in go.mod", len(modules))
	}
	for _, m := range modules {
		name := strings.Replace(m[1], "go.uber.org/", "uber-go/", 1)
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the README's table of dependencies has no %s", name)
		}
	}
}

func TestTheReadmeIsShort(t *testing.T) {
	if lines := strings.Count(readDocument(t, "README.md"), "\n"); lines >= 250 {
		t.Errorf("%d lines: what not every user needs belongs in docs", lines)
	}
}

// checkDocuments runs the README's first query on the demo and compares the answer with the
// README's, and runs the other queries of all documents, which must be valid.
func checkDocuments(t *testing.T, g *harness.Gateway) {
	query := firstQuery.FindStringSubmatch(readDocument(t, "README.md"))
	if query == nil {
		t.Fatal("the README has no query with its answer")
	}
	var answer bytes.Buffer
	if err := json.Compact(&answer, g.Post(t, harness.Operation{Query: query[1]}, nil).Body); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	write(&text, answer.Bytes(), "")
	text.WriteByte('\n')
	putInDocument(t, "README.md", firstQuery, 2, text.String())
	for _, name := range documents(t) {
		for _, block := range graphQLBlock.FindAllStringSubmatch(readDocument(t, name), -1) {
			if strings.HasPrefix(block[1], "subscription") {
				continue // it is not answered by POST
			}
			answer := g.Post(t, harness.Operation{Query: block[1]}, nil)
			if code := answer.Code(); code == errcode.ValidationFailed || code == errcode.ParseFailed {
				t.Errorf("%s: %s\nanswered %s", name, block[1], answer)
			}
		}
	}
}

// code is text as Markdown shows code; nothing for nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
