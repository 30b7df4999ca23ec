package graph

import (
	"bytes"
	"maps"
	"net/http"

	"github.com/vektah/gqlparser/v2/formatter"

	"jobgraph/graph/generated"
)

// SDL returns the schema in the schema definition language, with its descriptions. Directives that
// every GraphQL server has are left out; @defer is none of those.
func SDL() []byte {
	var out bytes.Buffer
	schema := *generated.NewExecutableSchema(generated.Config{}).Schema()
	deferring := *schema.Directives["defer"]
	deferring.Position = nil // is that of a built-in directive
	schema.Directives = maps.Clone(schema.Directives)
	schema.Directives[deferring.Name] = &deferring
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(&schema)
	return out.Bytes()
}

// ServeSDL serves the schema as text.
func ServeSDL(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(SDL())
}
