package admission

import (
	"errors"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/caller"
	"jobgraph/internal/requestid"
	"jobgraph/internal/telemetry"
)

// Identify puts the caller and the ID of each request into its context. A request whose credential
// cannot be sent to GitLab as it came is answered 400. The caller's address is the client's, as
// trusted proxies report it.
func Identify(proxies caller.Proxies, recorder *telemetry.Recorder, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := requestid.Begin(w, r)
		c, err := caller.FromHeaders(r.Header, proxies.Client(r.RemoteAddr, r.Header["X-Forwarded-For"]))
		if bad, ok := errors.AsType[*caller.HeaderError](err); ok {
			refuse(w, r.WithContext(ctx), recorder, http.StatusBadRequest, &gqlerror.Error{
				Message:    bad.Error(),
				Extensions: map[string]any{"code": errcode.BadUserInput, "argument": bad.Header},
			})
			return
		}
		next.ServeHTTP(w, r.WithContext(caller.With(ctx, c)))
	})
}
