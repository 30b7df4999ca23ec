package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// eavesdropper looks for secrets in all that a gateway sends and prints: its answers to any
// request, and its log.
type eavesdropper struct {
	*harness.Gateway
	gitlab  *fakegitlab.Server
	answers int
}

// eavesdrop starts the gateway, and collects what the standard logger prints too.
func eavesdrop(t *testing.T, flags ...string) *eavesdropper {
	t.Helper()
	gitlab := harness.Acme()
	e := &eavesdropper{Gateway: harness.Start(t, gitlab, flags...), gitlab: gitlab}
	log.SetOutput(e.Printed)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	return e
}

// listen sends a request and looks at its answer.
func (e *eavesdropper) listen(t *testing.T, method, path string, header http.Header, body []byte) {
	t.Helper()
	answer := e.Send(t, method, path, string(body), header)
	e.answers++
	text := fmt.Sprintf("%v\n%s", answer.Header, answer)
	if told := harness.Giveaways(text, e.Behind); told != nil {
		t.Errorf("%s %s %.200s tells %q: %.1000s", method, path, body, told, text)
	}
}

// query listens to the answer to a query.
func (e *eavesdropper) query(t *testing.T, text string, variables json.RawMessage, header http.Header) {
	t.Helper()
	body := harness.Operation{Query: text, Variables: variables}.Body()
	e.listen(t, http.MethodPost, "/graphql", header, []byte(body))
}

// close looks at all that was printed.
func (e *eavesdropper) close(t *testing.T) {
	t.Helper()
	if told := harness.Tokens(e.Printed.String()); told != nil {
		t.Errorf("printed %q:\n%s", told, e.Printed)
	}
	if strings.Contains(e.Printed.String(), "internal error") {
		t.Errorf("met a bug:\n%s", e.Printed)
	}
	t.Logf("%d answers, %d bytes printed", e.answers, len(e.Printed.String()))
}

// callers are headers with every kind of credential.
func everyCaller() []http.Header {
	return []http.Header{
		{},
		harness.As(harness.MaintainerToken),
		harness.As(harness.AdminToken),
		harness.As(harness.GuestToken),
		harness.As(harness.ReadOnlyToken),
		harness.As(harness.RevokedToken),
		harness.As("no-such-" + harness.MaintainerToken),
		{"Authorization": {"Bearer " + harness.MaintainerToken}},
		{"Authorization": {"Basic " + harness.MaintainerToken}},
		{"Job-Token": {harness.JobToken}},
		{"Private-Token": {harness.JobToken}},
	}
}

// caseQueries are the queries and variables of the end-to-end cases.
func caseQueries(t *testing.T) []harness.Operation {
	t.Helper()
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	var all []harness.Operation
	for _, folder := range folders {
		query, err := os.ReadFile(filepath.Join(folder, "query.graphql"))
		if err != nil {
			t.Fatal(err)
		}
		o := harness.Operation{Query: string(query)}
		if variables := optional[json.RawMessage](t, folder, "variables.json"); variables != nil {
			o.Variables = *variables
		}
		all = append(all, o)
	}
	return all
}

func TestNoQueryTellsSecretsToAnyCaller(t *testing.T) {
	for name, flags := range map[string][]string{"": nil, "with a token of its own": {"-gitlab-token=" + harness.MaintainerToken}} {
		t.Run(name, func(t *testing.T) {
			e := eavesdrop(t, flags...)
			callers := everyCaller()
			for i, o := range caseQueries(t) {
				for n, caller := range callers {
					if n < 2 || i%len(callers) == n { // nobody and the maintainer ask everything
						e.query(t, o.Query, o.Variables, caller)
					}
				}
			}
			e.close(t)
		})
	}
}

func TestNoFaultTellsSecrets(t *testing.T) {
	e := eavesdrop(t, "-request-timeout=200ms")
	queries := caseQueries(t)
	for n, f := range failures("http://evil.example/" + harness.MaintainerToken) {
		remove := e.gitlab.Inject(f.fault)
		for i, o := range queries {
			if i%16 == n%16 {
				e.query(t, o.Query, o.Variables, harness.As(harness.MaintainerToken))
			}
		}
		remove()
	}
	e.close(t)
}

func TestNoBadRequestTellsSecrets(t *testing.T) {
	e := eavesdrop(t)
	header := harness.As(harness.MaintainerToken)
	header.Set("Content-Type", "application/json")
	const secret = harness.MaintainerToken
	for _, body := range []string{
		"", "{", "null", "[]", secret, `"` + secret + `"`,
		`{"query":1}`, `{"query":"` + secret + `"}`, `{"query":"{ ` + secret + ` }"}`,
		`{"query":"{ __typename }","variables":"` + harness.MaintainerToken + `"}`, `{"query":"{ __typename }","extensions":7}`, `{"query":"{ __typename }"} ` + harness.MaintainerToken, "\xff\xfe", "{\"query\":\"\x00\"}",
		`{"query":"query($a:Int!){ project(id: $a) { id } }","variables":{"a":"` + strings.Repeat("x", 100) + `"}}`, `{"query":"{ node(id: \"gid://gitlab/Project/99999999999999999999\") { id } }"}`,
		strings.Repeat("[", 100_000), strings.Repeat("x", 2<<20)} {
		e.listen(t, http.MethodPost, "/graphql", header.Clone(), []byte(body))
	}
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "a/b/" + harness.MaintainerToken} {
		h := header.Clone()
		h.Set("Content-Type", media)
		e.listen(t, http.MethodPost, "/graphql", h, []byte(`{"query":"{ __typename }"}`))
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"} {
		for _, path := range []string{"/", "/graphql", "/graphql?query=%7B__typename%7D", "/graphql?query=mutation%7B__typename%7D", "/graphql?variables=x", "/healthz", "/readyz", "/nothing/" + "here"} {
			e.listen(t, method, path, harness.As(harness.MaintainerToken), nil)
		}
	}
	for _, bad := range []string{"\x01", "\x7f", "ü", "\r", "\x00"} {
		e.raw(t, "POST /graphql HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nPRIVATE-TOKEN: "+harness.MaintainerToken+bad+"\r\nContent-Length: 26\r\n\r\n"+`{"query":"{ __typename }"}`)
	}
	e.raw(t, "POST /graphql HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nPRIVATE-TOKEN: "+harness.MaintainerToken+"\r\nPRIVATE-TOKEN: "+harness.AdminToken+"\r\nContent-Length: 26\r\n\r\n"+`{"query":"{ __typename }"}`)
	e.raw(t, "GET "+harness.MaintainerToken+"\r\n\r\n")
	e.close(t)
}

// raw sends bytes that no client of net/http would. They must be refused.
func (e *eavesdropper) raw(t *testing.T, request string) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(e.Address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(harness.Patience))
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64<<10)
	n, err := connection.Read(answer)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) {
		t.Errorf("%q: %v %s", request, err, answer[:n])
	}
	if told := harness.Giveaways(string(answer[:n]), e.Behind); told != nil {
		t.Errorf("%q tells %q: %s", request, told, answer[:n])
	}
}
