package e2e

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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

var (
	generated   = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	onlyComment = regexp.MustCompile(`^\s*//`)
	literal     = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`?")
)

func TestLinesAreShort(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != "..") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			for _, place := range longLines(t, path) {
				t.Errorf("%s: more than %d columns of code, or %d of comment", place, codeColumns, commentColumns)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// longLines returns the positions of the long lines of a file. The text of string literals does not
// count, because a string is hard to break. Lines with a URL or a directive may have any length.
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
