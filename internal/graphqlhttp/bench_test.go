package graphqlhttp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// discard is a response writer that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteString(s string) (int, error) {
	return len(s), nil
}
func (d discard) WriteHeader(int) {}

// BenchmarkTransport is the price of the transport and of gqlgen's executor around it, with a
// document that is cached and a schema that answers at once.
func BenchmarkTransport(b *testing.B) {
	for name, data := range map[string]string{"small": `{"hello":"world"}`, "100KB": `{"hello":"` + strings.Repeat("x", 100<<10) + `"}`} {
		b.Run(name, func(b *testing.B) {
			h := newHandler(Config{BodyBytes: 1 << 20, JSONDepth: 50}, answering(data))
			const body = `{"query":"query Hello { hello }"}`
			reader := strings.NewReader(body)
			r := httptest.NewRequest(http.MethodPost, "/graphql", reader)
			r.Header.Set("Content-Type", "application/json")
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				reader.Reset(body)
				r.Body = io.NopCloser(reader)
				h.ServeHTTP(discard{http.Header{}}, r)
			}
		})
	}
}
