package graphqlhttp

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	sseOnly       = "text/event-stream"
	multipartOnly = `multipart/mixed;subscriptionSpec="1.0"`
	tickBody      = `{"query":"subscription{tick}"}`
)

// events answers one response after the other, and then ends.
func events(responses ...*graphql.Response) func(context.Context) *graphql.Response {
	return func(ctx context.Context) *graphql.Response {
		if len(responses) == 0 {
			return nil
		}
		next := responses[0]
		responses = responses[1:]
		if id, ok := next.Extensions[EventID]; ok {
			graphql.RegisterExtension(ctx, EventID, id)
		}
		return next
	}
}

func ticked(n string) *graphql.Response {
	return &graphql.Response{Data: json.RawMessage(`{"tick":"` + n + `"}`)}
}

func body(t *testing.T, q request, c Config, execute func(context.Context) *graphql.Response) (*http.Response, string) {
	t.Helper()
	r := q.send(t, newHandler(c, execute))
	got, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(got)
}

func TestStreamsAreWrittenInTheFormThatTheClientAccepts(t *testing.T) {
	revoked := &graphql.Response{Errors: gqlerror.List{{
		Message: "revoked", Extensions: map[string]any{"code": "UNAUTHENTICATED"},
	}}}
	withID := func() *graphql.Response { // one for each case: the executor changes it
		r := ticked("2")
		r.Extensions = map[string]any{EventID: "17"}
		return r
	}
	partly := ticked("1")
	partly.Errors = gqlerror.List{{Message: "no"}}
	for name, c := range map[string]struct {
		accept    string
		responses []*graphql.Response
		want      string
	}{
		"server-sent events": {sseOnly, []*graphql.Response{ticked("1"), withID()}, ":\n\n" +
			"event: next\ndata: {\"data\":{\"tick\":\"1\"}}\n\n" +
			"id: 17\nevent: next\ndata: {\"data\":{\"tick\":\"2\"}}\n\n" +
			"event: complete\ndata:\n\n"},
		"server-sent events with errors beside data": {sseOnly, []*graphql.Response{partly}, ":\n\n" +
			"event: next\ndata: {\"errors\":[{\"message\":\"no\"}],\"data\":{\"tick\":\"1\"}}\n\n" +
			"event: complete\ndata:\n\n"},
		"server-sent events with a coded end": {sseOnly, []*graphql.Response{ticked("1"), revoked, ticked("2")}, ":\n\n" +
			"event: next\ndata: {\"data\":{\"tick\":\"1\"}}\n\n" +
			"event: next\ndata: {\"errors\":[{\"message\":\"revoked\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}\n\n" +
			"event: complete\ndata:\n\n"},
		"multipart": {multipartOnly, []*graphql.Response{ticked("1"), withID()}, "--graphql" +
			"\r\nContent-Type: application/json\r\n\r\n{\"payload\":{\"data\":{\"tick\":\"1\"}}}\r\n--graphql" +
			"\r\nContent-Type: application/json\r\n\r\n{\"payload\":{\"data\":{\"tick\":\"2\"}}}\r\n--graphql--\r\n"},
		"multipart with a coded end": {multipartOnly, []*graphql.Response{revoked}, "--graphql" +
			"\r\nContent-Type: application/json\r\n\r\n{\"payload\":null,\"errors\":[{\"message\":\"revoked\"," +
			"\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}\r\n--graphql--\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r, got := body(t, request{body: tickBody, accept: c.accept}, limits, events(c.responses...))
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if r.StatusCode != 200 || r.Header.Get("X-Accel-Buffering") != "no" ||
				!strings.Contains(r.Header.Get("Cache-Control"), "no-store") ||
				!strings.HasPrefix(r.Header.Get("Content-Type"), strings.SplitN(c.accept, ";", 2)[0]) {
				t.Errorf("%d %v", r.StatusCode, r.Header)
			}
		})
	}
}

func TestTheFormOfASubscription(t *testing.T) {
	const urql = "application/graphql-response+json, application/graphql+json, application/json, " +
		"text/event-stream, multipart/mixed"
	const apollo = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"
	for accept, want := range map[string]string{
		"": sseOnly, "*/*": sseOnly, "text/*": sseOnly, sseOnly: sseOnly, urql: sseOnly,
		apollo: "multipart/mixed", multipartOnly: "multipart/mixed", multipartOnly + ", text/event-stream;q=0.5": "multipart/mixed",
		"application/json": "", "application/graphql-response+json, application/json;q=0.9": "",
		"multipart/mixed, application/json": "", `multipart/mixed;deferSpec=20220824, application/json`: "",
	} {
		r, got := body(t, request{body: tickBody, accept: accept}, limits, events())
		kind := strings.SplitN(r.Header.Get("Content-Type"), ";", 2)[0]
		if want == "" && (r.StatusCode != 406 || !strings.Contains(got, "NOT_ACCEPTABLE")) || want != "" && kind != want {
			t.Errorf("%q: %d %s %s, want %q", accept, r.StatusCode, kind, got, want)
		}
	}
	// A client that lists streams beside JSON gets a plain query as JSON.
	for _, accept := range []string{urql, apollo, "text/event-stream, application/json"} {
		r, got := body(t, request{body: `{"query":"{hello}"}`, accept: accept}, limits, answering(`{"hello":"w"}`))
		if got != `{"data":{"hello":"w"}}` || !strings.Contains(r.Header.Get("Content-Type"), "json") {
			t.Errorf("%q: %s %s", accept, r.Header.Get("Content-Type"), got)
		}
	}
}

func TestAQueryIsAStreamForAClientThatAcceptsNothingElse(t *testing.T) {
	_, got := body(t, request{body: `{"query":"{hello}"}`, accept: sseOnly}, limits,
		events(&graphql.Response{Data: json.RawMessage(`{"hello":"w"}`)}))
	if got != ":\n\nevent: next\ndata: {\"data\":{\"hello\":\"w\"}}\n\nevent: complete\ndata:\n\n" {
		t.Errorf("%q", got)
	}
	_, got = body(t, request{body: `{"query":"{nothing}"}`, accept: sseOnly}, limits, events())
	if !strings.HasPrefix(got, ":\n\nevent: next\ndata: {\"errors\":[") || !strings.HasSuffix(got, "event: complete\ndata:\n\n") {
		t.Errorf("%q", got)
	}
	r, got := body(t, request{method: "GET", query: "?query=subscription{tick}", accept: sseOnly}, limits, events(ticked("1")))
	if r.StatusCode != 200 || !strings.Contains(got, `{"data":{"tick":"1"}}`) {
		t.Errorf("by GET: %d %q", r.StatusCode, got)
	}
}

func TestAQuietStreamHasHeartbeatsAndOutlivesARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Timeout: time.Second, Streams: StreamConfig{Heartbeat: 10 * time.Second}}
		_, got := body(t, request{body: tickBody, accept: sseOnly}, c, func(ctx context.Context) *graphql.Response {
			select {
			case <-time.After(25 * time.Second):
			case <-ctx.Done():
				t.Error("the stream ended with the time of a request")
			}
			return nil
		})
		if want := strings.Repeat(":\n\n", 3) + "event: complete\ndata:\n\n"; got != want {
			t.Errorf("%q", got)
		}
	})
}

func TestAStreamThatEndsByAShutdownIsNotComplete(t *testing.T) {
	c := Config{Streams: StreamConfig{Draining: func() bool { return true }}}
	if _, got := body(t, request{body: tickBody, accept: sseOnly}, c, events(ticked("1"))); strings.Contains(got, "complete") {
		t.Errorf("%q", got)
	}
	if _, got := body(t, request{body: tickBody, accept: multipartOnly}, c,
		events(ticked("1"))); strings.Contains(got, "--graphql--") {
		t.Errorf("%q", got)
	}
}

func TestAStreamThatIsNotAdmittedIsTold(t *testing.T) {
	c := Config{Streams: StreamConfig{Admit: func(context.Context) (func(), *gqlerror.Error) {
		return nil, gqlerror.Errorf("too many")
	}}}
	_, got := body(t, request{body: tickBody, accept: sseOnly}, c, events(ticked("1")))
	if got != ":\n\nevent: next\ndata: {\"errors\":[{\"message\":\"too many\"}]}\n\nevent: complete\ndata:\n\n" {
		t.Errorf("%q", got)
	}
}

// The headers of a stream are sent before its first response, and its operation ends when the
// client has gone.
func TestAClientThatGoesEndsItsOperation(t *testing.T) {
	ended := make(chan struct{})
	server := httptest.NewServer(newHandler(limits, func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		close(ended)
		return nil
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(tickBody))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", sseOnly)
	response, err := http.DefaultClient.Do(r) // returns with the headers
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	<-ended
}
