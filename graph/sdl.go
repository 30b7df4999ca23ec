package graph

import (
	"bytes"
	"net/http"

	"github.com/vektah/gqlparser/v2/formatter"

	"jobgraph/graph/generated"
)

// SDL returns the schema in the schema definition language, with its descriptions.
func SDL() []byte {
	var out bytes.Buffer
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(schema)
	return out.Bytes()
}

// ServeSDL serves the schema as text.
func ServeSDL(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(SDL())
}
