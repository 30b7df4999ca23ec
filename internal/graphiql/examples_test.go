package graphiql

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

func TestExamplesAreReadyToRun(t *testing.T) {
	examples, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) < 8 {
		t.Errorf("%d examples, want at least 8", len(examples))
	}
	seen := map[string]bool{}
	for _, example := range examples {
		t.Run(example.Name, func(t *testing.T) {
			if example.Description == "" || seen[example.Name] {
				t.Error("an example needs a description, and a name of its own")
			}
			seen[example.Name] = true
			document, err := parser.ParseQuery(&ast.Source{Name: example.Name, Input: example.Query})
			if err != nil {
				t.Fatal(err)
			}
			if len(document.Operations) != 1 || document.Operations[0].Name == "" {
				t.Fatal("an example is one named operation, whose name becomes the tab's")
			}
			variables := object(t, example.Variables)
			object(t, example.Headers)
			requireVariables(t, document.Operations[0], variables)
		})
	}
}

// requireVariables fails for a required variable that is not given, and for a given one that is not
// declared.
func requireVariables(t *testing.T, operation *ast.OperationDefinition, given map[string]any) {
	t.Helper()
	for _, declared := range operation.VariableDefinitions {
		if _, ok := given[declared.Variable]; !ok && declared.Type.NonNull {
			t.Errorf("variable %q is required and not given", declared.Variable)
		}
		delete(given, declared.Variable)
	}
	for name := range given {
		t.Errorf("variable %q is given and not declared", name)
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	object := map[string]any{}
	if text == "" {
		return object
	}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return object
}

func TestExamplesKeepTheOrderOfTheirFiles(t *testing.T) {
	examples, err := readExamples(fstest.MapFS{
		"examples/02-b.graphql":        {Data: []byte("# B\nquery B { b }\n")},
		"examples/02-b.headers.json":   {Data: []byte("{\"H\": \"1\"}\n")},
		"examples/01-a.graphql":        {Data: []byte("# A\n# All of it.\nquery A { a }\n")},
		"examples/01-a.variables.json": {Data: []byte("{\"v\": 1}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Example{
		{Name: "A", Description: "All of it.", Query: "# A\n# All of it.\nquery A { a }\n", Variables: `{"v": 1}`},
		{Name: "B", Query: "# B\nquery B { b }\n", Headers: `{"H": "1"}`},
	}
	if len(examples) != 2 || examples[0] != want[0] || examples[1] != want[1] {
		t.Errorf("got %+v, want %+v", examples, want)
	}
}

func TestExampleWithoutAnyNameIsRefused(t *testing.T) {
	_, err := readExamples(fstest.MapFS{"examples/a.graphql": {Data: []byte("{ a }\n")}})
	if err == nil {
		t.Error("no error")
	}
}
