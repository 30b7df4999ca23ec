// Package presenter turns the errors of an execution into what the client reads: a message, a code
// of package errcode, and nothing that is internal to the gateway.
package presenter

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/graph/relay"
	"jobgraph/internal/budget"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/joblog"
	"jobgraph/internal/live"
	"jobgraph/internal/requestid"
	"jobgraph/restclient"
)

// nullErrors are the sentences of gqlgen's errors for a field that is null and must not be. The
// resolvers are null there only where GitLab has not sent what it always sends.
var nullErrors = []string{"the requested element is null which the schema does not allow", "must not be null"}

// presentation is what a client reads of an error, besides its path.
type presentation struct {
	message    string
	code       string
	extensions map[string]any // besides the code
}

// New returns the presenter of the errors of resolvers. An error of a kind that it does not know is
// a bug: the client reads INTERNAL with a request ID, and the cause is logged under that ID.
func New(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := graphql.DefaultErrorPresenter(ctx, err)
		if shown.Extensions["code"] != nil {
			return shown
		}
		cause := err
		if shown.Err != nil {
			cause = shown.Err
		} else if _, ok := errors.AsType[*gqlerror.Error](err); ok { // gqlgen's own error about an argument
			return coded(shown, presentation{shown.Message, errcode.BadUserInput, nil})
		}
		if slices.Contains(nullErrors, cause.Error()) {
			cause = &restclient.InvalidError{Reason: restclient.Incomplete, Err: cause}
		}
		p, known := present(cause)
		if timeout := timeoutOf(ctx, cause, p.code); timeout != nil {
			shown.Err = timeout
			p, known = presentTimeout(timeout), true
		}
		if !known {
			id := requestid.From(ctx)
			if id == "" { // an operation without a request of its own
				id = requestid.New()
				ctx = requestid.With(ctx, id)
			}
			log.ErrorContext(ctx, "internal error", "path", shown.Path.String(), "error", cause)
			p = presentation{bugMessage, errcode.Internal, map[string]any{"requestId": id}}
		}
		return coded(shown, p)
	}
}

// bugMessage is the message that a client reads of a bug.
const bugMessage = "something went wrong here; the log has the cause under this request id"

func presentTimeout(e *graphqlhttp.TimeoutError) presentation {
	return presentation{e.Error(), errcode.RequestTimeout, limit("request-timeout", e.Limit.String())}
}

// timeoutOf returns the request's own timeout if that caused the error, and not the upstream; nil
// otherwise. A write whose outcome is unknown stays one.
func timeoutOf(ctx context.Context, cause error, code string) *graphqlhttp.TimeoutError {
	timeout, ok := errors.AsType[*graphqlhttp.TimeoutError](context.Cause(ctx))
	if !ok || code == errcode.OutcomeUnknown || code != errcode.UpstreamTimeout && !errors.Is(cause, timeout) {
		return nil
	}
	return timeout
}

func coded(e *gqlerror.Error, p presentation) *gqlerror.Error {
	e.Message = p.message
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	for k, v := range p.extensions {
		e.Extensions[k] = v
	}
	e.Extensions["code"] = p.code
	return e
}

// present returns what the client reads of an error; false if the error is a bug.
func present(err error) (presentation, bool) {
	if e, ok := errors.AsType[*relay.ArgumentError](err); ok {
		return presentation{e.Error(), errcode.BadUserInput, map[string]any{"argument": e.Argument}}, true
	}
	if e, ok := errors.AsType[*restclient.ArgumentError](err); ok {
		return presentation{e.Error(), errcode.BadUserInput, map[string]any{"argument": e.Name}}, true
	}
	if e, ok := errors.AsType[*loader.LimitError](err); ok {
		return presentation{e.Error(), errcode.UpstreamBudgetExceeded, limit(e.Limit, e.Value)}, true
	}
	if e, ok := errors.AsType[*loader.OutcomeUnknownError](err); ok {
		return presentation{e.Error(), errcode.OutcomeUnknown, nil}, true
	}
	if e, ok := errors.AsType[*joblog.LimitError](err); ok {
		return presentation{e.Error(), logCode(e), limit(string(e.Limit), e.Value)}, true
	}
	if e, ok := errors.AsType[*live.ReplacedError](err); ok {
		return presentation{e.Error(), errcode.LogReplaced, map[string]any{"fromByte": 0}}, true
	}
	if e, ok := errors.AsType[*live.LimitError](err); ok {
		return presentation{e.Error(), errcode.RateLimited, limit(e.Limit, e.Value)}, true
	}
	if errors.Is(err, budget.ErrExhausted) {
		return presentation{"the gateway has no memory left for this; try again in a second", errcode.ServerOverloaded, retryAfter(time.Second)}, true
	}
	if errors.Is(err, loader.ErrTokenReadOnly) {
		return presentation{loader.ErrTokenReadOnly.Error(), errcode.TokenReadOnly, nil}, true
	}
	return presentUpstream(err)
}

// presentUpstream is present for the error of a call to GitLab.
func presentUpstream(err error) (presentation, bool) {
	if e, ok := errors.AsType[*restclient.Error](err); ok {
		return presentation{e.Message, statusCode(e.Status), retryAfter(e.RetryAfter)}, true
	}
	if e, ok := errors.AsType[*restclient.InvalidError](err); ok {
		return presentation{e.Error(), errcode.UpstreamInvalid, nil}, true
	}
	if e, ok := errors.AsType[*restclient.TransportError](err); ok {
		code := errcode.UpstreamUnavailable
		if e.Kind == restclient.Timeout || e.Kind == restclient.Canceled {
			code = errcode.UpstreamTimeout
		}
		return presentation{e.Error(), code, retryAfter(e.RetryAfter)}, true
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return presentation{"the request's time is up", errcode.UpstreamTimeout, nil}, true
	}
	return presentation{}, false
}

// limit returns the extensions that name a limit.
func limit(name string, value any) map[string]any {
	return map[string]any{"limit": name, "value": value}
}

// logCode returns the code of a limit of a log.
func logCode(e *joblog.LimitError) string {
	switch e.Limit {
	case joblog.LimitTime:
		return errcode.LogTimeout
	case logs.LimitAnswer:
		return errcode.AnswerTooLarge
	}
	return errcode.LogTooLarge
}

// statusCode returns the code of an error status of GitLab's.
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

// retryAfter returns the extension that says when to try again, in whole seconds.
func retryAfter(d time.Duration) map[string]any {
	if d <= 0 {
		return nil
	}
	return map[string]any{"retryAfter": int(math.Ceil(d.Seconds()))}
}
