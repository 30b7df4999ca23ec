package errcode_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jobgraph/graph/errcode"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/errors.md")

const root = "../.."

// constants returns the codes that this package declares.
func constants(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errcode.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, d := range file.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, s := range d.Specs {
			codes = append(codes, text(s.(*ast.ValueSpec).Values[0]))
		}
	}
	return codes
}

// text is the value of a string literal, or "".
func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	value, _ := strconv.Unquote(literal.Value)
	return value
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	var listed []string
	for _, e := range slices.Concat(errcode.Errors(), errcode.UserErrors()) {
		if e.Meaning == "" {
			t.Errorf("%s has no meaning", e.Code)
		}
		listed = append(listed, e.Code)
	}
	declared := constants(t)
	if len(declared) < 30 {
		t.Errorf("%d codes are declared: is the file read rightly?", len(declared))
	}
	for _, code := range declared {
		if !slices.Contains(listed, code) {
			t.Errorf("%s is not in the lists", code)
		}
	}
}

func TestTheDocumentationListsEveryCode(t *testing.T) {
	name := filepath.Join(root, "docs", "errors.md")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for mark, entries := range map[string][]errcode.Entry{"errors": errcode.Errors(), "user errors": errcode.UserErrors()} {
		page = table(t, page, mark, entries)
	}
	switch {
	case page == string(content):
	case *update:
		if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/errors.md is out of date; go test ./graph/errcode -update makes it:\n%s", page)
	}
}

// table puts a table of entries between a page's marks.
func table(t *testing.T, page, mark string, entries []errcode.Entry) string {
	t.Helper()
	before, after, found := strings.Cut(page, "<!-- "+mark+" -->\n")
	_, after, found2 := strings.Cut(after, "<!-- /"+mark+" -->\n")
	if !found || !found2 {
		t.Fatalf("docs/errors.md has no place for the %s", mark)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s<!-- %s -->\n| code | what happened |\n| --- | --- |\n", before, mark)
	for _, e := range entries {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e.Code, e.Meaning)
	}
	return b.String() + "<!-- /" + mark + " -->\n" + after
}

// TestCodesAreSpelledHereOnly holds for the product's code: tests spell a code to pin it.
func TestCodesAreSpelledHereOnly(t *testing.T) {
	codes, files := constants(t), 0
	for _, folder := range []string{"graph", "internal", "restclient"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && slices.Contains([]string{"errcode", "generated", "fakegitlab"}, d.Name()) {
				return fs.SkipDir
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && slices.Contains(codes, text(literal)) {
					t.Errorf("%s spells %s", path, literal.Value)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("%d files were looked through: is the folder right?", files)
	}
}
