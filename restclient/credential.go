package restclient

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// The request headers that authenticate a caller to GitLab.
const (
	HeaderPrivateToken  = "PRIVATE-TOKEN"
	HeaderAuthorization = "Authorization"
	HeaderJobToken      = "JOB-TOKEN"
)

// The canonical forms of those that are not in it, as http.Header keeps them: its methods would
// make them anew each time.
const (
	canonicalPrivateToken = "Private-Token"
	canonicalJobToken     = "Job-Token"
)

// Credential authenticates one caller upstream: one header, sent as it came. The zero value is an
// anonymous caller. It is comparable and may be part of a key; whatever prints it prints only the
// header's name.
type Credential struct {
	Header string // one of HeaderPrivateToken, HeaderAuthorization, HeaderJobToken; "" with an empty Value
	Value  string
}

// IsAnonymous reports whether c carries no credential at all.
func (c Credential) IsAnonymous() bool { return c == Credential{} }

// Validate returns an [*ArgumentError] where c cannot be sent: a header that is not a credential's,
// an empty value, or one with bytes that do not belong in a token (a line break would smuggle a
// header in).
func (c Credential) Validate() error {
	if c.IsAnonymous() {
		return nil
	}
	switch c.Header {
	case HeaderPrivateToken, HeaderAuthorization, HeaderJobToken:
	default:
		return &ArgumentError{Name: "credential", Problem: "its header is none that carries a token"}
	}
	if c.Value == "" {
		return &ArgumentError{Name: "credential", Problem: "its value is empty"}
	}
	for i := range len(c.Value) {
		if b := c.Value[i]; b < ' ' || b > '~' {
			return &ArgumentError{Name: "credential", Problem: "its value has a byte that is not printable ASCII"}
		}
	}
	return nil
}

// String names the header and hides the value.
func (c Credential) String() string {
	if c.IsAnonymous() {
		return "anonymous"
	}
	switch c.Header {
	case HeaderPrivateToken, HeaderAuthorization, HeaderJobToken:
		return c.Header + " [hidden]"
	}
	return "[hidden]"
}

// Format hides the value from every verb of package fmt, also from those that print a struct field
// by field.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// GoString hides the value from %#v.
func (c Credential) GoString() string { return "restclient.Credential(" + c.String() + ")" }

// LogValue hides the value from structured logs.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText hides the value from JSON and other encodings.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// CredentialFrom is the credential that an incoming request carries, to be sent on as it came; the
// zero value where it carries none. Where it carries several, the first of PRIVATE-TOKEN,
// Authorization and JOB-TOKEN counts, as for GitLab.
func CredentialFrom(h http.Header) Credential {
	for _, c := range [...]Credential{
		{Header: HeaderPrivateToken, Value: first(h[canonicalPrivateToken])},
		{Header: HeaderAuthorization, Value: first(h[HeaderAuthorization])},
		{Header: HeaderJobToken, Value: first(h[canonicalJobToken])},
	} {
		if c.Value != "" {
			return c
		}
	}
	return Credential{}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// set writes c into h.
func (c Credential) set(h http.Header) {
	if c.Value == "" {
		return
	}
	name := c.Header
	switch name {
	case HeaderPrivateToken:
		name = canonicalPrivateToken
	case HeaderJobToken:
		name = canonicalJobToken
	}
	h[name] = []string{c.Value}
}
