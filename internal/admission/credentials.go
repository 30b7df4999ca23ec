package admission

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/graphqlhttp"
)

// Credentials refuses requests whose credential cannot be sent on as it came: one given twice, or with anything but printable ASCII in it.
// The named headers are those that carry one.
func Credentials(headers []string, next http.Handler) http.Handler {
	canonical := make([]string, len(headers))
	for i, name := range headers {
		canonical[i] = http.CanonicalHeaderKey(name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i, name := range canonical {
			values := r.Header[name]
			if len(values) > 1 || len(values) == 1 && !printable(values[0]) {
				graphqlhttp.Refuse(w, http.StatusBadRequest, &gqlerror.Error{
					Message:    "the header " + headers[i] + " must be given once and hold printable ASCII only",
					Extensions: map[string]any{"code": errcode.BadUserInput, "argument": headers[i]},
				})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
