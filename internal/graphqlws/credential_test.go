package graphqlws

import (
	"net/http"
	"testing"

	"jobgraph/restclient"
)

func TestTheCredentialOfAConnection(t *testing.T) {
	const private, bearer = restclient.HeaderPrivateToken, restclient.HeaderAuthorization
	type fields = map[string]any
	for name, c := range map[string]struct {
		handshake http.Header
		payload   fields
		want      restclient.Credential
		problem   bool
	}{
		"none":             {nil, nil, restclient.Credential{}, false},
		"in the handshake": {http.Header{"Private-Token": {"a"}}, nil, restclient.Credential{Header: private, Value: "a"}, false},
		"in the payload":   {nil, fields{"private-token": "a"}, restclient.Credential{Header: private, Value: "a"}, false},
		"in capitals":      {nil, fields{"PRIVATE-TOKEN": "a"}, restclient.Credential{Header: private, Value: "a"}, false},
		"under headers":    {nil, fields{"headers": fields{"authorization": "Bearer a"}}, restclient.Credential{Header: bearer, Value: "Bearer a"}, false},
		"the same in both places": {nil, fields{"headers": fields{"JOB-TOKEN": "a"}, "job-token": "a"},
			restclient.Credential{Header: restclient.HeaderJobToken, Value: "a"}, false},
		"the same as the handshake": {http.Header{"Private-Token": {"a"}}, fields{"PRIVATE-TOKEN": "a"}, restclient.Credential{Header: private, Value: "a"}, false},
		"other fields":              {nil, fields{"trace": 1.0, "headers": "x"}, restclient.Credential{}, false},
		"another one":               {http.Header{"Private-Token": {"a"}}, fields{"PRIVATE-TOKEN": "b"}, restclient.Credential{}, true},
		"another header":            {http.Header{"Private-Token": {"a"}}, fields{"JOB-TOKEN": "a"}, restclient.Credential{}, true},
		"two of one name":           {nil, fields{"JOB-TOKEN": "a", "headers": fields{"job-token": "b"}}, restclient.Credential{}, true},
		"no string":                 {nil, fields{"JOB-TOKEN": 7.0}, restclient.Credential{}, true},
		"a line break":              {nil, fields{"JOB-TOKEN": "a\r\nX: y"}, restclient.Credential{}, true},
		"two in the handshake":      {http.Header{"Private-Token": {"a", "b"}}, nil, restclient.Credential{}, true},
	} {
		got, problem := authenticate(c.handshake, "192.0.2.1:1", c.payload)
		if got.Credential != c.want || (problem != "") != c.problem {
			t.Errorf("%s: %v, %q", name, got.Credential, problem)
		}
	}
}
