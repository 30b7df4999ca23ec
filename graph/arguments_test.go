package graph

import (
	"net/http"
	"testing"

	"jobgraph/restclient"
)

func TestOfSeveralCredentialsTheOneThatGitLabWouldTakeCounts(t *testing.T) {
	all := http.Header{}
	all.Set("JOB-TOKEN", "job")
	if got := CredentialFrom(all); got != (restclient.Credential{Header: restclient.HeaderJobToken, Value: "job"}) {
		t.Errorf("got %+v", got)
	}
	all.Set("Authorization", "Bearer oauth")
	if got := CredentialFrom(all); got != (restclient.Credential{Header: restclient.HeaderAuthorization, Value: "Bearer oauth"}) {
		t.Errorf("got %+v", got)
	}
	all.Set("PRIVATE-TOKEN", "pat")
	if got := CredentialFrom(all); got != (restclient.Credential{Header: restclient.HeaderPrivateToken, Value: "pat"}) {
		t.Errorf("got %+v", got)
	}
	if got := CredentialFrom(http.Header{"Cookie": {"_gitlab_session=1"}}); !got.IsAnonymous() {
		t.Errorf("got %+v", got)
	}
}

func TestNamePatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"rspec*", "rspec 1/2", true}, {"rspec*", "jrspec", false}, {"*", "", true}, {"?", "", false}, {"r?pec", "rspec", true}, {"*/2", "rspec 1/2", true},
		{"rspec [1]", "rspec [1]", true}, {"rspec [1]", "rspec 1", false}, {"a.c", "abc", false}, {"A*", "abc", false}, {"a*c", "a\nc", true}, {"(", "(", true}, {`\*`, `\x`, true},
	} {
		if got := glob(test.pattern).MatchString(test.name); got != test.want {
			t.Errorf("%q matches %q: %t", test.pattern, test.name, got)
		}
	}
}
