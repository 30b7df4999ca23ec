package e2e

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// How long lines may be, in characters; a tab is one.
const (
	codeColumns    = 120
	commentColumns = 100
)

// notYetWrapped are packages with longer lines. The list only gets shorter: a package on it that
// has none fails the test.
var notYetWrapped = []string{
	"internal/fakegitlab",
}

var (
	generated   = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	onlyComment = regexp.MustCompile(`^\s*//`)
	literal     = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`?")
)

func TestLinesAreShort(t *testing.T) {
	long := map[string][]string{} // by package
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != "..") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
			long[folder] = append(long[folder], longLines(t, path)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, lines := range long {
		switch listed := slices.Contains(notYetWrapped, folder); {
		case len(lines) > 0 && !listed:
			t.Errorf("%s has lines of more than %d columns, or comments of more than %d:\n%s",
				folder, codeColumns, commentColumns, strings.Join(lines, "\n"))
		case len(lines) == 0 && listed:
			t.Errorf("%s has no long lines any more: take it off the list", folder)
		}
	}
	for _, folder := range notYetWrapped {
		if _, found := long[folder]; !found {
			t.Errorf("%s is on the list, but there is no such package", folder)
		}
	}
}

// longLines returns the places of the long lines of a file. A line may be longer by a string, which
// is hard to break, and a comment by an address.
func longLines(t *testing.T, path string) (places []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if generated.Match(content) {
		return nil
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line, limit := lines.Text(), codeColumns
		if onlyComment.MatchString(line) {
			limit = commentColumns
		} else {
			line = literal.ReplaceAllString(line, `""`)
		}
		if strings.HasSuffix(path, ".resolvers.go") && strings.HasPrefix(line, "func (") {
			continue // gqlgen writes the signature of a resolver in one line
		}
		if utf8.RuneCountInString(line) > limit && !strings.Contains(line, "://") && !strings.Contains(line, "//go:") {
			places = append(places, path+":"+strconv.Itoa(n))
		}
	}
	return places
}
