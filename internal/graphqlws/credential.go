package graphqlws

import (
	"net/http"
	"strings"

	"jobgraph/internal/caller"
)

// authenticate returns the caller of a connection. Its credential comes with the handshake or, as
// browsers cannot set headers there, in the payload of connection_init: by the header's name in any
// case, at the top level or under "headers". The problem describes what is wrong with it, or is "".
// GitLab checks the credential itself at the first read.
func authenticate(handshake http.Header, address string, payload map[string]any) (c caller.Caller, problem string) {
	header := http.Header{}
	for name, values := range handshake {
		if isCredential(name) {
			header[name] = values
		}
	}
	nested, _ := payload["headers"].(map[string]any)
	fromPayload := http.Header{}
	for _, fields := range []map[string]any{payload, nested} {
		if problem := collect(fromPayload, fields); problem != "" {
			return caller.Caller{}, problem
		}
	}
	got, err := caller.FromHeaders(header, address)
	if err != nil {
		return caller.Caller{}, err.Error()
	}
	sent, err := caller.FromHeaders(fromPayload, address)
	switch {
	case err != nil:
		return caller.Caller{}, err.Error()
	case sent.Credential.IsAnonymous():
		return got, ""
	case !got.Credential.IsAnonymous() && got.Credential != sent.Credential:
		return caller.Caller{}, "the credential of connection_init is not that of the handshake"
	}
	return sent, ""
}

// collect adds the credentials among fields to a header.
func collect(to http.Header, fields map[string]any) (problem string) {
	for name, value := range fields {
		if !isCredential(name) {
			continue
		}
		text, ok := value.(string)
		if !ok {
			return name + " must be a string"
		}
		key := http.CanonicalHeaderKey(name)
		if had := to[key]; had != nil && had[0] != text {
			return key + " is given twice"
		}
		to[key] = []string{text}
	}
	return ""
}

// isCredential reports whether a name, in any case, is that of a header that carries a credential.
func isCredential(name string) bool {
	for _, known := range caller.Headers() {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}
