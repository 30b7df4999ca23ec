package restclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"

	"jobgraph/restclient/internal/http1"
)

// errStalled ends a stream that sent nothing for the time of one attempt.
var errStalled = errors.New("nothing was sent for too long")

// roundTripError returns the error of a request without a usable answer. ctx is the attempt's; sent
// reports whether the server may have seen the request.
func roundTripError(ctx context.Context, err error, sent bool) error {
	if isMalformed(err) && context.Cause(ctx) == nil {
		return &InvalidError{Reason: Malformed, Err: err}
	}
	return transportError(ctx, err, sent)
}

// malformedError is an answer that net/http could not parse. Its own errors have no type.
type malformedError struct{ error }

func (e *malformedError) Unwrap() error { return e.error }

func isMalformed(err error) bool {
	if _, ok := errors.AsType[*http1.MalformedError](err); ok {
		return true
	}
	_, ok := errors.AsType[*malformedError](err)
	return ok
}

// isBroken reports whether a connection ended or failed.
func isBroken(err error) bool {
	_, failed := errors.AsType[net.Error](err)
	return failed || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// transportError returns the error of a failure to send or to receive.
func transportError(ctx context.Context, err error, sent bool) error {
	return &TransportError{Kind: kindOf(ctx, err, sent), Sent: sent, Err: err}
}

func kindOf(ctx context.Context, err error, sent bool) Kind {
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, errStalled) {
			return Timeout
		}
		return Canceled
	}
	if kind := handshakeKind(err); kind != "" {
		return kind
	}
	// A dial that took too long counts as a server that cannot be reached: the request has not begun
	// to wait.
	if isDial(err) {
		return Unreachable
	}
	if isTimeout(err) {
		return Timeout
	}
	if !sent {
		return Unreachable
	}
	return Reset
}

// handshakeKind returns the kind of a TLS connection that one side refused, or "". It will be
// refused again.
func handshakeKind(err error) Kind {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return Untrusted
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return Handshake
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return Handshake
	}
	return ""
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// isDial reports whether the name, the connection, or the connection to a proxy failed.
func isDial(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok && (operation.Op == "dial" || operation.Op == "proxyconnect") {
		return true
	}
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}
