package limits_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"jobgraph/graph/errcode"
	"jobgraph/graph/generated"
	"jobgraph/graph/limits"
)

// documents makes an empty cache for this gateway's schema.
func documents(t testing.TB, l limits.Limits, introspection bool) *limits.Documents {
	d := limits.NewDocuments(l, introspection)
	if err := d.Validate(generated.NewExecutableSchema(generated.Config{})); err != nil {
		t.Fatal(err)
	}
	return d
}

// pass sends a request through; nil where it passed, and then the executor would get its document.
func pass(t testing.TB, d *limits.Documents, params *graphql.RawParams) gqlerror.List {
	t.Helper()
	ctx := graphql.WithOperationContext(context.Background(), &graphql.OperationContext{})
	if err := d.MutateOperationParameters(ctx, params); err != nil {
		return limits.Errors(gqlerror.List{err})
	}
	if doc, ok := d.Get(ctx, params.Query); !ok || doc == nil {
		t.Fatal("the executor would parse again")
	}
	return nil
}

// many writes a thing so many times, with its number where it has a %d.
func many(n int, format string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return out.String()
}

const job = `job(project: "1", id: "1")`

// manyAliases are the default limits without the one on aliases, which would hide the others.
func manyAliases() limits.Limits {
	l := limits.Default()
	l.Aliases = 1000
	return l
}

// Each of these documents is a few hundred kilobytes at most. Without limits, brackets overflow the
// stack, which no recover catches; 10,000 repeated fields are validated for 16 seconds; 3,000
// conflicting aliases are answered with 590 MB of errors; the fragments of the bomb hold 2^190
// fields; unknown names are compared with every name of the schema.
func TestHostileDocumentsAreAnsweredSoonAndInLittleMemory(t *testing.T) {
	chain := "{...f0}" + many(150, "fragment f%d on Query{...g%d "+many(40, "a%d:__typename ")+"}")
	for i := range 150 {
		chain = strings.Replace(chain, fmt.Sprintf("...g%d ", i), fmt.Sprintf("...f%d ", i+1), 1)
	}
	bomb := "{...f0}"
	for i := range 190 {
		bomb += fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	for name, c := range map[string]struct{ query, code, limit string }{
		"braces":                       {"{" + strings.Repeat("{", 250_000), errcode.ParseFailed, ""},
		"nested fields":                {strings.Repeat("{a", 120_000), errcode.ParseFailed, ""},
		"brackets of a value":          {"{job(id:" + strings.Repeat("[", 250_000), errcode.ParseFailed, ""},
		"brackets of a type":           {"query($a:" + strings.Repeat("[", 250_000), errcode.ParseFailed, ""},
		"braces of a value":            {"{job(id:" + strings.Repeat("{a:", 80_000), errcode.ParseFailed, ""},
		"a long text":                  {"{" + strings.Repeat(" ", 300_000) + "__typename}", errcode.TooComplex, "query-bytes"},
		"comments":                     {strings.Repeat("#\n", 130_000) + "{__typename}", errcode.TooComplex, "tokens"},
		"tokens":                       {"{" + strings.Repeat("a ", 100_000) + "}", errcode.TooComplex, "tokens"},
		"10,000 repeated fields":       {"{" + job + "{" + strings.Repeat("name ", 10_000) + "}}", "", ""},
		"29,000 repeated fields":       {"{" + job + "{" + strings.Repeat("name ", 29_000) + "}}", errcode.TooComplex, "fields"},
		"7,000 repeated objects":       {"{" + job + "{" + strings.Repeat("pipeline{id}", 7_000) + "}}", "", ""},
		"10,000 repeated root fields":  {"{" + strings.Repeat("__typename ", 10_000) + "}", errcode.TooComplex, "root-fields"},
		"3,000 conflicting aliases":    {"{" + job + "{" + many(1500, "a:name a:ref ") + "}}", errcode.TooComplex, "aliases"},
		"900 conflicting aliases":      {"{" + job + "{" + many(450, "a:name a:ref ") + "}}", errcode.ValidationFailed, ""},
		"10,000 conflicting arguments": {"{" + job + "{" + many(2800, `artifacts(first:%d){totalCount} `) + "}}", errcode.ValidationFailed, ""},
		"a fragment bomb":              {bomb + "fragment f190 on Query{__typename}", errcode.TooComplex, "root-fields"},
		"a fragment bomb further down": {strings.Replace(strings.ReplaceAll(bomb, "Query", "Job"), "{...f0}", "{"+job+"{...f0}}", 1) + "fragment f190 on Job{name}", errcode.TooComplex, "fields"},
		"a chain of fragments":         {chain + "fragment f150 on Query{__typename}", errcode.TooComplex, ""},
		"a cycle of fragments":         {"{...a}fragment a on Query{...b}fragment b on Query{...a}", errcode.ValidationFailed, ""},
		"1,000 fragments":              {"{...f0}" + many(1000, "fragment f%d on Query{__typename}"), errcode.TooComplex, "fragments"},
		"2,000 spreads":                {"{" + job + "{" + strings.Repeat("...{name}", 2000) + "}}", errcode.TooComplex, "spreads"},
		"directives":                   {"{" + job + "{name" + strings.Repeat(" @skip(if:false)", 2000) + "}}", errcode.TooComplex, "directives"},
		"1,000 variables":              {"query(" + many(1000, "$v%d:Int ") + "){__typename}", errcode.TooComplex, "variables"},
		"depth": {
			"{" + job + "{" + strings.Repeat("pipeline{downstream{", 20) + "id" + strings.Repeat("}}", 20) + "}}",
			errcode.TooComplex, "depth",
		},
		"10,000 unknown fields":        {"{" + job + "{" + strings.Repeat("nam ", 10_000) + "}}", errcode.ValidationFailed, ""},
		"unknown fields of long names": {"{" + job + "{" + many(25, "a"+strings.Repeat("b", 10_000)+"%d ") + "}}", errcode.ValidationFailed, ""},
		"a long unknown argument":      {"{job(" + strings.Repeat("b", 200_000) + ":1){name}}", errcode.ValidationFailed, ""},
		"a long wrong value":           {"{" + job + "{artifacts(first:\"" + strings.Repeat("b", 200_000) + "\"){totalCount}}}", errcode.BadUserInput, ""},
		"introspection 300 times":      {"{" + many(300, "a%d:__schema{types{fields{args{type{name}}type{name}}}}") + "}", errcode.TooComplex, "complexity"},
		"large pages within another":   {`{project(id:"1"){jobs(first:500){nodes{pipeline{jobs(first:500){nodes{name ref stage}}}}}}}`, errcode.TooComplex, "complexity"},
	} {
		t.Run(name, func(t *testing.T) {
			errs, took, allocated := measure(t, c.query)
			if c.code == "" && errs != nil || c.code != "" && (len(errs) == 0 || errs[0].Extensions["code"] != c.code) {
				t.Fatalf("%v, want code %q", errs, c.code)
			}
			if c.limit != "" && (errs[0].Extensions["limit"] != c.limit || errs[0].Extensions["value"] == nil) {
				t.Errorf("extensions %v, want the limit %s and its value", errs[0].Extensions, c.limit)
			}
			if len(errs) > limits.Default().Errors {
				t.Errorf("%d errors", len(errs))
			}
			for _, e := range errs {
				if len(e.Message) > 600 {
					t.Errorf("a message of %d bytes", len(e.Message))
				}
			}
			if most := 50 * time.Millisecond * slowdown; took > most {
				t.Errorf("took %s, %s at most", took, most)
			}
			if allocated > 32<<20 {
				t.Errorf("allocated %d MB", allocated>>20)
			}
		})
	}
}

// measure returns the cost of the fastest of three tries, so that other load on the machine counts
// less.
func measure(t *testing.T, query string) (errs gqlerror.List, took time.Duration, allocated uint64) {
	took = time.Hour
	for range 3 {
		d := documents(t, manyAliases(), true)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		errs = pass(t, d, &graphql.RawParams{Query: query})
		took = min(took, time.Since(start))
		runtime.ReadMemStats(&after)
		allocated = after.TotalAlloc - before.TotalAlloc
	}
	return errs, took, allocated
}

func TestHonestDocumentsPass(t *testing.T) {
	introspection, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for name, query := range map[string]string{
		"GraphiQL's introspection": string(introspection),
		"200 aliases":              "{" + many(200, `a%d: job(project: "1", id: "%d") { databaseId name stage status ref createdAt duration webUrl } `) + "}",
		"500 jobs, all fields": `{ project(id: "1") { jobs(first: 500) { nodes { id databaseId name stage status ref tag coverage allowFailure failureReason createdAt
			startedAt finishedAt erasedAt duration queuedDuration webUrl archived tags
			commit { sha title message } user { name } runner { id description }
			pipeline { id iid status ref sha source } artifacts(first: 50) { nodes { filename size fileType } } } } } }`,
		"50 jobs and the 20 jobs of each pipeline": `{ project(id: "2") { jobs(first: 50) { nodes { name pipeline { status jobs(first: 20) { nodes { name status } } } } } } }`,
		"6 pipelines deep":                         `{ pipeline(project: "1", id: "1") { ` + strings.Repeat("bridges { nodes { name downstreamPipeline { id ", 3) + strings.Repeat("} } } ", 3) + "} }",
		"100 projects":                             `query($ids: [ID!]!) { projects(ids: $ids) { jobs(first: 10) { nodes { name status } } } }`,
	} {
		ids := slices.Repeat([]any{"1"}, 100)
		request := &graphql.RawParams{Query: query, Variables: map[string]any{"ids": ids}}
		if errs := pass(t, documents(t, limits.Default(), true), request); errs != nil {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// Pages count by what is asked for, in a literal, in a variable, in a variable's default, or not at
// all.
func TestComplexityFollowsThePagesAskedFor(t *testing.T) {
	l := limits.Default()
	l.Complexity = 1000
	const nested = `{ project(id: "1") { jobs(%s) { nodes { name } } } }`
	for name, c := range map[string]struct {
		params graphql.RawParams
		passes bool
	}{
		"a literal under":          {graphql.RawParams{Query: strings.ReplaceAll(nested, "%s", "first: 500")}, true},
		"a literal over":           {graphql.RawParams{Query: strings.ReplaceAll(nested, "%s", "first: 1000")}, false},
		"a literal over, backward": {graphql.RawParams{Query: strings.ReplaceAll(nested, "%s", "last: 1000")}, false},
		"nothing":                  {graphql.RawParams{Query: strings.ReplaceAll(nested, "(%s)", "")}, true},
		"a variable under": {graphql.RawParams{
			Query:     "query($n: Int)" + strings.ReplaceAll(nested, "%s", "first: $n"),
			Variables: map[string]any{"n": int64(500)},
		}, true},
		"a variable over": {graphql.RawParams{
			Query:     "query($n: Int)" + strings.ReplaceAll(nested, "%s", "first: $n"),
			Variables: map[string]any{"n": int64(1000)},
		}, false},
		"a default over":        {graphql.RawParams{Query: "query($n: Int = 1000)" + strings.ReplaceAll(nested, "%s", "first: $n")}, false},
		"a page without end":    {graphql.RawParams{Query: strings.ReplaceAll(nested, "%s", "first: 2147483647")}, false},
		"nested pages multiply": {graphql.RawParams{Query: `{ project(id: "1") { jobs(first: 20) { nodes { pipeline { jobs(first: 50) { nodes { name } } } } } } }`}, false},
		"edges count as nodes":  {graphql.RawParams{Query: `{ project(id: "1") { jobs(first: 600) { edges { node { name } } pageInfo { endCursor } } } }`}, false},
		"ids count": {graphql.RawParams{
			Query:     `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Job { name ref stage } } }`,
			Variables: map[string]any{"ids": slices.Repeat([]any{"1"}, 300)},
		}, false},
		"few ids pass":                {graphql.RawParams{Query: `query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Job { name ref stage } } }`, Variables: map[string]any{"ids": slices.Repeat([]any{"1"}, 100)}}, true},
		"a fragment counts each time": {graphql.RawParams{Query: `{ a: project(id: "1") { ...f } b: project(id: "2") { ...f } } fragment f on Project { jobs(first: 500) { nodes { name } } }`}, false},
	} {
		errs := pass(t, documents(t, l, true), &c.params)
		if c.passes != (errs == nil) {
			t.Errorf("%s: %v", name, errs)
		}
		if errs != nil && (errs[0].Extensions["limit"] != "complexity" || errs[0].Extensions["value"] != 1000) {
			t.Errorf("%s: %v", name, errs[0].Extensions)
		}
	}
}

// A page size that a cached document takes from a variable is looked at again with each request.
func TestComplexityIsCheckedForCachedDocumentsToo(t *testing.T) {
	d := documents(t, limits.Default(), true)
	const query = `query($n: Int) { project(id: "1") { jobs(first: $n) { nodes { pipeline { jobs(first: $n) { nodes { name ref } } } } } } }`
	for n, passes := range map[int64]bool{10: true, 500: false} {
		for range 2 {
			if errs := pass(t, d, &graphql.RawParams{Query: query, Variables: map[string]any{"n": n}}); passes != (errs == nil) {
				t.Errorf("pages of %d: %v", n, errs)
			}
		}
	}
}

func TestTheOperationMustBeNamedAndThere(t *testing.T) {
	for _, c := range []struct {
		query, name, code string
	}{
		{"{__typename}", "", ""},
		{"query A {__typename}", "", ""},
		{"query A {__typename} query B {__typename}", "B", ""},
		{"query A {__typename} query B {__typename}", "", errcode.UnknownOperation},
		{"query A {__typename}", "B", errcode.UnknownOperation},
		{"fragment f on Query {__typename}", "", errcode.ValidationFailed},
		{"", "", errcode.ValidationFailed},
	} {
		errs := pass(t, documents(t, limits.Default(), true), &graphql.RawParams{Query: c.query, OperationName: c.name})
		if c.code == "" && errs != nil || c.code != "" && (len(errs) != 1 || errs[0].Extensions["code"] != c.code) {
			t.Errorf("%q of %q: %v", c.name, c.query, errs)
		}
	}
}

// gqlgen has one cache for any number of bytes.
func TestTheCacheIsBoundedInDocumentsAndInBytes(t *testing.T) {
	small, large := limits.Default(), limits.Default()
	small.CachedDocuments = 10
	large.CachedBytes = 100_000
	for name, l := range map[string]limits.Limits{"documents": small, "bytes": large} {
		d := documents(t, l, true)
		for i := range 1000 {
			query := fmt.Sprintf("{ a%d: __typename %s }", i, strings.Repeat(" ", 100))
			if errs := pass(t, d, &graphql.RawParams{Query: query}); errs != nil {
				t.Fatal(errs)
			}
		}
		if n, bytes := d.Kept(); n == 0 || n > l.CachedDocuments || bytes > l.CachedBytes {
			t.Errorf("%s: %d documents of %d bytes kept", name, n, bytes)
		}
	}
}

func TestACachedDocumentIsTheSameDocument(t *testing.T) {
	d := documents(t, limits.Default(), true)
	var seen []*ast.QueryDocument
	for range 2 {
		op := new(graphql.OperationContext)
		ctx := graphql.WithOperationContext(context.Background(), op)
		if err := d.MutateOperationParameters(ctx, &graphql.RawParams{Query: "{__typename}"}); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, op.Doc)
	}
	if seen[0] != seen[1] {
		t.Error("parsed twice")
	}
}

// gqlgen suggests names also where introspection is off.
func TestWithoutIntrospectionNothingOfTheSchemaIsTold(t *testing.T) {
	for _, query := range []string{
		"{ jo }", "{ job(project: 1, i: 1) { name } }", "{ job(project: 1, id: 1) { nam } }", "{ job(project: 1, id: 1) }", "{ node(id: 1) { ... on Jo { name } } }",
		"{ project(id: 1) { jobs(statuses: [FAILE]) { totalCount } } }", "{ project(id: 1) { jobs(filter: { nam: 1 }) { totalCount } } }", "query($a: Jo) { __typename }",
		"{ project(id: 1) { jobs(statuses: [\"FAILED\"]) { totalCount } } }", "{ node(id: 1) { name } }",
	} {
		told := pass(t, documents(t, limits.Default(), true), &graphql.RawParams{Query: query})
		silent := pass(t, documents(t, limits.Default(), false), &graphql.RawParams{Query: query})
		if len(told) == 0 || len(silent) == 0 {
			t.Errorf("%s: passed", query)
		}
		for _, e := range silent {
			if strings.Contains(e.Message, "Did you mean") {
				t.Errorf("%s: %s", query, e.Message)
			}
		}
	}
	for _, query := range []string{"{ __schema { types { name } } }", `{ __type(name: "Job") { name } }`, "{ ...f } fragment f on Query { __schema { types { name } } }"} {
		if errs := pass(t, documents(t, limits.Default(), false), &graphql.RawParams{Query: query}); len(errs) == 0 ||
			errs[0].Extensions["code"] != errcode.ValidationFailed {
			t.Errorf("%s: %v", query, errs)
		}
	}
	if errs := pass(t, documents(t, limits.Default(), false), &graphql.RawParams{Query: "{ __typename }"}); errs != nil {
		t.Error(errs)
	}
}

// Documents are without @defer, so that an engine answers all of them where the transport has no
// parts.
func TestDocumentsAreWithoutDefer(t *testing.T) {
	op := new(graphql.OperationContext)
	ctx := graphql.WithOperationContext(context.Background(), op)
	query := `{ job(project: 1, id: 1) { ... @defer { name } ...f @defer(label: "x") @include(if: true) } } fragment f on Job { pipeline { ... @defer { id } } }`
	request := &graphql.RawParams{Query: query}
	if err := documents(t, limits.Default(), true).MutateOperationParameters(ctx, request); err != nil {
		t.Fatal(err)
	}
	var left []string
	events := new(validator.Events)
	events.OnDirective(func(_ *validator.Walker, d *ast.Directive) { left = append(left, d.Name) })
	validator.Walk(generated.NewExecutableSchema(generated.Config{}).Schema(), op.Doc, events)
	if !slices.Equal(left, []string{"include"}) {
		t.Errorf("directives left: %v", left)
	}
}
