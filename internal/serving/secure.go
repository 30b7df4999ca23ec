package serving

import "net/http"

// Secure sets, on every answer, the headers that keep a page to itself: it is what it says it is,
// runs nothing, stands in no frame, and tells no other host where its reader comes from. A page
// that must run scripts sets a policy of its own.
func Secure(next http.Handler) http.Handler {
	nosniff, referrer := []string{"nosniff"}, []string{"no-referrer"}
	policy, frames := []string{"default-src 'none'; frame-ancestors 'none'"}, []string{"DENY"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["Referrer-Policy"] = referrer
		h["Content-Security-Policy"] = policy
		h["X-Frame-Options"] = frames
		next.ServeHTTP(w, r)
	})
}
