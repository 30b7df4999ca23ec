package e2e

import (
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"

	"jobgraph/e2e/harness"
	"jobgraph/internal/graphiql"
)

// The strict profile still lets GraphiQL's introspection and every example pass.
func TestTheStrictProfileAnswersGraphiQL(t *testing.T) {
	g := harness.StartAlone(t, "-limits=strict")
	if a := g.Post(t, harness.Operation{Query: introspection.Query}, nil); a.Errors != nil {
		t.Errorf("introspection: %.500s", a)
	}
	examples, err := graphiql.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) { runExample(t, g, e) })
	}
}

func TestAProfileIsOverriddenByASingleLimit(t *testing.T) {
	const query = `{ a: __typename b: __typename c: __typename }`
	g := harness.Start(t, harness.Untouched(t), "-limits=off", "-max-aliases=2")
	if a := g.Query(t, query); a.Code() != "QUERY_TOO_COMPLEX" {
		t.Errorf("%s", a)
	}
	g = harness.Start(t, harness.Untouched(t), "-limits=strict", "-max-aliases=3")
	if a := g.Query(t, query); a.Errors != nil {
		t.Errorf("%s", a)
	}
}
