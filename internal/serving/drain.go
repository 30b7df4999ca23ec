package serving

import (
	"io"
	"net/http"
)

// maxIgnoredBody bounds how much of a body is read for a handler that takes none.
const maxIgnoredBody = 64 << 10

// IgnoreBody is for handlers that take no body. A chunked one is read before they are called, so
// that a malformed one is answered 400, as it is everywhere else: a proxy may delimit it
// differently.
func IgnoreBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 {
			if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxIgnoredBody)); err != nil {
				w.Header().Set("Connection", "close")
				say(w, http.StatusBadRequest, "the body is malformed or too long\n")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
