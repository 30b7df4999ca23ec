package graphqlhttp

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Refuse answers a request that does not get as far as the transport, in the form of every other
// refusal.
func Refuse(w http.ResponseWriter, status int, refusal *gqlerror.Error) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	head, tail := frame(&graphql.Response{Errors: gqlerror.List{refusal}})
	_, _ = w.Write([]byte(head + tail))
}
