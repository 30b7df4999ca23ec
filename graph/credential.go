package graph

import (
	"net/http"

	"jobgraph/restclient"
)

// CredentialFrom is the credential that an incoming request carries, to be sent to GitLab as it came; the zero value where it carries none.
// Where it carries several, the first of PRIVATE-TOKEN, Authorization and JOB-TOKEN counts, as for GitLab.
func CredentialFrom(h http.Header) restclient.Credential {
	for _, name := range []string{restclient.HeaderPrivateToken, restclient.HeaderAuthorization, restclient.HeaderJobToken} {
		if value := h.Get(name); value != "" {
			return restclient.Credential{Header: name, Value: value}
		}
	}
	return restclient.Credential{}
}
