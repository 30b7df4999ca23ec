package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Operation is the body of a GraphQL request.
type Operation struct {
	Query         string          `json:"query"`
	OperationName string          `json:"operationName,omitempty"`
	Variables     json.RawMessage `json:"variables,omitempty"`
	Extensions    json.RawMessage `json:"extensions,omitempty"`
}

// Body returns the operation as JSON.
func (o Operation) Body() string {
	body, err := json.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("variables or extensions are not JSON: %v", err))
	}
	return string(body)
}

// QueryBody returns the body of a request with nothing but a query.
func QueryBody(query string) string { return Operation{Query: query}.Body() }

// Answer is an HTTP response. The fields below Body are those of a GraphQL answer, where it is one.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	Data       json.RawMessage
	Errors     []Error
	Extensions json.RawMessage
}

// Error is an error of a GraphQL answer.
type Error struct {
	Message    string
	Path       []any
	Extensions map[string]any
}

// Code returns the error's code.
func (e Error) Code() string {
	code, _ := e.Extensions["code"].(string)
	return code
}

// Code returns the code of the first error; "" where there is none.
func (a Answer) Code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Code()
}

func (a Answer) String() string { return string(a.Body) }

// Decode returns the data of an answer.
func Decode[T any](t testing.TB, a Answer) (data T) {
	t.Helper()
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Errorf("%v: %s", err, a)
	}
	return data
}

// As returns the header of a request with a personal access token.
func As(token string) http.Header { return http.Header{"Private-Token": {token}} }

// Post sends an operation.
func (g *Gateway) Post(t testing.TB, o Operation, header http.Header) Answer {
	t.Helper()
	return g.Send(t, http.MethodPost, "/graphql", o.Body(), header)
}

// Query sends a query as the maintainer.
func (g *Gateway) Query(t testing.TB, query string) Answer {
	t.Helper()
	return g.Post(t, Operation{Query: query}, As(MaintainerToken))
}

// Get requests a page.
func (g *Gateway) Get(t testing.TB, path string) Answer {
	t.Helper()
	return g.Send(t, http.MethodGet, path, "", nil)
}

// Send sends a request. A body without a Content-Type is sent as JSON.
func (g *Gateway) Send(t testing.TB, method, path, body string, header http.Header) Answer {
	t.Helper()
	a, err := g.send(context.Background(), method, path, body, header)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Encoded sends a request whose headers have Accept-Encoding, and returns the answer's headers and
// its body as it came.
func (g *Gateway) Encoded(t testing.TB, method, path, body string, header http.Header) (http.Header, []byte) {
	t.Helper()
	request, err := g.request(context.Background(), method, path, body, header)
	if err != nil {
		t.Fatal(err)
	}
	response, err := g.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Header, raw
}

// Begin sends a query as the maintainer, without waiting for its answer. goAway makes the client
// give up; what comes of answered then has no status.
func (g *Gateway) Begin(t testing.TB, query string) (goAway func(), answered <-chan Answer) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	answers := make(chan Answer, 1)
	go func() {
		a, _ := g.send(ctx, http.MethodPost, "/graphql", QueryBody(query), As(MaintainerToken))
		answers <- a
	}()
	return cancel, answers
}

// request returns a request. A body without a Content-Type is sent as JSON.
func (g *Gateway) request(ctx context.Context, method, path, body string, header http.Header) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, g.Address+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	if body != "" && request.Header["Content-Type"] == nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

func (g *Gateway) send(ctx context.Context, method, path, body string, header http.Header) (Answer, error) {
	request, err := g.request(ctx, method, path, body, header)
	if err != nil {
		return Answer{}, err
	}
	response, err := g.Client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	a := Answer{Status: response.StatusCode, Header: response.Header}
	if a.Body, err = io.ReadAll(response.Body); err != nil {
		return Answer{}, err
	}
	return a, a.decode()
}

// decode reads the GraphQL answer in a body of JSON.
func (a *Answer) decode() error {
	if !strings.Contains(a.Header.Get("Content-Type"), "json") {
		return nil
	}
	var answer struct {
		Data       json.RawMessage
		Errors     []Error
		Extensions json.RawMessage
	}
	if err := json.Unmarshal(a.Body, &answer); err != nil {
		return fmt.Errorf("the answer is not GraphQL's: %w: %.500s", err, a.Body)
	}
	a.Data, a.Errors, a.Extensions = answer.Data, answer.Errors, answer.Extensions
	return nil
}

// Ask sends a query as the maintainer and returns its data; an error in the answer fails the test.
func Ask[T any](t testing.TB, g *Gateway, query string, variables map[string]any) T {
	t.Helper()
	raw, err := json.Marshal(variables)
	if err != nil {
		t.Fatal(err)
	}
	a := g.Post(t, Operation{Query: query, Variables: raw}, As(MaintainerToken))
	if a.Errors != nil || bytes.Equal(a.Data, []byte("null")) {
		t.Fatalf("%s\nanswered %s", query, a)
	}
	return Decode[T](t, a)
}
