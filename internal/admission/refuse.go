package admission

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/requestid"
	"jobgraph/internal/telemetry"
)

// refuse answers a request that is not served, and records it as an operation that failed, so that
// metrics and log have it like any other.
func refuse(
	w http.ResponseWriter, r *http.Request, recorder *telemetry.Recorder, status int, reason *gqlerror.Error,
) {
	ctx := r.Context()
	if requestid.From(ctx) == "" {
		ctx = requestid.Begin(w, r)
	}
	_, recorded := recorder.Begin(ctx, telemetry.HTTP, r.Header)
	defer recorded.End()
	recorded.Fail(gqlerror.List{reason})
	graphqlhttp.Refuse(w, status, reason)
}
