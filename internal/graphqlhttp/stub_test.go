package graphqlhttp

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// schema is one that answers what execute says.
type schema struct {
	parsed  *ast.Schema
	execute func(ctx context.Context) *graphql.Response
}

func (s *schema) Schema() *ast.Schema { return s.parsed }

func (s *schema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (s *schema) Exec(context.Context) graphql.ResponseHandler { return s.execute }

// answering always answers the same data.
func answering(data string) func(context.Context) *graphql.Response {
	return func(context.Context) *graphql.Response { return &graphql.Response{Data: json.RawMessage(data)} }
}

// endpoint is gqlgen's executor behind this package's transport.
type endpoint struct {
	*executor.Executor
	transport *Transport
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.transport.Do(w, r, e.Executor)
}

func newHandler(c Config, execute func(context.Context) *graphql.Response) *endpoint {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { hello(name: String, n: Int): String }
		type Mutation { write: String }
		type Subscription { tick: String }`})
	e := executor.New(&schema{parsed, execute})
	e.SetQueryCache(lru.New[*ast.QueryDocument](100))
	return &endpoint{e, New(c)}
}

// request is what a test sends: JSON by POST where it says nothing else.
type request struct {
	method, query, body, contentType, accept string
}

func (q request) send(t *testing.T, h http.Handler) *http.Response {
	t.Helper()
	if q.method == "" {
		q.method, q.contentType = http.MethodPost, "application/json"
	}
	r := httptest.NewRequest(q.method, "/graphql"+q.query, strings.NewReader(q.body))
	if q.contentType != "" {
		r.Header.Set("Content-Type", q.contentType)
	}
	if q.accept != "" {
		r.Header.Set("Accept", q.accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// answerOf is the body of an answer, which must be a GraphQL answer.
func answerOf(t *testing.T, r *http.Response) (text string, codes []string) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		t.Fatalf("the answer is not JSON: %v\n%s", err, body)
	}
	for _, e := range parsed.Errors {
		if e.Message == "" {
			t.Errorf("an error without a message: %s", body)
		}
		codes = append(codes, e.Extensions.Code)
	}
	return string(body), codes
}

var limits = Config{BodyBytes: 1 << 16, JSONDepth: 10, Timeout: time.Minute}
