package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"jobgraph/internal/config"
)

// putInDocument compares a part of a document with what it should be, or with -update rewrites it.
func putInDocument(t *testing.T, name string, part *regexp.Regexp, group int, want string) {
	t.Helper()
	path := filepath.Join("..", name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document := string(content)
	at := part.FindStringSubmatchIndex(document)
	if at == nil {
		t.Fatalf("%s has no part %s", name, part)
	}
	from, to := at[2*group], at[2*group+1]
	if *update {
		if err := os.WriteFile(path, []byte(document[:from]+want+document[to:]), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if document[from:to] != want {
		t.Errorf("%s says:\n%s\nbut it is:\n%s\n(go test ./e2e -update rewrites it)", name, document[from:to], want)
	}
}

var (
	settingsTable = regexp.MustCompile(`(?s)<!-- settings -->\n(.*?)<!-- /settings -->\n`)
	limitsTable   = regexp.MustCompile(`(?s)<!-- limits -->\n(.*?)<!-- /limits -->\n`)
)

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

// code is text as Markdown shows code; nothing for nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
