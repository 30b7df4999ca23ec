package serving

import "net/http"

// Secure sets nosniff, no-referrer, a content security policy that allows nothing, and
// X-Frame-Options on every response. A page that must run scripts sets a policy of its own.
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
