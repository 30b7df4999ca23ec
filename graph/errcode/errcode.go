// Package errcode lists the codes that the product's errors carry in extensions.code, and that the
// user errors of mutations carry in their field code. It is the only place where a code is spelled.
//
// Clients switch on the codes, so a code never changes its meaning and is never removed.
// docs/errors.md has the same list; a test holds the two together.
package errcode

// What GitLab answered, or what became of a call to it.
const (
	NotFound               = "NOT_FOUND"
	Unauthenticated        = "UNAUTHENTICATED"
	Forbidden              = "FORBIDDEN"
	RateLimited            = "RATE_LIMITED"
	UpstreamUnavailable    = "UPSTREAM_UNAVAILABLE"
	UpstreamTimeout        = "UPSTREAM_TIMEOUT"
	UpstreamInvalid        = "UPSTREAM_INVALID"
	UpstreamBudgetExceeded = "UPSTREAM_BUDGET_EXCEEDED"
	OutcomeUnknown         = "OUTCOME_UNKNOWN"
	TokenReadOnly          = "TOKEN_READ_ONLY"
	LogTooLarge            = "LOG_TOO_LARGE"
	LogTimeout             = "LOG_TIMEOUT"
)

// What is wrong with a document, its variables or its arguments.
const (
	BadUserInput     = "BAD_USER_INPUT"
	ParseFailed      = "GRAPHQL_PARSE_FAILED"
	ValidationFailed = "GRAPHQL_VALIDATION_FAILED"
	UnknownOperation = "OPERATION_RESOLUTION_FAILURE"
	TooComplex       = "QUERY_TOO_COMPLEX"
)

// What is wrong with an HTTP request, or with its answer.
const (
	BadRequest             = "BAD_REQUEST"
	MethodNotAllowed       = "METHOD_NOT_ALLOWED"
	NotAcceptable          = "NOT_ACCEPTABLE"
	UnsupportedMediaType   = "UNSUPPORTED_MEDIA_TYPE"
	PayloadTooLarge        = "PAYLOAD_TOO_LARGE"
	RequestTimeout         = "REQUEST_TIMEOUT"
	AnswerTooLarge         = "ANSWER_TOO_LARGE"
	PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND"
	QueryNotInSafelist     = "QUERY_NOT_IN_SAFELIST"
	TooManyErrors          = "TOO_MANY_ERRORS"
	ServerOverloaded       = "SERVER_OVERLOADED"
	Internal               = "INTERNAL"
)

// Why a subscription has ended.
const (
	LogReplaced  = "LOG_REPLACED"
	SlowConsumer = "SLOW_CONSUMER"
	Resubscribe  = "RESUBSCRIBE"
)

// Why GitLab refused a mutation. These stand in userErrors only; Forbidden, NotFound and
// RateLimited stand there too.
const (
	NotRetryable        = "NOT_RETRYABLE"
	NotErasable         = "NOT_ERASABLE"
	NotPlayable         = "NOT_PLAYABLE"
	ArchivedOrForbidden = "ARCHIVED_OR_FORBIDDEN"
	InvalidInputs       = "INVALID_INPUTS"
	Conflict            = "CONFLICT"
	ProjectMoved        = "PROJECT_MOVED"
)

// Entry is one code with its meaning, for people who write clients.
type Entry struct {
	Code    string
	Meaning string
}

// Errors returns the codes of errors, in the order of the documentation.
func Errors() []Entry {
	return []Entry{
		{NotFound, "nothing is there, or not for this caller; the field is null"},
		{Unauthenticated, "there is no credential, or GitLab does not accept it"},
		{Forbidden, "the credential does not allow this"},
		{BadUserInput, "an argument, an ID, a cursor, a variable or a credential's header is wrong; `argument` names it where there is one"},
		{RateLimited, "GitLab or the gateway limits the rate of calls; `retryAfter` is in seconds, where it is known"},
		{UpstreamUnavailable, "GitLab cannot be reached, or answers with a server error"},
		{UpstreamTimeout, "GitLab takes too long"},
		{UpstreamInvalid, "GitLab's answer cannot be understood, or lacks what it must have"},
		{UpstreamBudgetExceeded, "the query needs more upstream calls, or longer lists, than one request may read; `limit` and `value` name the limit"},
		{OutcomeUnknown, "a write may have reached GitLab, and no usable answer came back: look at the job before trying again"},
		{TokenReadOnly, "a write without a credential of the caller's own; see `-gitlab-token-writes`"},
		{LogTooLarge, "the log, or its text, is longer than the gateway reads or answers; `limit` and `value` name the limit"},
		{LogTimeout, "reading the log took too long; `limit` and `value` name the limit"},
		{ParseFailed, "the document is not GraphQL"},
		{ValidationFailed, "the document does not fit the schema"},
		{UnknownOperation, "`operationName` selects none of the document's operations"},
		{TooComplex, "the document is past one of the gateway's limits; `limit` and `value` name it"},
		{BadRequest, "the request is not a GraphQL request over HTTP"},
		{MethodNotAllowed, "the HTTP method is not one that the operation can be sent by"},
		{NotAcceptable, "the `Accept` header allows none of the media types of an answer"},
		{UnsupportedMediaType, "the body is not `application/json` in UTF-8"},
		{PayloadTooLarge, "the request is too long; `limit` and `value` name the limit"},
		{RequestTimeout, "the request took too long to arrive or to execute"},
		{AnswerTooLarge, "the answer is too long; `limit` and `value` name the limit"},
		{PersistedQueryNotFound, "no document is known by this ID or hash: send it with its hash"},
		{QueryNotInSafelist, "the operator executes only the documents of a list, and this one is not on it"},
		{TooManyErrors, "stands for the errors that the answer leaves out; `value` is how many are shown"},
		{LogReplaced, "a subscription to a log: the log is a different one now; begin again from byte 0"},
		{SlowConsumer, "a subscription to a log: its chunks were not read in time; subscribe again from `fromByte`"},
		{Resubscribe, "a subscription to a log: the gateway shuts down; subscribe again from `fromByte`"},
		{ServerOverloaded, "the gateway has no memory left for the request: try again after `Retry-After`, which is `retryAfter` in seconds"},
		{Internal, "a bug in the gateway; `requestId` finds its cause in the log"},
	}
}

// UserErrors returns the codes of a mutation's userErrors, in the order of the documentation.
func UserErrors() []Entry {
	return []Entry{
		{NotRetryable, "the job is in a state, or of a kind, that cannot be retried"},
		{NotErasable, "the job is not finished, or was erased before"},
		{NotPlayable, "the job does not wait for a manual start"},
		{ArchivedOrForbidden, "the job is archived, or the caller's role does not allow it; GitLab does not tell which"},
		{Forbidden, "the credential does not allow this"},
		{InvalidInputs, "GitLab does not accept the variables or inputs"},
		{NotFound, "the job is not there, or not for this caller"},
		{RateLimited, "this job was acted on too often"},
		{Conflict, "GitLab holds a lock on the job: try again"},
		{ProjectMoved, "the project has a new path: use it, or the project's number"},
	}
}
