package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jobgraph/internal/fakegitlab"
)

// eavesdropper listens to all that a gateway says: its answers to whatever it is asked, and its log.
type eavesdropper struct {
	*gateway
	behind  string // the upstream's address
	gitlab  *fakegitlab.Server
	printed *transcript
	answers int
}

// eavesdrop starts the command before a simulated GitLab whose pages have another address than the one that it is called by.
func eavesdrop(t *testing.T, flags ...string) *eavesdropper {
	t.Helper()
	e := &eavesdropper{printed: &transcript{}}
	log.SetOutput(e.printed)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	e.gitlab = fakegitlab.New(fakegitlab.Options{Dataset: company, Now: func() time.Time { return noon }, URL: "https://gitlab.example.com"})
	behind := httptest.NewServer(e.gitlab)
	t.Cleanup(behind.Close)
	e.behind = behind.Listener.Addr().String()
	e.gateway = &gateway{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	e.address = startPrinting(t, e.printed, append([]string{"-gitlab-url=" + behind.URL}, flags...)...)
	t.Cleanup(e.client.CloseIdleConnections)
	return e
}

// listen sends a request and looks at what is answered and printed.
func (e *eavesdropper) listen(t *testing.T, method, path string, header http.Header, body []byte) {
	t.Helper()
	request, err := http.NewRequest(method, e.address+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := e.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	e.answers++
	said := fmt.Sprintf("%v\n%s", response.Header, answer)
	if told := giveaways(said, e.behind); told != nil {
		t.Errorf("%s %s %.200s tells %q: %.1000s", method, path, body, told, said)
	}
}

// query listens to the answer to a query.
func (e *eavesdropper) query(t *testing.T, text string, variables json.RawMessage, header http.Header) {
	t.Helper()
	body, err := json.Marshal(operation{text, variables})
	if err != nil {
		t.Fatal(err)
	}
	header = header.Clone()
	header.Set("Content-Type", "application/json")
	e.listen(t, http.MethodPost, "/graphql", header, body)
}

// close looks at all that was printed.
func (e *eavesdropper) close(t *testing.T) {
	t.Helper()
	if told := giveaways(e.printed.String(), e.behind); told != nil {
		t.Errorf("printed %q:\n%s", told, e.printed)
	}
	if strings.Contains(e.printed.String(), "internal error") {
		t.Errorf("met a bug:\n%s", e.printed)
	}
	t.Logf("%d answers, %d bytes printed", e.answers, len(e.printed.String()))
}

// callers are headers with every kind of credential.
func everyCaller() []http.Header {
	return []http.Header{{}, as(maintainerToken), as(adminToken), as(guestToken), as(readOnlyToken), as(revokedToken), as("no-such-" + maintainerToken),
		{"Authorization": {"Bearer " + maintainerToken}}, {"Authorization": {"Basic " + maintainerToken}}, {"Job-Token": {jobToken}}, {"Private-Token": {jobToken}}}
}

// caseQueries are the queries and variables of the end-to-end cases.
func caseQueries(t *testing.T) []operation {
	t.Helper()
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	var all []operation
	for _, folder := range folders {
		query, err := os.ReadFile(filepath.Join(folder, "query.graphql"))
		if err != nil {
			t.Fatal(err)
		}
		o := operation{Query: string(query)}
		if variables := optional[json.RawMessage](t, folder, "variables.json"); variables != nil {
			o.Variables = *variables
		}
		all = append(all, o)
	}
	return all
}

func TestNoQueryTellsSecretsToAnyCaller(t *testing.T) {
	for name, flags := range map[string][]string{"": nil, "with a token of its own": {"-gitlab-token=" + maintainerToken}} {
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
	for n, f := range failures("http://evil.example/" + maintainerToken) {
		remove := e.gitlab.Inject(f.fault)
		for i, o := range queries {
			if i%16 == n%16 {
				e.query(t, o.Query, o.Variables, as(maintainerToken))
			}
		}
		remove()
	}
	e.close(t)
}

func TestNoBadRequestTellsSecrets(t *testing.T) {
	e := eavesdrop(t)
	header := as(maintainerToken)
	header.Set("Content-Type", "application/json")
	for _, body := range []string{"", "{", "null", "[]", maintainerToken, `"` + maintainerToken + `"`, `{"query":1}`, `{"query":"` + maintainerToken + `"}`, `{"query":"{ ` + maintainerToken + ` }"}`,
		`{"query":"{ __typename }","variables":"` + maintainerToken + `"}`, `{"query":"{ __typename }","extensions":7}`, `{"query":"{ __typename }"} ` + maintainerToken, "\xff\xfe", "{\"query\":\"\x00\"}",
		`{"query":"query($a:Int!){ project(id: $a) { id } }","variables":{"a":"` + strings.Repeat("x", 100) + `"}}`, `{"query":"{ node(id: \"gid://gitlab/Project/99999999999999999999\") { id } }"}`,
		strings.Repeat("[", 100_000), strings.Repeat("x", 2<<20)} {
		e.listen(t, http.MethodPost, "/graphql", header.Clone(), []byte(body))
	}
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "a/b/" + maintainerToken} {
		h := header.Clone()
		h.Set("Content-Type", media)
		e.listen(t, http.MethodPost, "/graphql", h, []byte(`{"query":"{ __typename }"}`))
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch, "PROPFIND"} {
		for _, path := range []string{"/", "/graphql", "/graphql?query=%7B__typename%7D", "/graphql?query=mutation%7B__typename%7D", "/graphql?variables=x", "/healthz", "/readyz", "/nothing/" + "here"} {
			e.listen(t, method, path, as(maintainerToken), nil)
		}
	}
	for _, bad := range []string{"\x01", "\x7f", "ü", "\r", "\x00"} {
		e.raw(t, "POST /graphql HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nPRIVATE-TOKEN: "+maintainerToken+bad+"\r\nContent-Length: 26\r\n\r\n"+`{"query":"{ __typename }"}`)
	}
	e.raw(t, "POST /graphql HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nPRIVATE-TOKEN: "+maintainerToken+"\r\nPRIVATE-TOKEN: "+adminToken+"\r\nContent-Length: 26\r\n\r\n"+`{"query":"{ __typename }"}`)
	e.raw(t, "GET "+maintainerToken+"\r\n\r\n")
	e.close(t)
}

// raw sends bytes that no client of net/http would, and wants to be refused.
func (e *eavesdropper) raw(t *testing.T, request string) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(e.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64<<10)
	n, err := connection.Read(answer)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 4")) {
		t.Errorf("%q: %v %s", request, err, answer[:n])
	}
	if told := giveaways(string(answer[:n]), e.behind); told != nil {
		t.Errorf("%q tells %q: %s", request, told, answer[:n])
	}
}
