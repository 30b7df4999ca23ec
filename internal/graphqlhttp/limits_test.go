package graphqlhttp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// serve serves on loopback with a timeout for reading.
func serve(t *testing.T, h http.Handler, timeout time.Duration) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout = timeout
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// exchange sends raw bytes, and no more, and reads the answer.
func exchange(t *testing.T, address, raw string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const head = "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"

// gqlgen reads whatever comes; behind a MaxBytesReader it answers 200 with the reader's error.
func TestABodyOverTheLimitIsRefused(t *testing.T) {
	server := serve(t, newHandler(Config{BodyBytes: 100}, answering(`{}`)), time.Minute)
	long := `{"query":"{hello}","x":"` + strings.Repeat("x", 100) + `"}`
	for name, raw := range map[string]string{
		"told before":  head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 1<<40),
		"sent whole":   head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(long), long),
		"sent chunked": head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(long), long),
		"in the query": "GET /graphql?query=" + strings.Repeat("x", 100) + " HTTP/1.1\r\nHost: gateway\r\n\r\n",
	} {
		r := exchange(t, server.Listener.Addr().String(), raw)
		text, codes := answerOf(t, r)
		if r.StatusCode != http.StatusRequestEntityTooLarge || codes[0] != errcode.PayloadTooLarge ||
			!strings.Contains(text, `"limit":"body-bytes","value":100`) {
			t.Errorf("%s: %d %s", name, r.StatusCode, text)
		}
	}
}

// gqlgen answers 200 with "read tcp <address>: i/o timeout".
func TestABodyThatComesTooSlowlyIsRefused(t *testing.T) {
	server := serve(t, newHandler(limits, answering(`{}`)), 50*time.Millisecond)
	r := exchange(t, server.Listener.Addr().String(), head+"Content-Length: 1000\r\n\r\n{")
	text, codes := answerOf(t, r)
	if r.StatusCode != http.StatusRequestTimeout || codes[0] != errcode.RequestTimeout {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	for _, inside := range []string{"127.0.0.1", "tcp", "i/o"} {
		if strings.Contains(text, inside) {
			t.Errorf("the answer has %q in it: %s", inside, text)
		}
	}
}

// The time to read a request is not the time to execute it: net/http ends the context of a request
// whose read deadline passes meanwhile.
func TestReadingTimeDoesNotEndTheExecution(t *testing.T) {
	const reading = 20 * time.Millisecond
	h := newHandler(limits, func(ctx context.Context) *graphql.Response {
		select {
		case <-ctx.Done():
			return &graphql.Response{Errors: gqlerror.List{{Message: "ended"}}}
		case <-time.After(5 * reading):
			return &graphql.Response{Data: json.RawMessage(`{"hello":"world"}`)}
		}
	})
	server := serve(t, h, reading)
	for _, raw := range []string{
		head + "Content-Length: 19\r\n\r\n" + `{"query":"{hello}"}`,
		"GET /graphql?query={hello} HTTP/1.1\r\nHost: gateway\r\n\r\n",
	} {
		if text, codes := answerOf(t, exchange(t, server.Listener.Addr().String(), raw)); len(codes) > 0 {
			t.Errorf("%.4s: %s", raw, text)
		}
	}
}

// A request has no end in gqlgen but its client's patience.
func TestARequestEndsInTime(t *testing.T) {
	h := newHandler(Config{Timeout: 200 * time.Millisecond}, func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return &graphql.Response{Data: json.RawMessage(`{"hello":"` + context.Cause(ctx).Error() + `"}`)}
	})
	r := request{body: `{"query":"{hello}"}`}.send(t, h)
	if text, _ := answerOf(t, r); text != `{"data":{"hello":"the request took longer than 200ms"}}` {
		t.Error(text)
	}
}

func TestARequestThatEndedBeforeItBeganSaysSo(t *testing.T) {
	h := newHandler(Config{Timeout: time.Nanosecond}, answering(`{}`))
	r := request{body: `{"query":"{hello}"}`}.send(t, h)
	text, codes := answerOf(t, r)
	if r.StatusCode != http.StatusServiceUnavailable || codes[0] != errcode.RequestTimeout || !strings.Contains(text, `"limit":"request-timeout","value":"1ns"`) {
		t.Errorf("%d %s", r.StatusCode, text)
	}
}

func TestAnswersHaveALength(t *testing.T) {
	for _, size := range []int{10, 5000, 100_000} {
		data := `{"hello":"` + strings.Repeat("x", size) + `"}`
		server := serve(t, newHandler(Config{}, answering(data)), time.Minute)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			q, _ := http.NewRequest(method, server.URL+"/graphql?query={hello}", nil)
			r, err := server.Client().Do(q)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			r.Body.Close()
			if want := `{"data":` + data + "}"; err != nil || r.ContentLength != int64(len(want)) ||
				method == http.MethodGet && string(body) != want {
				t.Errorf("%s of %d: Content-Length %d, %d bytes, %v", method, size, r.ContentLength, len(body), err)
			}
		}
	}
}

func TestErrorsComeFirstAndExtensionsLast(t *testing.T) {
	h := newHandler(limits, func(ctx context.Context) *graphql.Response {
		graphql.RegisterExtension(ctx, "cost", 1)
		return &graphql.Response{Data: json.RawMessage(`{"hello":null}`), Errors: gqlerror.List{{Message: "no"}}}
	})
	r := request{body: `{"query":"{hello}"}`}.send(t, h)
	if text, _ := answerOf(t, r); text != `{"errors":[{"message":"no"}],"data":{"hello":null},"extensions":{"cost":1}}` {
		t.Error(text)
	}
}

// A body that grows past its buffer moves to a larger one and stays whole.
func TestBodiesOfEverySizeAreReadWhole(t *testing.T) {
	for _, size := range []int{0, smallBuffer - 1, smallBuffer, mediumBuffer, largeBuffer, largeBuffer + 1,
		3 * largeBuffer} {
		want := strings.Repeat("x", size)
		for _, length := range []int64{-1, int64(size)} {
			b := &buffer{pools: new(pools)}
			if err := b.read(strings.NewReader(want), length, nil); err != nil || string(b.bytes) != want {
				t.Errorf("%d bytes, told %d: %d bytes, %v", size, length, len(b.bytes), err)
			}
			b.free()
		}
	}
}
