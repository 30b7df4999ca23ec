package limits_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"jobgraph/graph/errcode"
	"jobgraph/graph/generated"
	"jobgraph/graph/limits"
)

// gqlgen takes "5" for 5, 9999999999 for an Int, 5 for a String, and the names of enum values in
// any case.
func TestLiteralsOfAnotherTypeAreRefused(t *testing.T) {
	for literal, passes := range map[string]bool{
		`jobs(first: 5)`: true, `jobs(first: "5")`: false, `jobs(first: 5.0)`: false, `jobs(first: 2147483647)`: true, `jobs(first: 2147483648)`: false,
		`jobs(first: -2147483649)`: false, `jobs(first: 99999999999999999999)`: false, `jobs(first: true)`: false, `jobs(first: null)`: true,
		`jobs(after: "x")`: true, `jobs(after: 5)`: false, `jobs(statuses: [FAILED])`: true, `jobs(statuses: FAILED)`: true, `jobs(statuses: "FAILED")`: false,
		`jobs(statuses: [failed])`: false, `jobs(filter: {allowFailure: true})`: true, `jobs(filter: {allowFailure: "true"})`: false, `jobs(filter: {runnerId: 32})`: true,
		`jobs(filter: {runnerId: 3.2})`: false, `jobs(filter: {tags: ["a", 1]})`: false,
	} {
		l := limits.Default()
		l.Complexity = 0
		errs := pass(
			t,
			documents(t, l, true),
			&graphql.RawParams{Query: "{ project(id: 1) { " + literal + " { totalCount } } }"},
		)
		if passes != (errs == nil) {
			t.Errorf("%s: %v", literal, errs)
		}
		if errs != nil && errs[0].Extensions["code"] != errcode.BadUserInput {
			t.Errorf("%s: code %v", literal, errs[0].Extensions["code"])
		}
	}
}

// The same of variables; gqlgen would also execute the rest of the query before it finds some of
// them out.
func TestVariablesOfAnotherTypeAreRefused(t *testing.T) {
	for _, c := range []struct {
		declared, value string
		passes          bool
	}{
		{"Int", `5`, true}, {"Int", `"5"`, false}, {"Int", `5.0`, false}, {"Int", `5.5`, false}, {"Int", `1e3`, false}, {"Int", `2147483648`, false}, {"Int", `null`, true},
		{"Int!", `null`, false}, {"Int", `99999999999999999999999`, false}, {"Int", `[5]`, false},
		{"String", `"x"`, true}, {"String", `5`, false}, {"String", `true`, false}, {"ID", `"x"`, true}, {"ID", `5`, true}, {"ID", `99999999999999999999999`, true},
		{"ID", `5.5`, false}, {"ID", `true`, false}, {"Boolean", `true`, true}, {"Boolean", `"true"`, false}, {"Boolean", `1`, false},
		{"Float", `1.5`, true}, {"Float", `"1.5"`, false}, {"BigInt", `9007199254740993`, true}, {"BigInt", `"5"`, false}, {"BigInt", `9223372036854775808`, false},
		{"DateTime", `"2026-01-02T03:04:05.670Z"`, true}, {"DateTime", `"yesterday"`, false}, {"DateTime", `5`, false},
		{"JobStatus", `"FAILED"`, true}, {"JobStatus", `"failed"`, false}, {"JobStatus", `5`, false},
		{"[JobStatus!]", `["FAILED"]`, true}, {"[JobStatus!]", `"FAILED"`, true}, {"[JobStatus!]", `["FAILED", null]`, false}, {"[JobStatus!]", `[["FAILED"]]`, false},
		{"JobFilter", `{"name":"x","tags":["a"],"allowFailure":null}`, true}, {"JobFilter", `{"nam":"x"}`, false}, {"JobFilter", `{"tags":["a",1]}`, false}, {"JobFilter", `[]`, false},
	} {
		t.Run(c.declared+" "+c.value, func(t *testing.T) {
			var value any
			d := json.NewDecoder(strings.NewReader(c.value))
			d.UseNumber()
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			op := &ast.OperationDefinition{
				VariableDefinitions: ast.VariableDefinitionList{
					{Variable: "v", Type: declared(t, c.declared), Position: &ast.Position{}},
				},
			}
			err := limits.CheckVariables(
				generated.NewExecutableSchema(generated.Config{}).Schema(),
				op,
				map[string]any{"v": value},
			)
			if c.passes != (err == nil) {
				t.Fatal(err)
			}
			if err != nil &&
				(err.Extensions["code"] != errcode.BadUserInput || err.Extensions["variable"] != "v" || err.Path != nil) {
				t.Errorf("%+v", err)
			}
		})
	}
}

// declared parses a type.
func declared(t *testing.T, text string) *ast.Type {
	doc, err := parser.ParseQuery(&ast.Source{Input: "query($v: " + text + ") { a }"})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Operations[0].VariableDefinitions[0].Type
}

func TestARequiredVariableMustBeGiven(t *testing.T) {
	const query = "query($a: ID!, $b: Int = 5) { project(id: $a) { jobs(first: $b) { totalCount } } }"
	if errs := pass(t, documents(t, limits.Default(), true), &graphql.RawParams{Query: query}); len(errs) != 1 ||
		errs[0].Extensions["variable"] != "a" {
		t.Error(errs)
	}
	request := &graphql.RawParams{Query: query, Variables: map[string]any{"a": "1"}}
	if errs := pass(t, documents(t, limits.Default(), true), request); errs != nil {
		t.Error(errs)
	}
}

func TestAWrongVariableIsFoundInTheDeep(t *testing.T) {
	const query = "query($f: JobFilter) { project(id: 1) { jobs(filter: $f) { totalCount } } }"
	errs := pass(
		t,
		documents(t, limits.Default(), true),
		&graphql.RawParams{
			Query:     query,
			Variables: map[string]any{"f": map[string]any{"tags": []any{"a", json.Number("1")}}},
		},
	)
	if len(errs) != 1 || errs[0].Message != "$f.tags[1] of type JobFilter: must be a string" {
		t.Error(errs)
	}
}

// One variable of 250 kB that 900 aliases use would be copied or searched for 900 times.
func TestLongValuesAreRefusedBeforeTheyAreUsed(t *testing.T) {
	long, many := strings.Repeat("x", 1025), strings.Repeat(`"x", `, 501)
	for _, c := range []struct{ query, variables, want string }{
		{`{ project(id: 1) { jobs(filter: {namePattern: "` + long + `"}) { totalCount } } }`, `{}`, `filter.namePattern: must be 1024 bytes at most`},
		{`{ project(id: 1) { jobs(filter: {tags: ["a", "` + long + `"]}) { totalCount } } }`, `{}`, `filter.tags[1]: must be 1024 bytes at most`},
		{`{ project(id: 1) { jobs(filter: {tags: [` + many + `]}) { totalCount } } }`, `{}`, `filter.tags: must have 500 items at most`},
		{`{ project(id: 1) { jobs(after: """` + long + `""") { totalCount } } }`, `{}`, `after: must be 1024 bytes at most`},
		{`query ($id: ID!) { project(id: $id) { id } }`, `{"id": "` + long + `"}`, `$id of type ID!: must be 1024 bytes at most`},
		{`query ($f: JobFilter) { project(id: 1) { jobs(filter: $f) { totalCount } } }`, `{"f": {"namePattern": "` + long + `"}}`, `$f.namePattern of type JobFilter: must be 1024 bytes at most`},
		{`query ($s: [JobStatus!]) { project(id: 1) { jobs(statuses: $s) { totalCount } } }`, `{"s": [` + strings.ReplaceAll(many, "x", "FAILED") + `"FAILED"]}`,
			`$s of type [JobStatus!]: must have 500 items at most`},
		{`mutation ($v: String!) { jobPlay(input: {id: "x", variables: {key: "k", value: $v}}) { retried } }`, `{"v": "` + long + `"}`, ``},
		{`mutation { jobPlay(input: {id: "x", variables: {key: "k", value: "` + long + `"}}) { retried } }`, `{}`, ``},
	} {
		params := &graphql.RawParams{Query: c.query}
		if err := json.Unmarshal([]byte(c.variables), &params.Variables); err != nil {
			t.Fatal(err)
		}
		got := ""
		if errs := pass(t, documents(t, limits.Default(), true), params); errs != nil {
			if got = errs[0].Message; errs[0].Extensions["code"] != errcode.BadUserInput {
				t.Errorf("%.60s: %v", c.query, errs[0].Extensions)
			}
		}
		if got != c.want {
			t.Errorf("%.60s: got %q, want %q", c.query, got, c.want)
		}
	}
}
