// Package caller says who sent a request. It is the only place that looks at a request's
// credential.
//
// A transport determines the caller once: from the headers of an HTTP request, or from whatever its
// protocol sends instead of them. It then puts the caller into the context of each operation, where
// the rest of the program reads it:
//
//   - admission counts a caller's requests by its LimitKey;
//   - equal queries in flight are shared between callers with equal credentials;
//   - equal reads of GitLab in flight are shared in the same way;
//   - GitLab is called with the caller's credential.
package caller

import (
	"context"
	"net/http"
	"net/netip"

	"jobgraph/restclient"
)

// Caller is who sent a request. It is comparable, and never prints its credential.
type Caller struct {
	// Credential is the one that the request carries, as it came; the zero value is an anonymous
	// caller. What callers with equal credentials ask is answered equally, so that the credential is
	// the key of all sharing.
	Credential restclient.Credential
	// Address is the network address of the client, as host:port.
	Address string
}

// Headers returns the names of the request headers that carry a credential.
func Headers() []string {
	return []string{restclient.HeaderAuthorization, restclient.HeaderPrivateToken, restclient.HeaderJobToken}
}

// HeaderError is the error of a credential that cannot be sent to GitLab as it came.
type HeaderError struct{ Header string }

func (e *HeaderError) Error() string {
	return "the header " + e.Header + " must be given once and hold printable ASCII only"
}

// canonical are the keys that http.Header has for Headers.
var canonical = [...]string{"Authorization", "Private-Token", "Job-Token"}

// FromHeaders returns the caller that sent headers from an address. A credential that is given
// twice, or that holds anything but printable ASCII, is a [*HeaderError].
func FromHeaders(h http.Header, address string) (Caller, error) {
	for i, key := range canonical {
		if values := h[key]; len(values) > 1 || len(values) == 1 && !printable(values[0]) {
			return Caller{}, &HeaderError{Headers()[i]}
		}
	}
	return Caller{Credential: restclient.CredentialFrom(h), Address: address}, nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// LimitKey returns the key that a caller's requests are counted by: its credential, or its network
// where it has none.
func (c Caller) LimitKey() Caller {
	if c.Credential.IsAnonymous() {
		return Caller{Address: network(c.Address)}
	}
	return Caller{Credential: c.Credential}
}

// Network returns the key of all callers at the same network.
func (c Caller) Network() Caller { return Caller{Address: network(c.Address)} }

// network returns the IPv4 address, or the /64 of the IPv6 address, of host:port: whole IPv6
// networks belong to one host. An address in any other form is returned as it is.
func network(address string) string {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return address
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

type contextKey struct{}

// With returns a context that carries the caller of an operation.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the caller of an operation; false where no transport has put one into the context.
func From(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(contextKey{}).(Caller)
	return c, ok
}
