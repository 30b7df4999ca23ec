package graphqlhttp

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jobgraph/graph/errcode"
)

// GitLab takes a token in the address. Here it would be ignored, and the answer would be that to a
// caller without a credential.
func TestATokenInTheAddressIsRefusedWithTheHeaderToSend(t *testing.T) {
	h := newHandler(limits, answering(`{"hello":"world"}`))
	for query, want := range map[string]string{
		"private_token=sesame": "PRIVATE-TOKEN: <token>", "query={hello}&job_token=sesame": "JOB-TOKEN: <token>", "access_token=sesame": "Authorization: Bearer <token>",
		"query={hello}&operationName=job_token": "", "my_token=1&query={hello}": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/graphql?"+query, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := w.Body.String()
		if want == "" {
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", query, w.Code, body)
			}
			continue
		}
		if w.Code != http.StatusBadRequest || !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(body, `\u003c`, "<"),
			`\u003e`, ">"), want) || !strings.Contains(body, errcode.BadRequest) || strings.Contains(body, "sesame") {
			t.Errorf("%s: %d %s", query, w.Code, body)
		}
	}
}
