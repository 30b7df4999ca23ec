package restclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
)

// errStalled ends a stream that sent nothing for the time of one attempt.
var errStalled = errors.New("nothing was sent for too long")

// transportError gives a failure to send or to receive its kind. ctx is the attempt's; sent reports whether the server
// may have seen the request.
func transportError(ctx context.Context, err error, sent bool) error {
	return &TransportError{Kind: kindOf(ctx, err), Sent: sent, Err: err}
}

func kindOf(ctx context.Context, err error) Kind {
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) || errors.Is(cause, errStalled) {
			return Timeout
		}
		return Canceled
	}
	// A dial that took too long counts as a server that cannot be reached: the request has not begun to wait.
	if isUnreachable(err) {
		return Unreachable
	}
	if isTimeout(err) {
		return Timeout
	}
	return Reset
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// isUnreachable reports whether no connection was made: the name, the dial or the handshake failed.
func isUnreachable(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}
