package graphqlhttp

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"jobgraph/graph/errcode"
)

const (
	newType = "application/graphql-response+json"
	oldType = "application/json"
)

// What the GraphQL-over-HTTP specification and the audits of graphql-http want of a server.
// gqlgen's own transports answer 422 with "data":null to what does not parse or validate under
// application/json, 406 to a mutation by GET, and 400 to a method that is not allowed.
func TestAnswersAsTheSpecificationWants(t *testing.T) {
	const unsupported, notAllowed = errcode.UnsupportedMediaType, errcode.MethodNotAllowed
	h := newHandler(limits, answering(`{"hello":"world"}`))
	good, mutation := `{"query":"{ hello }"}`, "?query=mutation{write}"
	broken, unknown := `{"query":"{"}`, `{"query":"{ nothing }"}`
	coercion := `{"query":"query($n: Int!) { hello(n: $n) }","variables":{"n":null}}`
	for name, c := range map[string]struct {
		request
		status      int
		contentType string
		code        string
	}{
		"without Accept":                     {request{body: good}, 200, oldType, ""},
		"for any type":                       {request{body: good, accept: "*/*"}, 200, oldType, ""},
		"for the old type":                   {request{body: good, accept: oldType}, 200, oldType, ""},
		"for the new type":                   {request{body: good, accept: newType}, 200, newType, ""},
		"for both, the new one by name":      {request{body: good, accept: oldType + ", " + newType}, 200, newType, ""},
		"for a type it does not have":        {request{body: good, accept: "text/html"}, 406, oldType, errcode.NotAcceptable},
		"for another charset":                {request{body: good, accept: oldType + "; charset=utf-16"}, 406, oldType, errcode.NotAcceptable},
		"a charset in the request":           {request{method: "POST", contentType: oldType + "; charset=UTF-8", body: good}, 200, oldType, ""},
		"a query by GET":                     {request{method: "GET", query: "?query={hello}"}, 200, oldType, ""},
		"variables by GET":                   {request{method: "GET", query: `?query=query($n:Int){hello(n:$n)}&variables={"n":1}`}, 200, oldType, ""},
		"a name by GET":                      {request{method: "GET", query: `?query=query+A{hello}&operationName=A`}, 200, oldType, ""},
		"a mutation by GET":                  {request{method: "GET", query: mutation}, 405, oldType, notAllowed},
		"a mutation by HEAD":                 {request{method: "HEAD", query: mutation}, 405, oldType, notAllowed},
		"a mutation by POST":                 {request{body: `{"query":"mutation{write}"}`}, 200, oldType, ""},
		"a subscription for JSON":            {request{body: `{"query":"subscription{tick}"}`, accept: oldType}, 406, oldType, errcode.NotAcceptable},
		"null parameters":                    {request{body: `{"query":"{hello}","variables":null,"operationName":null,"extensions":null}`}, 200, oldType, ""},
		"an unknown parameter":               {request{body: `{"query":"{hello}","id":[{}]}`}, 200, oldType, ""},
		"PUT":                                {request{method: "PUT", contentType: oldType, body: good}, 405, oldType, notAllowed},
		"no content type":                    {request{method: "POST", body: good}, 415, oldType, unsupported},
		"a form":                             {request{method: "POST", contentType: "application/x-www-form-urlencoded", body: "query={hello}"}, 415, oldType, unsupported},
		"a multipart form":                   {request{method: "POST", contentType: "multipart/form-data; boundary=x", body: "--x--"}, 415, oldType, unsupported},
		"plain text":                         {request{method: "POST", contentType: "text/plain", body: good}, 415, oldType, unsupported},
		"a document as such":                 {request{method: "POST", contentType: "application/graphql", body: "{hello}"}, 415, oldType, unsupported},
		"another charset":                    {request{method: "POST", contentType: oldType + "; charset=latin1", body: good}, 415, oldType, unsupported},
		"no JSON":                            {request{body: `{ "not a JSON`}, 400, oldType, errcode.BadRequest},
		"no JSON, for the new type":          {request{body: `{ "not a JSON`, accept: newType}, 400, newType, errcode.BadRequest},
		"no query":                           {request{body: `{}`}, 400, oldType, errcode.BadRequest},
		"no parsing":                         {request{body: broken}, 200, oldType, "GRAPHQL_PARSE_FAILED"},
		"no parsing, for the new type":       {request{body: broken, accept: newType}, 400, newType, "GRAPHQL_PARSE_FAILED"},
		"not valid":                          {request{body: unknown}, 200, oldType, "GRAPHQL_VALIDATION_FAILED"},
		"not valid, for the new type":        {request{body: unknown, accept: newType}, 400, newType, "GRAPHQL_VALIDATION_FAILED"},
		"not of its type":                    {request{body: coercion}, 200, oldType, "GRAPHQL_VALIDATION_FAILED"},
		"not of its type, for the new type":  {request{body: coercion, accept: newType}, 400, newType, "GRAPHQL_VALIDATION_FAILED"},
		"GET with a parameter twice":         {request{method: "GET", query: "?query={hello}&query={hello}"}, 400, oldType, errcode.BadRequest},
		"GET with variables that are a list": {request{method: "GET", query: "?query={hello}&variables=[]"}, 400, oldType, errcode.BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.send(t, h)
			text, codes := answerOf(t, r)
			if r.StatusCode != c.status || r.Header.Get("Content-Type") != c.contentType+"; charset=utf-8" {
				t.Errorf("%d %s, want %d %s\n%s", r.StatusCode, r.Header.Get("Content-Type"), c.status, c.contentType, text)
			}
			if c.code == "" && text != `{"data":{"hello":"world"}}` || c.code != "" && (len(codes) != 1 || codes[0] != c.code) {
				t.Errorf("answered %s, want code %q", text, c.code)
			}
			if c.code != "" && strings.Contains(text, `"data"`) {
				t.Errorf("a request that was not executed has data: %s", text)
			}
			if c.status == http.StatusMethodNotAllowed && r.Header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(r.Header.Get("Vary"), "Accept") {
				t.Errorf("an answer that caches may keep: %v", r.Header)
			}
		})
	}
}

// A parameter of another type than the specification's is no request at all. encoding/json, as
// gqlgen's transports use it, tells the client which Go type it could not make of it.
func TestParametersOfAnotherTypeAreRefused(t *testing.T) {
	h := newHandler(limits, answering(`{}`))
	for parameter, values := range map[string][]string{
		"query":         {`{"a":1}`, "0", "false", `["{hello}"]`},
		"operationName": {`{"a":1}`, "0", "false", `["a"]`},
		"variables":     {`"string"`, "0", "false", `["array"]`},
		"extensions":    {`"string"`, "0", "false", `["array"]`},
	} {
		for _, value := range values {
			body := `{"query":"{hello}","` + parameter + `":` + value + `}`
			if parameter == "query" {
				body = `{"query":` + value + `}`
			}
			r := request{body: body}.send(t, h)
			text, codes := answerOf(t, r)
			if r.StatusCode != http.StatusBadRequest || codes[0] != errcode.BadRequest || !strings.Contains(text, parameter) {
				t.Errorf("%s: %d %s", body, r.StatusCode, text)
			}
		}
	}
}

func TestOptionsTellsTheMethods(t *testing.T) {
	r := request{method: http.MethodOptions}.send(t, newHandler(limits, answering(`{}`)))
	if r.StatusCode != http.StatusNoContent || r.Header.Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("%d, Allow: %s", r.StatusCode, r.Header.Get("Allow"))
	}
}

func TestAcceptIsNegotiated(t *testing.T) {
	for accept, want := range map[string]string{
		"application/*":                           oldType,
		newType + ";q=0.5, " + oldType:            oldType,
		newType + ", " + oldType + ";q=0.9":       newType,
		"*/*;q=0.1, " + newType:                   newType,
		newType + ";q=0, */*":                     oldType,
		"text/html, */*;q=0.5":                    oldType,
		newType + "; charset=utf-8":               newType,
		"application/json;q=0, application/*;q=1": newType,
		"text/html":                               "",
		"*/*;q=0":                                 "",
		newType + ";q=nonsense":                   "",
	} {
		chosen, ok := negotiate([]string{accept})
		got := ""
		if ok {
			got = [...]string{mediaJSON: oldType, mediaResponse: newType}[chosen]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", accept, got, want)
		}
	}
}

// A persisted query's hash says nothing of the operation: gqlgen's GET executes neither, but
// answers 406.
func TestAMutationByGetIsRefusedAlsoByItsHash(t *testing.T) {
	h := newHandler(limits, func(context.Context) *graphql.Response {
		t.Error("executed")
		return nil
	})
	const mutation = "mutation { write }"
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(mutation)))
	h.Use(extension.AutomaticPersistedQuery{Cache: graphql.MapCache[string]{hash: mutation}})
	query := url.Values{"extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`}}
	r := request{method: http.MethodGet, query: "?" + query.Encode()}.send(t, h)
	if text, codes := answerOf(t, r); r.StatusCode != http.StatusMethodNotAllowed ||
		codes[0] != errcode.MethodNotAllowed || r.Header.Get("Allow") != "POST" {
		t.Errorf("%d %s", r.StatusCode, text)
	}
}
