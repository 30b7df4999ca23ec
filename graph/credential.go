package graph

import (
	"net/http"

	"jobgraph/restclient"
)

// CredentialFrom is the credential that an incoming request carries, to be sent to GitLab as it came; the zero value where it carries none.
// Where it carries several, the first of PRIVATE-TOKEN, Authorization and JOB-TOKEN counts, as for GitLab.
func CredentialFrom(h http.Header) restclient.Credential {
	for _, c := range [...]restclient.Credential{
		{Header: restclient.HeaderPrivateToken, Value: first(h["Private-Token"])}, // in their canonical form, which h.Get would make anew each time
		{Header: restclient.HeaderAuthorization, Value: first(h["Authorization"])},
		{Header: restclient.HeaderJobToken, Value: first(h["Job-Token"])},
	} {
		if c.Value != "" {
			return c
		}
	}
	return restclient.Credential{}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
