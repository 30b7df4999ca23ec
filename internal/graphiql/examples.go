package graphiql

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Example is an operation that the page offers, ready to run.
type Example struct {
	// Name is shown in the list: the first comment line of the operation's file.
	Name string `json:"name"`
	// Description is one line below the name: the second comment line. It may be empty.
	Description string `json:"description"`
	// Query is the file as it is, comments included.
	Query string `json:"query"`
	// Variables and Headers are JSON objects as text, or empty.
	Variables string `json:"variables"`
	Headers   string `json:"headers"`
}

// Each example is NAME.graphql, with NAME.variables.json and NAME.headers.json beside it where it
// needs them.
//
//go:embed examples/*.graphql examples/*.json
var exampleFiles embed.FS

// Examples returns the embedded examples, which run against the demo as they are, in the order of
// their file names.
func Examples() ([]Example, error) {
	return readExamples(exampleFiles)
}

func readExamples(from fs.FS) ([]Example, error) {
	names, err := fs.Glob(from, "examples/*.graphql")
	if err != nil {
		return nil, fmt.Errorf("list examples: %w", err)
	}
	examples := make([]Example, 0, len(names))
	for _, name := range names {
		example, err := readExample(from, strings.TrimSuffix(name, ".graphql"))
		if err != nil {
			return nil, fmt.Errorf("read example: %w", err)
		}
		examples = append(examples, example)
	}
	return examples, nil
}

func readExample(from fs.FS, base string) (Example, error) {
	query, err := fs.ReadFile(from, base+".graphql")
	if err != nil {
		return Example{}, err
	}
	variables, err := readOptional(from, base+".variables.json")
	if err != nil {
		return Example{}, err
	}
	headers, err := readOptional(from, base+".headers.json")
	if err != nil {
		return Example{}, err
	}
	first, rest, _ := strings.Cut(string(query), "\n")
	second, _, _ := strings.Cut(rest, "\n")
	name, ok := comment(first)
	if !ok {
		return Example{}, fmt.Errorf("%s.graphql: its first line is not a comment that names it", base)
	}
	description, _ := comment(second)
	return Example{
		Name:        name,
		Description: description,
		Query:       string(query),
		Variables:   variables,
		Headers:     headers,
	}, nil
}

// readOptional returns an empty text for a file that does not exist.
func readOptional(from fs.FS, name string) (string, error) {
	content, err := fs.ReadFile(from, name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(content)), err
}

// comment returns the text of a line that is a comment, and an empty text for any other.
func comment(line string) (text string, ok bool) {
	if text, ok = strings.CutPrefix(line, "#"); !ok {
		return "", false
	}
	return strings.TrimSpace(text), true
}
