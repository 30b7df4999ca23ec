package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ambient is what a package finds around it instead of being given it, by package and name.
var ambient = map[string][]string{
	"os":   {"Args", "Environ", "Getenv", "LookupEnv", "ExpandEnv"},
	"time": {"Now", "Since", "Until"},
	"flag": {"Parse", "String", "Int", "Bool", "NewFlagSet"},
}

// clockDefaults are the files where a clock that can be given has the wall's for its default.
var clockDefaults = []string{"../restclient/client.go", "../restclient/dialer.go", "../restclient/internal/http1/http1.go",
	"../internal/fakegitlab/server.go",
	"../internal/live/clock.go", "../internal/graphqlws/server.go"}

// entry are the files that may use what is ambient: the command, and the reader of flags that it
// gives its arguments to.
var entry = []string{"../server.go", "../internal/config/read.go"}

// TestOnlyTheCommandReadsFlagsEnvironmentAndClock: everything else is given what it needs, so that
// a test can give it something else. The benchmark and the example of a service are commands too.
func TestOnlyTheCommandReadsFlagsEnvironmentAndClock(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, file fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file.IsDir() && strings.HasPrefix(file.Name(), ".") && path != "..",
			file.IsDir() && slices.Contains([]string{"node_modules", "bench", "bff", "e2e"}, file.Name()):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go"),
			strings.HasSuffix(path, "_test.go"),
			slices.Contains(entry, filepath.ToSlash(path)),
			slices.Contains(clockDefaults, filepath.ToSlash(path)):
			return nil
		}
		checkAmbient(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var setsDeadline = regexp.MustCompile("^Set.*Deadline$")

func checkAmbient(t *testing.T, path string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && setsDeadline.MatchString(f.Sel.Name) {
				return false // a connection's deadline is a time of the wall clock
			}
		}
		if s, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := s.X.(*ast.Ident); ok && slices.Contains(ambient[of.Name], s.Sel.Name) {
				t.Errorf("%s uses %s.%s", files.Position(s.Pos()), of.Name, s.Sel.Name)
			}
		}
		return true
	})
}
