// Package graphiql serves GraphiQL, the GraphQL explorer, from files embedded in the binary. The
// page loads nothing from any other host: scripts, styles and icons come from its own server, and
// its content security policy forbids the rest.
package graphiql

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
)

// ContentSecurityPolicy is what every answer of [Handler] allows the page: its own files, and
// requests to its own server. Inline styles are needed by the editor, data images by its icons.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// dist holds what web's build writes, page what is written by hand.
//
//go:embed dist page
var files embed.FS

// Options configure the page.
type Options struct {
	// Endpoint is the path of the GraphQL API on the same host, such as "/graphql".
	Endpoint string
	// Examples are listed in the page's side panel, in this order. A first visit opens the first of
	// them.
	Examples []Example
	// DemoTokens are offered beside the token field. Where there are any, the page also says that
	// the demo needs none.
	DemoTokens []DemoToken
}

// DemoToken is a public token of the demo's simulator. A real token must never be one: the page
// shows it to everybody.
type DemoToken struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Assets is the path below which the page's files are.
const Assets = "/assets/graphiql/"

// Handler serves the page at "/", its files under "/assets/graphiql/", and 404 for any other path.
// The files' addresses contain a digest of their content and are cached for good; the page itself
// is revalidated at each visit.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	asset := func(name, contentType string) string {
		a := must(newAsset(must(files.ReadFile(name)), contentType, immutable))
		address := a.address(name)
		mux.Handle("GET "+address, a)
		return address
	}
	page := must(renderPage(pageData{
		Script:     asset("dist/app.js.gz", "text/javascript; charset=utf-8"),
		Stylesheet: asset("dist/app.css.gz", "text/css; charset=utf-8"),
		Licenses:   asset("dist/LICENSES.txt", "text/plain; charset=utf-8"),
		Favicon:    asset("page/favicon.svg", "image/svg+xml"),
		Endpoint:   o.Endpoint,
		Config:     must(configJSON(o)),
	}))
	mux.Handle("GET /{$}", must(newAsset(page, "text/html; charset=utf-8", revalidate)))
	return secured(mux)
}

// secured sets nosniff, no-referrer, CSP and X-Frame-Options, also on 404s.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", ContentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// pageData is what index.html is filled with; Config is the JSON that web/src/config.ts reads.
type pageData struct {
	Script, Stylesheet, Licenses, Favicon string
	Endpoint                              string
	Config                                string
}

func renderPage(data pageData) ([]byte, error) {
	page, err := template.ParseFS(files, "page/index.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, data)
	return out.Bytes(), err
}

// configJSON writes lists, never null, because the page iterates them.
func configJSON(o Options) (string, error) {
	config, err := json.Marshal(struct {
		Endpoint   string      `json:"endpoint"`
		Examples   []Example   `json:"examples"`
		DemoTokens []DemoToken `json:"demoTokens"`
	}{o.Endpoint, append([]Example{}, o.Examples...), append([]DemoToken{}, o.DemoTokens...)})
	return string(config), err
}

// must is for what can only fail if the embedded files are broken, which the tests rule out.
func must[T any](value T, err error) T {
	if err != nil {
		panic(fmt.Errorf("graphiql: %w", err))
	}
	return value
}
