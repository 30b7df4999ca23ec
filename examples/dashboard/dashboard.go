// Package dashboard serves the example dashboard, a React application, from files embedded in the
// binary. The gateway's demo has it at /demo/. CONTRIBUTING.md tells how it is built.
package dashboard

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

// Path is where the dashboard is served: its files name each other below it.
const Path = "/demo/"

// Policy lets the page load and call nothing but its own origin.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

//go:embed dist
var files embed.FS

// Handler serves the files below Path.
func Handler() http.Handler {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // the name is not valid, which is a bug
	}
	serve := http.StripPrefix(Path, http.FileServerFS(dist))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		// The names of the assets contain a digest of their content.
		if strings.HasPrefix(r.URL.Path, Path+"assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		serve.ServeHTTP(w, r)
	})
}
