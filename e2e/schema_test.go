package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// loadSchema reads the schema's files.
func loadSchema(t *testing.T) *ast.Schema {
	t.Helper()
	names, err := filepath.Glob("../schema/*.graphqls")
	if err != nil || len(names) == 0 {
		t.Fatalf("the schema's files: %v, %v", names, err)
	}
	var sources []*ast.Source
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(content)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	check := func(name, description string) {
		if description == "" {
			t.Errorf("%s has no description", name)
		}
	}
	for name, d := range loadSchema(t).Types {
		if d.BuiltIn {
			continue
		}
		check(name, d.Description)
		for _, value := range d.EnumValues {
			check(name+"."+value.Name, value.Description)
		}
		for _, field := range d.Fields {
			if field.Position == nil || field.Position.Src.BuiltIn {
				continue // __schema and __type
			}
			check(name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				check(name+"."+field.Name+"("+argument.Name+")", argument.Description)
			}
		}
	}
}

// notYet are the parts of the contract that the schema does not have yet. Whoever adds one takes it
// off this list.
var notYet []string

func TestTheSchemaKeepsItsContract(t *testing.T) {
	schema := loadSchema(t)
	content, err := os.ReadFile("testdata/contract.graphql")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := parser.ParseSchema(&ast.Source{Name: "contract.graphql", Input: string(content)})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range contract.Definitions {
		got := schema.Types[want.Name]
		if pending(t, want.Name, got != nil) {
			continue
		}
		if got == nil || got.Kind != want.Kind {
			t.Errorf("%s %s is not in the schema", want.Kind, want.Name)
			continue
		}
		compareDefinitions(t, want, got)
		for _, name := range want.Interfaces {
			if shared := contract.Definitions.ForName(name); shared != nil {
				compareDefinitions(t, &ast.Definition{Name: want.Name, Fields: shared.Fields}, got)
			}
		}
	}
}

// pending reports whether a part is on the list of those to come, and fails where it has come.
func pending(t *testing.T, name string, there bool) bool {
	t.Helper()
	if !slices.Contains(notYet, name) {
		return false
	}
	if there {
		t.Errorf("%s is in the schema: take it off the list of what is not there yet", name)
	}
	return true
}

// compareDefinitions fails for every field, argument, enum value and interface of the contract that
// the schema lacks or types in another way.
func compareDefinitions(t *testing.T, want, got *ast.Definition) {
	t.Helper()
	for _, name := range want.Interfaces {
		if !slices.Contains(got.Interfaces, name) {
			t.Errorf("%s does not implement %s", want.Name, name)
		}
	}
	for _, value := range want.EnumValues {
		if got.EnumValues.ForName(value.Name) == nil {
			t.Errorf("%s.%s is not in the schema", want.Name, value.Name)
		}
	}
	for _, field := range want.Fields {
		name, there := want.Name+"."+field.Name, got.Fields.ForName(field.Name)
		if pending(t, name, there != nil) {
			continue
		}
		if there == nil {
			t.Errorf("%s is not in the schema", name)
			continue
		}
		if there.Type.String() != field.Type.String() {
			t.Errorf("%s is of type %s, want %s", name, there.Type, field.Type)
		}
		compareArguments(t, name, field.Arguments, there.Arguments)
	}
}

func compareArguments(t *testing.T, field string, want, got ast.ArgumentDefinitionList) {
	t.Helper()
	for _, argument := range want {
		there := got.ForName(argument.Name)
		if there == nil ||
			there.Type.String() != argument.Type.String() ||
			there.DefaultValue.String() != argument.DefaultValue.String() {
			t.Errorf("%s has no argument %s: %s %s", field, argument.Name, argument.Type, argument.DefaultValue.String())
		}
	}
	for _, argument := range got {
		if want.ForName(argument.Name) == nil && argument.Type.NonNull && argument.DefaultValue == nil {
			t.Errorf("%s needs an argument %s that the contract does not have", field, argument.Name)
		}
	}
}
