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

	"jobgraph/graph/loader"
	"jobgraph/graph/relay"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// The codes that errors carry in extensions.code. Clients switch on them, so they do not change.
const (
	CodeBadUserInput           = "BAD_USER_INPUT"
	CodeUnauthenticated        = "UNAUTHENTICATED"
	CodeForbidden              = "FORBIDDEN"
	CodeNotFound               = "NOT_FOUND"
	CodeRateLimited            = "RATE_LIMITED"
	CodeUpstreamUnavailable    = "UPSTREAM_UNAVAILABLE"
	CodeUpstreamTimeout        = "UPSTREAM_TIMEOUT"
	CodeUpstreamInvalid        = "UPSTREAM_INVALID"
	CodeUpstreamBudgetExceeded = "UPSTREAM_BUDGET_EXCEEDED"
	CodeOutcomeUnknown         = "OUTCOME_UNKNOWN"
	CodeTokenReadOnly          = "TOKEN_READ_ONLY"
	CodeLogTooLarge            = "LOG_TOO_LARGE"
	CodeLogTimeout             = "LOG_TIMEOUT"
	CodeInternal               = "INTERNAL"
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
			return coded(shown, CodeBadUserInput, nil) // gqlgen's own word on an argument
		}
		message, code, extensions, known := describe(cause)
		if late, ok := errors.AsType[*graphqlhttp.TimeoutError](context.Cause(ctx)); ok && code != CodeOutcomeUnknown && (code == CodeUpstreamTimeout || errors.Is(cause, late)) {
			message, code, known = late.Error(), graphqlhttp.CodeRequestTimeout, true
			extensions = map[string]any{"limit": "request-timeout", "value": late.Limit.String()}
			shown.Err = late
		}
		if !known {
			id := rand.Text()
			log.ErrorContext(ctx, "internal error", "request_id", id, "path", shown.Path.String(), "error", cause)
			message, code, extensions = "something went wrong here; the log has the cause under this request id", CodeInternal, map[string]any{"requestId": id}
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
		return e.Error(), CodeBadUserInput, map[string]any{"argument": e.Argument}, true
	}
	if e, ok := errors.AsType[*restclient.ArgumentError](err); ok {
		return e.Error(), CodeBadUserInput, map[string]any{"argument": e.Name}, true
	}
	if e, ok := errors.AsType[*loader.LimitError](err); ok {
		return e.Error(), CodeUpstreamBudgetExceeded, map[string]any{"limit": e.Limit, "value": e.Value}, true
	}
	if e, ok := errors.AsType[*loader.OutcomeUnknownError](err); ok {
		return e.Error(), CodeOutcomeUnknown, nil, true
	}
	if e, ok := errors.AsType[*joblog.LimitError](err); ok {
		return e.Error(), logCode(e), map[string]any{"limit": string(e.Limit), "value": e.Value}, true
	}
	if errors.Is(err, errTokenReadOnly) {
		return errTokenReadOnly.Error(), CodeTokenReadOnly, nil, true
	}
	if e, ok := errors.AsType[*restclient.Error](err); ok {
		return e.Message, statusCode(e.Status), retryAfter(e.RetryAfter), true
	}
	if e, ok := errors.AsType[*restclient.InvalidError](err); ok {
		return e.Error(), CodeUpstreamInvalid, nil, true
	}
	if e, ok := errors.AsType[*restclient.TransportError](err); ok {
		code := CodeUpstreamUnavailable
		if e.Kind == restclient.Timeout || e.Kind == restclient.Canceled {
			code = CodeUpstreamTimeout
		}
		return e.Error(), code, retryAfter(e.RetryAfter), true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return "the request's time is up", CodeUpstreamTimeout, nil, true
	}
	return "", "", nil, false
}

// errTokenReadOnly is a write of a request without a credential of its own.
var errTokenReadOnly = errors.New("send a credential with the request: the gateway's own token is for reads only (its operator may allow writes by -gitlab-token-writes)")

// logCode is the code for a limit of a log.
func logCode(e *joblog.LimitError) string {
	if e.Limit == joblog.LimitTime {
		return CodeLogTimeout
	}
	return CodeLogTooLarge
}

// statusCode is the code for an error status of GitLab's.
func statusCode(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return CodeUnauthenticated
	case status == http.StatusForbidden:
		return CodeForbidden
	case status == http.StatusNotFound:
		return CodeNotFound
	case status == http.StatusTooManyRequests:
		return CodeRateLimited
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return CodeBadUserInput
	case status >= http.StatusInternalServerError:
		return CodeUpstreamUnavailable
	}
	return CodeUpstreamInvalid
}

// retryAfter is the extension that tells when to come back, in whole seconds.
func retryAfter(d time.Duration) map[string]any {
	if d <= 0 {
		return nil
	}
	return map[string]any{"retryAfter": int(math.Ceil(d.Seconds()))}
}
