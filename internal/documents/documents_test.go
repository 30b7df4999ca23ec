package documents

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/errcode"
)

func persisted(hash string) map[string]any {
	return map[string]any{"persistedQuery": map[string]any{"version": float64(1), "sha256Hash": hash}}
}

// ask resolves a request, and lets it pass validation where it is resolved.
func ask(e *Extension, r graphql.RawParams) (text, code string) {
	if err := e.MutateOperationParameters(context.Background(), &r); err != nil {
		return "", err.Extensions["code"].(string)
	}
	op := &graphql.OperationContext{RawQuery: r.Query, Extensions: r.Extensions, Operation: &ast.OperationDefinition{}}
	if err := e.MutateOperationContext(context.Background(), op); err != nil {
		return "", err.Message
	}
	return r.Query, ""
}

func trusted(t *testing.T, m string) *Trusted {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(file, []byte(m), 0o600); err != nil {
		t.Fatal(err)
	}
	trusted := Open(file)
	if err := trusted.Load(func(Manifest) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return trusted
}

func TestADocumentIsRegisteredByItsHash(t *testing.T) {
	e := New(Config{RegisteredBytes: 1 << 20}, nil)
	const text = "{ a }"
	hash := digest(text)
	if _, code := ask(e, graphql.RawParams{Extensions: persisted(hash)}); code != errcode.PersistedQueryNotFound {
		t.Errorf("before: %s", code)
	}
	if got, code := ask(e, graphql.RawParams{Query: text, Extensions: persisted(strings.ToUpper(hash))}); got != text {
		t.Errorf("with both: %s", code)
	}
	for _, r := range []graphql.RawParams{
		{Extensions: persisted(hash)}, {Extensions: map[string]any{IDKey: "sha256:" + hash}},
		{Extensions: map[string]any{IDKey: hash}},
	} {
		if got, code := ask(e, r); got != text {
			t.Errorf("after: %q, %s", got, code)
		}
	}
	if _, code := ask(e, graphql.RawParams{Query: "{ b }", Extensions: persisted(hash)}); code != errcode.BadUserInput {
		t.Errorf("another text: %s", code)
	}
}

// Registering is what anybody may do: it must not take more than its bound.
func TestRegisteredDocumentsAreBoundedInBytes(t *testing.T) {
	e := New(Config{RegisteredBytes: 10_000}, nil)
	for i := range 1000 {
		text := "{ a" + strings.Repeat("b", i) + " }"
		ask(e, graphql.RawParams{Query: text, Extensions: persisted(digest(text))})
		if e.Bytes() > 10_000 {
			t.Fatalf("%d bytes after %d documents", e.Bytes(), i+1)
		}
	}
	if e.Bytes() < 5_000 {
		t.Errorf("only %d bytes are used", e.Bytes())
	}
	huge := strings.Repeat("#", 20_000)
	ask(e, graphql.RawParams{Query: huge, Extensions: persisted(digest(huge))})
	if _, code := ask(e, graphql.RawParams{Extensions: persisted(digest(huge))}); code != errcode.PersistedQueryNotFound {
		t.Error("a document longer than the bound was kept")
	}
}

// replicas is what replicas share, in memory.
type replicas map[string]string

func (r replicas) FindDocument(_ context.Context, hash string, maxBytes int) (string, bool) {
	text, found := r[hash]
	return text, found && len(text) <= maxBytes
}

func (r replicas) AddDocument(_ context.Context, hash, text string, _ int) { r[hash] = text }

func TestADocumentIsRegisteredAtEveryReplica(t *testing.T) {
	shared := replicas{}
	c := Config{RegisteredBytes: 1 << 20, Shared: shared}
	a, b := New(c, nil), New(c, nil)
	const text = "{ a }"
	if _, code := ask(a, graphql.RawParams{Query: text, Extensions: persisted(digest(text))}); code != "" {
		t.Fatal(code)
	}
	if got, code := ask(b, graphql.RawParams{Extensions: persisted(digest(text))}); got != text {
		t.Errorf("at another replica: %q, %s", got, code)
	}
	clear(shared)
	if got, code := ask(b, graphql.RawParams{Extensions: map[string]any{IDKey: digest(text)}}); got != text {
		t.Errorf("once it was found: %q, %s", got, code)
	}
	shared[digest("{ b }")] = "{ another }"
	if got, code := ask(b, graphql.RawParams{Extensions: persisted(digest("{ b }"))}); code != errcode.PersistedQueryNotFound {
		t.Errorf("a text that does not have the hash: %q, %s", got, code)
	}
	shared["a name"] = "{ named }"
	named := graphql.RawParams{Extensions: map[string]any{IDKey: "a name"}}
	if got, code := ask(b, named); code != errcode.PersistedQueryNotFound {
		t.Errorf("an ID that is no hash: %q, %s", got, code)
	}
}

func TestMalformedNamesAreRefused(t *testing.T) {
	e := New(Config{RegisteredBytes: 1 << 20}, nil)
	for name, extensions := range map[string]map[string]any{
		"no object":      {"persistedQuery": "x"},
		"no hash":        {"persistedQuery": map[string]any{"version": float64(1)}},
		"a short hash":   persisted("ab"),
		"no hexadecimal": persisted(strings.Repeat("z", 64)),
		"a version":      {"persistedQuery": map[string]any{"version": float64(2), "sha256Hash": digest("")}},
		"no string":      {IDKey: 3.0},
		"an empty ID":    {IDKey: ""},
	} {
		if _, code := ask(e, graphql.RawParams{Extensions: extensions}); code != errcode.BadRequest {
			t.Errorf("%s: %s", name, code)
		}
	}
	if _, code := ask(e, graphql.RawParams{Query: "{a}", Extensions: map[string]any{IDKey: "x"}}); code != errcode.BadRequest {
		t.Errorf("both: %s", code)
	}
}

func TestDocumentsThatAreNotListed(t *testing.T) {
	list := trusted(t, `{"one": "{ a }", "`+digest("{ c }")+`": "{ c }", "sha256:`+digest("{ d }")+`": "{ d }"}`)
	for mode, want := range map[string]string{Allow: "", Log: "", Refuse: errcode.QueryNotInSafelist} {
		var logged []string
		c := Config{Mode: mode, RegisteredBytes: 1 << 20, Unlisted: func(op string) { logged = append(logged, op) }}
		e := New(c, list)
		if got, code := ask(e, graphql.RawParams{Extensions: map[string]any{IDKey: "one"}}); got != "{ a }" {
			t.Errorf("%s: a listed document by ID: %s", mode, code)
		}
		if _, code := ask(e, graphql.RawParams{Query: "{ a }"}); code != "" {
			t.Errorf("%s: a listed document by text: %s", mode, code)
		}
		for _, text := range []string{"{ c }", "{ d }"} {
			for _, named := range []map[string]any{{IDKey: "sha256:" + digest(text)}, {IDKey: digest(text)}, persisted(digest(text))} {
				if got, code := ask(e, graphql.RawParams{Extensions: named}); got != text {
					t.Errorf("%s: a listed document by its hash, %v: %s", mode, named, code)
				}
			}
		}
		if _, code := ask(e, graphql.RawParams{Query: "{ b }", OperationName: "B"}); code != want {
			t.Errorf("%s: a document that is not listed: %q, want %q", mode, code, want)
		}
		if wantLog := mode == Log; (len(logged) == 1 && logged[0] == "B") != wantLog {
			t.Errorf("%s: logged %v", mode, logged)
		}
		// A document registered while that was allowed is not listed by it.
		e.registered.add(t.Context(), digest("{ b }"), "{ b }")
		if _, code := ask(e, graphql.RawParams{Extensions: persisted(digest("{ b }"))}); code != want {
			t.Errorf("%s: a registered document: %q, want %q", mode, code, want)
		}
	}
}

func TestManifestsOfEachTool(t *testing.T) {
	apollo := `{"format":"apollo-persisted-query-manifest","version":1,"operations":[
		{"id":"x1","name":"A","type":"query","body":"query A { a }"}]}`
	for name, c := range map[string]struct{ manifest, id, want string }{
		"Relay and codegen": {`{"0a1b": "query A { a }"}`, "0a1b", "query A { a }"},
		"Apollo":            {apollo, "x1", "query A { a }"},
		"genqlient":         {`{"operations":[{"operationName":"A","query":"query A { a }"}]}`, digest("query A { a }"), "query A { a }"},
	} {
		m, err := Parse([]byte(c.manifest))
		if err != nil || m[c.id] != c.want {
			t.Errorf("%s: %v %v", name, m, err)
		}
	}
	for _, bad := range []string{
		``, `[]`, `{"a": 1}`, `{"format":"other","version":1}`, `{"format":"apollo-persisted-query-manifest","version":2}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"","body":"{a}"}]}`,
		`{"operations":[{"operationName":"A"}]}`,
	} {
		if m, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s is read as %v", bad, m)
		}
	}
}

func TestAManifestIsReadAgainWhenItChanges(t *testing.T) {
	list := trusted(t, `{"one": "{ a }"}`)
	ticks, told := make(chan time.Time), make(chan string)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		list.Watch(ctx, ticks, func(int) { told <- "reloaded" }, func(err error) { told <- err.Error() })
	}()
	write := func(content string, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(list.file, []byte(content), 0o600), os.Chtimes(list.file, at, at)); err != nil {
			t.Fatal(err)
		}
		ticks <- at
	}
	write(`{"two": "{ b }"}`, time.Unix(1, 0))
	if what := <-told; what != "reloaded" {
		t.Error(what)
	}
	if _, ok := list.find("one"); ok || !list.lists("{ b }") {
		t.Error("the manifest is not the new one")
	}
	write(`{"two": `, time.Unix(2, 0))
	if what := <-told; what == "reloaded" || !list.lists("{ b }") {
		t.Errorf("a broken manifest was used: %s", what)
	}
	stop()
	<-done
}
