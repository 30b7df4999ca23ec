package graph

import (
	"bytes"
	"net/http"

	"github.com/vektah/gqlparser/v2/formatter"

	"jobgraph/graph/generated"
)

// SDL is the whole schema in the schema definition language, descriptions included.
func SDL() []byte {
	var out bytes.Buffer
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).FormatSchema(generated.NewExecutableSchema(generated.Config{}).Schema())
	return out.Bytes()
}

// ServeSDL serves the schema as text.
func ServeSDL(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(SDL())
}
