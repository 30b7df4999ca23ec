package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// credential is the header that a query is sent with. Its digits are where each query of a run
// without sharing has its own number.
const (
	credential = "PRIVATE-TOKEN: bench-000000000000\r\n"
	digits     = 12
)

// request is a request as it goes over the wire, head and body.
type request struct {
	bytes []byte
	token int // where the credential's digits end; 0 where there is no credential
}

// query is a request for a GraphQL document's answer.
func query(w workload) (request, error) {
	body, err := json.Marshal(struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName,omitempty"`
		Variables     map[string]any `json:"variables,omitempty"`
	}{w.Document, w.Operation, w.Variables})
	if err != nil {
		return request{}, err
	}
	head := "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
	if w.Gzip {
		head += "Accept-Encoding: gzip\r\n"
	}
	head += credential
	token := len(head) - len("\r\n")
	return request{fmt.Appendf(nil, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body), token}, nil
}

// restCall is a request for what a URI of the REST API has.
func restCall(uri string) request {
	return request{bytes: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: gitlab\r\nAccept: application/json\r\n\r\n", uri)}
}

// numbered puts a number into the request's credential. The request must be the caller's own.
func (r request) numbered(n int64) {
	for at := r.token - 1; at >= r.token-digits; at-- {
		r.bytes[at] = byte('0' + n%10)
		n /= 10
	}
}

func (r request) clone() request { return request{bytes.Clone(r.bytes), r.token} }

// connection is one kept-alive connection to a server.
type connection struct {
	net.Conn
	in   *bufio.Reader
	body bytes.Buffer
}

func dial(address string) (*connection, error) {
	c, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, in: bufio.NewReaderSize(c, 16<<10)}, nil
}

// exchange sends a request and returns the body of its answer, good until the next exchange. An
// answer other than 200 is an error.
func (c *connection) exchange(r request) ([]byte, error) {
	if _, err := c.Write(r.bytes); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	c.body.Reset()
	if _, err := c.body.ReadFrom(answer.Body); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %.300s", answer.StatusCode, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

// failure returns the errors of an answer as one; nil where it has none.
func failure(answer []byte) error {
	var told struct {
		Errors []struct{ Message string }
	}
	if z, err := gzip.NewReader(bytes.NewReader(answer)); err == nil {
		if answer, err = io.ReadAll(z); err != nil {
			return fmt.Errorf("the answer is damaged: %w", err)
		}
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	if len(told.Errors) == 0 {
		return nil
	}
	var messages []string
	for _, e := range told.Errors[:min(len(told.Errors), 3)] {
		messages = append(messages, e.Message)
	}
	return fmt.Errorf("the answer has errors: %s", strings.Join(messages, "; "))
}
