package graph

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/graph/relay"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// presentError turns an error of a resolver into what the client sees. Whatever is not known to be fit for strangers becomes INTERNAL with a
// request id, and its cause goes to the log, once.
func presentError(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := graphql.DefaultErrorPresenter(ctx, err)
		if shown.Extensions["code"] != nil {
			return shown
		}
		cause := err
		if shown.Err != nil {
			cause = shown.Err
		} else if _, ours := errors.AsType[*gqlerror.Error](err); ours {
			return coded(shown, errcode.BadUserInput, nil) // gqlgen's own word on an argument
		}
		message, code, extensions, known := describe(cause)
		if late, ok := errors.AsType[*graphqlhttp.TimeoutError](context.Cause(ctx)); ok && code != errcode.OutcomeUnknown && (code == errcode.UpstreamTimeout || errors.Is(cause, late)) {
			message, code, known = late.Error(), errcode.RequestTimeout, true
			extensions = map[string]any{"limit": "request-timeout", "value": late.Limit.String()}
			shown.Err = late
		}
		if !known {
			id := rand.Text()
			log.ErrorContext(ctx, "internal error", "request_id", id, "path", shown.Path.String(), "error", cause)
			message, code, extensions = "something went wrong here; the log has the cause under this request id", errcode.Internal, map[string]any{"requestId": id}
		}
		shown.Message = message
		return coded(shown, code, extensions)
	}
}

func coded(e *gqlerror.Error, code string, extensions map[string]any) *gqlerror.Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	for k, v := range extensions {
		e.Extensions[k] = v
	}
	e.Extensions["code"] = code
	return e
}

// describe says what the client is told of an error; false where it is a bug of ours.
func describe(err error) (message, code string, extensions map[string]any, known bool) {
	if e, ok := errors.AsType[*relay.ArgumentError](err); ok {
		return e.Error(), errcode.BadUserInput, map[string]any{"argument": e.Argument}, true
	}
	if e, ok := errors.AsType[*restclient.ArgumentError](err); ok {
		return e.Error(), errcode.BadUserInput, map[string]any{"argument": e.Name}, true
	}
	if e, ok := errors.AsType[*loader.LimitError](err); ok {
		return e.Error(), errcode.UpstreamBudgetExceeded, map[string]any{"limit": e.Limit, "value": e.Value}, true
	}
	if e, ok := errors.AsType[*loader.OutcomeUnknownError](err); ok {
		return e.Error(), errcode.OutcomeUnknown, nil, true
	}
	if e, ok := errors.AsType[*joblog.LimitError](err); ok {
		return e.Error(), logCode(e), map[string]any{"limit": string(e.Limit), "value": e.Value}, true
	}
	if errors.Is(err, errTokenReadOnly) {
		return errTokenReadOnly.Error(), errcode.TokenReadOnly, nil, true
	}
	if e, ok := errors.AsType[*restclient.Error](err); ok {
		return e.Message, statusCode(e.Status), retryAfter(e.RetryAfter), true
	}
	if e, ok := errors.AsType[*restclient.InvalidError](err); ok {
		return e.Error(), errcode.UpstreamInvalid, nil, true
	}
	if e, ok := errors.AsType[*restclient.TransportError](err); ok {
		code := errcode.UpstreamUnavailable
		if e.Kind == restclient.Timeout || e.Kind == restclient.Canceled {
			code = errcode.UpstreamTimeout
		}
		return e.Error(), code, retryAfter(e.RetryAfter), true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "the request's time is up", errcode.UpstreamTimeout, nil, true
	}
	return "", "", nil, false
}

// errTokenReadOnly is a write of a request without a credential of its own.
var errTokenReadOnly = errors.New("send a credential with the request: the gateway's own token is for reads only (its operator may allow writes by -gitlab-token-writes)")

// logCode is the code for a limit of a log.
func logCode(e *joblog.LimitError) string {
	if e.Limit == joblog.LimitTime {
		return errcode.LogTimeout
	}
	return errcode.LogTooLarge
}

// statusCode is the code for an error status of GitLab's.
func statusCode(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return errcode.Unauthenticated
	case status == http.StatusForbidden:
		return errcode.Forbidden
	case status == http.StatusNotFound:
		return errcode.NotFound
	case status == http.StatusTooManyRequests:
		return errcode.RateLimited
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return errcode.BadUserInput
	case status >= http.StatusInternalServerError:
		return errcode.UpstreamUnavailable
	}
	return errcode.UpstreamInvalid
}

// retryAfter is the extension that tells when to come back, in whole seconds.
func retryAfter(d time.Duration) map[string]any {
	if d <= 0 {
		return nil
	}
	return map[string]any{"retryAfter": int(math.Ceil(d.Seconds()))}
}
